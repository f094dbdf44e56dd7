/** OpenAI's chat completions, as coding clients and SDKs write and read them. */
import { PIXEL } from "../support/matrix-samples.ts";
import type { Conversation, Heard, Json, ResultSpec, Turn, Writer } from "./conversation.ts";
import { parseExact } from "./exact.ts";
import { eventsOf, list, object, text } from "./reading.ts";

const image = { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } };
const part = (words: string, cached = false): Json => ({
  type: "text",
  text: words,
  ...(cached ? { cache_control: { type: "ephemeral" } } : {}),
});

function resultContent({ form, text: words }: ResultSpec): unknown {
  if (form === "parts") return [part(words), part("end")];
  return form === "image" ? [part(words), image] : words;
}

function messagesOf(turn: Turn): unknown[] {
  switch (turn.kind) {
    case "system":
      return [{ role: turn.role, content: turn.text }];
    case "user":
      if (turn.image !== true && turn.cached !== true) return [{ role: "user", content: turn.text }];
      return [
        { role: "user", content: [part(turn.text, turn.cached), ...(turn.image === true ? [image] : [])] },
      ];
    case "assistant": {
      const calls = turn.calls.map(({ id, name, arguments: args, custom }) => ({
        id,
        type: "function",
        function: { name, arguments: custom === true ? JSON.stringify({ input: args }) : args },
      }));
      return [
        {
          role: "assistant",
          content: turn.text ?? (calls.length > 0 ? null : ""),
          ...(turn.reasoning === undefined ? {} : { reasoning_content: turn.reasoning }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
      ];
    }
    case "results":
      return [
        ...turn.results.map((result) => ({
          role: "tool",
          tool_call_id: result.id,
          content: resultContent(result),
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
export const TOWN = {
  type: "object",
  properties: { town: { type: "string", minLength: 1 } },
  required: ["town"],
  additionalProperties: false,
};

export const chat: Writer = {
  write(conversation, model, stream) {
    const { tools } = conversation;
    const body: Json = { model, messages: conversation.turns.flatMap(messagesOf) };
    if (stream) Object.assign(body, { stream, stream_options: { include_usage: true } });
    if (tools.length > 0) {
      body.tools = tools.map(({ name, description, schema, custom }) => ({
        type: "function",
        function: {
          name,
          description,
          ...(custom === true ? { parameters: CUSTOM } : schema && { parameters: schema }),
        },
      }));
      if (conversation.parallel !== undefined) body.parallel_tool_calls = conversation.parallel;
      if (conversation.toolChoice !== undefined) body.tool_choice = conversation.toolChoice;
    }
    Object.assign(body, chatFields(conversation));
    return { path: "/v1/chat/completions", body };
  },
  read: (raw, stream) => (stream ? streamed(raw) : whole(raw)),
};

function chatFields({ effort, format, temperature, topP, stop, maxTokens }: Conversation): Json {
  const schema = { type: "json_schema", json_schema: { name: "town", strict: true, schema: TOWN } };
  return {
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(format === undefined
      ? {}
      : { response_format: format === "schema" ? schema : { type: "json_object" } }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(stop === undefined ? {} : { stop }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
  };
}

function heard(message: Json, finish: unknown, ended: boolean): Heard {
  const calls = list(message.tool_calls);
  return {
    text: text(message.content),
    // DeepSeek's name and OpenRouter's: clients read both.
    reasoning: text(message.reasoning_content ?? message.reasoning),
    calls: calls.map((call) => ({
      id: text(call.id),
      name: text(object(call.function).name),
      arguments: text(object(call.function).arguments),
    })),
    whole: ended && finish === (calls.length > 0 ? "tool_calls" : "stop"),
    items: [message],
  };
}

function whole(raw: string): Heard {
  const choice = object(list(object(parseExact(raw)).choices)[0]);
  return heard(object(choice.message), choice.finish_reason, true);
}

function streamed(raw: string): Heard {
  const message: Json = { role: "assistant", content: null };
  const calls: Json[] = [];
  let finish: unknown = null;
  for (const event of eventsOf(raw)) {
    const choice = object(list(event.choices)[0]);
    finish = choice.finish_reason ?? finish;
    for (const [name, value] of Object.entries(object(choice.delta))) {
      if (name === "tool_calls") for (const piece of list(value)) merge(calls, piece);
      else if (Array.isArray(value)) message[name] = [...list(message[name]), ...value];
      else if (typeof value === "string" && name !== "role") message[name] = text(message[name]) + value;
      else if (value !== null && name !== "role") message[name] = value;
    }
  }
  if (calls.length > 0) message.tool_calls = calls;
  return heard(message, finish, /data: \[DONE\]\s*(?:: .*\s*)*$/.test(raw));
}

function merge(calls: Json[], { index, function: piece, ...rest }: Json): void {
  const at = typeof index === "number" ? index : calls.length;
  const before = object(calls[at]);
  const { name = object(before.function).name, arguments: more } = object(piece);
  calls[at] = {
    ...before,
    ...rest,
    function: { name, arguments: text(object(before.function).arguments) + text(more) },
  };
}
