/** Ollama's native chat, as its own SDK writes and reads it: calls have no ids, arguments are objects. */
import { PIXEL } from "../support/matrix-samples.ts";
import { TOWN } from "./chat.ts";
import type { Heard, Json, Turn, Writer } from "./conversation.ts";
import { parseExact } from "./exact.ts";
import { eventsOf, list, object, text } from "./reading.ts";

function messagesOf(turn: Turn): unknown[] {
  switch (turn.kind) {
    case "system":
      return [{ role: "system", content: turn.text }];
    case "user":
      return [{ role: "user", content: turn.text, ...(turn.image === true ? { images: [PIXEL] } : {}) }];
    case "assistant": {
      const tool_calls = turn.calls.map(({ name, arguments: args, custom }) => ({
        function: { name, arguments: custom === true ? { input: args } : parseExact(args) },
      }));
      return [
        {
          role: "assistant",
          content: turn.text ?? "",
          ...(turn.reasoning === undefined ? {} : { thinking: turn.reasoning }),
          ...(tool_calls.length === 0 ? {} : { tool_calls }),
        },
      ];
    }
    case "results":
      return [
        ...turn.results.map(({ name, form, text: words }) => ({
          role: "tool",
          tool_name: name,
          content: form === "parts" ? `${words} end` : words,
          ...(form === "image" ? { images: [PIXEL] } : {}),
        })),
        ...(turn.after === undefined ? [] : [{ role: "user", content: turn.after }]),
      ];
    case "answer":
      return [...turn.items];
    case "compaction":
      return [];
  }
}

const CUSTOM = { type: "object", properties: { input: { type: "string" } }, required: ["input"] };

export const ollama: Writer = {
  write(conversation, model, stream) {
    const { turns, tools, effort, format, temperature, topP, stop, maxTokens } = conversation;
    if (conversation.toolChoice !== undefined) return undefined;
    const body: Json = { model, stream, messages: turns.flatMap(messagesOf) };
    if (tools.length > 0) {
      body.tools = tools.map(({ name, description, schema, custom }) => ({
        type: "function",
        function: {
          name,
          description,
          parameters: custom === true ? CUSTOM : (schema ?? { type: "object" }),
        },
      }));
    }
    if (effort !== undefined) body.think = effort;
    if (format !== undefined) body.format = format === "schema" ? TOWN : "json";
    const options = {
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { top_p: topP }),
      ...(stop === undefined ? {} : { stop }),
      ...(maxTokens === undefined ? {} : { num_predict: maxTokens }),
    };
    if (Object.keys(options).length > 0) body.options = options;
    return { path: "/api/chat", body };
  },
  read(raw, stream) {
    const lines = stream ? eventsOf(raw) : [object(parseExact(raw))];
    const parts = lines.map((line) => object(line.message));
    const joined = (name: string): string => parts.map((part) => text(part[name])).join("");
    const tool_calls = parts.flatMap((part) => list(part.tool_calls));
    const thinking = joined("thinking");
    return heard(
      {
        role: "assistant",
        content: joined("content"),
        ...(thinking === "" ? {} : { thinking }),
        ...(tool_calls.length === 0 ? {} : { tool_calls }),
      },
      lines.at(-1)?.done === true,
    );
  },
};

function heard(message: Json, whole: boolean): Heard {
  return {
    text: text(message.content),
    reasoning: text(message.thinking),
    calls: list(message.tool_calls).map((call) => ({
      name: text(object(call.function).name),
      arguments: JSON.stringify(object(call.function).arguments ?? {}),
    })),
    whole,
    items: [message],
  };
}
