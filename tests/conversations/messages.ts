/** Anthropic's Messages API, as Claude Code writes and reads it. */
import { PIXEL } from "../support/matrix-samples.ts";
import { TOWN } from "./chat.ts";
import type { Heard, Json, ResultSpec, Turn, Writer } from "./conversation.ts";
import { parseExact } from "./exact.ts";
import { eventsOf, list, object, text } from "./reading.ts";

const image = { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } };
const block = (words: string, cached = false): Json => ({
  type: "text",
  text: words,
  ...(cached ? { cache_control: { type: "ephemeral" } } : {}),
});

function content({ form, text: words }: ResultSpec): unknown {
  if (form === "empty") return "";
  if (form === "parts") return [block(words), block("end")];
  return form === "image" ? [block(words), image] : words;
}

/** A signature of another model: Claude refuses it, and the gateway must not send it there. */
const FOREIGN = Buffer.from("a signature of another model").toString("base64");

function messageOf(turn: Turn): Json[] {
  switch (turn.kind) {
    case "system":
      return [{ role: "system", content: turn.text }];
    case "user":
      if (turn.image !== true && turn.cached !== true) return [{ role: "user", content: turn.text }];
      return [
        { role: "user", content: [block(turn.text, turn.cached), ...(turn.image === true ? [image] : [])] },
      ];
    case "assistant":
      return [
        {
          role: "assistant",
          content: [
            ...(turn.reasoning === undefined
              ? []
              : [{ type: "thinking", thinking: turn.reasoning, signature: FOREIGN }]),
            ...(turn.text === undefined ? [] : [block(turn.text)]),
            ...turn.calls.map(({ id, name, arguments: args, custom }) => ({
              type: "tool_use",
              id,
              name,
              input: custom === true ? { input: args } : parseExact(args),
            })),
          ],
        },
      ];
    case "results":
      return [
        {
          role: "user",
          content: [
            ...turn.results.map((result) => ({
              type: "tool_result",
              tool_use_id: result.id,
              content: content(result),
            })),
            ...(turn.after === undefined ? [] : [block(turn.after)]),
          ],
        },
      ];
    case "answer":
      return [{ role: "assistant", content: turn.items }];
    case "compaction":
      return [];
  }
}

const CUSTOM = { type: "object", properties: { input: { type: "string" } }, required: ["input"] };

export const messages: Writer = {
  write(conversation, model, stream) {
    const { turns, tools, effort, format, temperature, topP, stop, maxTokens = 8192 } = conversation;
    const first = turns[0];
    const body: Json = { model, stream, max_tokens: maxTokens };
    if (first?.kind === "system") body.system = [block(first.text)];
    body.messages = (first?.kind === "system" ? turns.slice(1) : turns).flatMap(messageOf);
    if (tools.length > 0) {
      body.tools = tools.map(({ name, description, schema, custom }) => ({
        name,
        description,
        input_schema: custom === true ? CUSTOM : (schema ?? { type: "object" }),
      }));
      const choice = { auto: "auto", required: "any", none: "none" }[conversation.toolChoice ?? "auto"];
      if (conversation.toolChoice !== undefined) body.tool_choice = { type: choice };
    }
    if (effort !== undefined) body.thinking = { type: "enabled", budget_tokens: 1024 };
    // Its own wire takes no other temperature while it thinks.
    if (temperature !== undefined && effort === undefined) body.temperature = Math.min(temperature, 1);
    if (topP !== undefined && temperature === undefined) body.top_p = topP;
    if (stop !== undefined) body.stop_sequences = stop.filter((one) => one.trim() !== "");
    if (format === "object") return undefined;
    if (format === "schema") body.output_config = { format: { type: "json_schema", schema: TOWN } };
    return { path: "/v1/messages", body };
  },
  read(raw, stream) {
    if (!stream) {
      const message = object(parseExact(raw));
      return heard(list(message.content), message.stop_reason);
    }
    const blocks: Json[] = [];
    const inputs = new Map<number, string>();
    let stop: unknown;
    let ended = false;
    for (const event of eventsOf(raw)) {
      const index = Number(event.index);
      const delta = object(event.delta);
      const at = object(blocks[index]);
      if (event.type === "content_block_start") blocks[index] = { ...object(event.content_block) };
      if (event.type === "message_delta") stop = delta.stop_reason;
      if (event.type === "message_stop") ended = true;
      if (event.type === "content_block_stop" && inputs.has(index))
        at.input = parseExact(inputs.get(index) || "{}");
      if (delta.type === "text_delta") at.text = text(at.text) + text(delta.text);
      if (delta.type === "thinking_delta") at.thinking = text(at.thinking) + text(delta.thinking);
      if (delta.type === "signature_delta") at.signature = text(at.signature) + text(delta.signature);
      if (delta.type === "input_json_delta")
        inputs.set(index, (inputs.get(index) ?? "") + text(delta.partial_json));
    }
    const answer = heard(blocks, stop);
    return { ...answer, whole: answer.whole && ended };
  },
};

function heard(blocks: readonly Json[], stop: unknown): Heard {
  const of = (type: string): Json[] => blocks.filter((one) => one.type === type);
  const calls = of("tool_use");
  return {
    text: of("text")
      .map((one) => text(one.text))
      .join(""),
    reasoning: of("thinking")
      .map((one) => text(one.thinking))
      .join(""),
    calls: calls.map((one) => ({
      id: text(one.id),
      name: text(one.name),
      arguments: JSON.stringify(one.input),
    })),
    whole: stop === (calls.length > 0 ? "tool_use" : "end_turn"),
    items: blocks,
  };
}
