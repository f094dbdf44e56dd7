/** Requests that prove the rules: for each one that is refused, and its nearest legal neighbour. */
import type { JsonObject } from "../../json.ts";
import type { ChatWire, TwinId } from "../twins.ts";

type Patch = JsonObject;

/** Patches are laid over the wire's plain request; `undefined` takes a field away. */
export interface Example {
  readonly twin: TwinId;
  /** Default: OpenAI's chat wire. */
  readonly wire?: ChatWire;
  readonly rule: string;
  readonly model?: string;
  readonly refused: Patch | readonly Patch[];
  readonly taken: Patch | readonly Patch[];
}

export const USER = { role: "user", content: "Hello" };
export const AGAIN = { role: "user", content: "And then?" };
export const SCHEMA = { type: "object", properties: { city: { type: "string" } } };

/** A function tool of the chat wire. */
export const tool = (name = "f", more: JsonObject = {}): JsonObject => ({
  type: "function",
  function: { name, description: "d", parameters: SCHEMA, ...more },
});
export const withParameters = (parameters: JsonObject): Patch => ({ tools: [tool("f", { parameters })] });
/** The schema of the one property. */
export const withProperty = (p: JsonObject | boolean): Patch =>
  withParameters({ type: "object", properties: { p } });

export const call = (id = "call_1", name = "f", args: unknown = '{"city":"Graz"}'): JsonObject => ({
  id,
  type: "function",
  function: { name, arguments: args as string },
});
export const calling = (calls: readonly JsonObject[] = [call()], more: JsonObject = {}): JsonObject => ({
  role: "assistant",
  content: "",
  tool_calls: calls,
  ...more,
});
export const result = (id = "call_1", content: JsonObject["x"] = "21 degrees"): JsonObject => ({
  role: "tool",
  tool_call_id: id,
  content,
});
/** A conversation with one call. */
export const loop = (id = "call_1", more: JsonObject = {}): Patch => ({
  messages: [USER, calling([call(id)], more), result(id)],
  tools: [tool()],
});
export const image = (url = "data:image/png;base64,AAAA"): JsonObject => ({
  type: "image_url",
  image_url: { url },
});
export const text = (words: string): JsonObject => ({ type: "text", text: words });
export const said = (...messages: readonly JsonObject[]): Patch => ({ messages });

export const PLAIN: Readonly<Record<ChatWire, JsonObject>> = {
  "openai-chat": { messages: [USER] },
  "openai-responses": { input: [USER] },
  "anthropic-messages": { max_tokens: 4096, messages: [USER] },
  gemini: { contents: [{ role: "user", parts: [{ text: "Hello" }] }] },
  "cohere-chat": { messages: [USER] },
  "ollama-chat": { messages: [USER] },
  "ollama-generate": { prompt: "Hello" },
};
