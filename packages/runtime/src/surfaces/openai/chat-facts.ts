/** Reads a chat-completions body once: checks it, and collects what routing needs. */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { NEED, type RequestFacts } from "@headgate/router";
import { badRequest, quoted } from "../../http/client-error.ts";
import { isArray } from "../../http/json-body.ts";
import { checkPartData } from "./base64-data.ts";
import { checkFields, checkTools } from "./chat-checks.ts";

const ROLES: ReadonlySet<JsonValue | undefined> = new Set([
  "system",
  "developer",
  "user",
  "assistant",
  "tool",
  "function",
]);

export interface ChatFacts extends RequestFacts {
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly mockFallback: boolean;
  /** JSON of any shape. */
  readonly wantsJson: boolean;
}

/** @throws {ClientError} 400 with the path of the first field that is wrong. */
export function chatFacts(body: JsonObject): ChatFacts {
  const model = modelName(body);
  checkFields(body);
  const { messages } = body;
  if (!isArray(messages))
    throw badRequest(
      messages === undefined ? "`messages` is missing." : "`messages` must be an array.",
      "messages",
    );
  if (messages.length === 0) throw badRequest("`messages` must hold at least one message.", "messages");
  let needs = 0;
  const calls = new Set<JsonValue | undefined>();
  for (let at = 0; at < messages.length; at += 1) needs |= messageNeeds(messages[at], at, calls);
  if (usesTools(body)) needs |= NEED.tools;
  checkTools(body);
  if (isObject(body.web_search_options)) needs |= NEED.search;
  const format = body.response_format;
  if (isObject(format) && format.type === "json_schema") needs |= NEED.json;
  return {
    model,
    operation: "chat",
    needs,
    stream: flag(body, "stream"),
    includeUsage: isObject(body.stream_options) && body.stream_options.include_usage === true,
    mockFallback: flag(body, "mock_testing_fallbacks"),
    wantsJson: isObject(format) && format.type === "json_object",
  };
}

export function modelName(body: JsonObject): string {
  const { model } = body;
  if (typeof model === "string" && model !== "") return model;
  throw badRequest(
    model === undefined ? "`model` is missing." : "`model` must be a non-empty string.",
    "model",
  );
}

export function flag(body: JsonObject, name: string): boolean {
  const value = body[name];
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  throw badRequest(`\`${name}\` must be true or false.`, name);
}

function usesTools(body: JsonObject): boolean {
  for (const name of ["tools", "functions"]) {
    const list = body[name];
    if (list === undefined || list === null) continue;
    if (!isArray(list)) throw badRequest(`\`${name}\` must be an array.`, name);
    for (let at = 0; at < list.length; at += 1) {
      if (!isObject(list[at])) throw badRequest("A tool must be an object.", `${name}[${at}]`);
    }
    if (list.length > 0) return true;
  }
  return false;
}

/** @param calls the ids of calls so far; the message's own are added */
function messageNeeds(message: JsonValue | undefined, at: number, calls: Set<JsonValue | undefined>): number {
  if (!isObject(message)) throw badRequest("A message must be an object.", `messages[${at}]`);
  if (!ROLES.has(message.role)) {
    const given = message.role === undefined ? "it is missing" : `not ${quoted(message.role)}`;
    throw badRequest(
      `A message's \`role\` must be one of ${[...ROLES].join(", ")}; ${given}.`,
      `messages[${at}].role`,
    );
  }
  if (message.role === "tool") checkResult(message, at, calls);
  else if (message.tool_calls !== undefined && message.tool_calls !== null)
    readCalls(message.tool_calls, at, calls);
  const { content } = message;
  if (typeof content === "string") return 0;
  if (content === undefined || content === null) {
    // A call, or an empty turn of the model.
    if (message.role === "assistant" || message.role === "function") return 0;
    throw badRequest(
      "A message needs its `content`: a string or an array of parts.",
      `messages[${at}].content`,
    );
  }
  if (!isArray(content))
    throw badRequest("`content` must be a string or an array of parts.", `messages[${at}].content`);
  let needs = 0;
  for (let index = 0; index < content.length; index += 1) {
    const part = content[index];
    if (!isObject(part) || typeof part.type !== "string") {
      throw badRequest(
        "A content part must be an object with a `type`.",
        `messages[${at}].content[${index}]`,
      );
    }
    if (part.type === "text") {
      if (typeof part.text === "string") continue;
      throw badRequest("A text part needs a `text`, a string.", `messages[${at}].content[${index}].text`);
    }
    checkPartData(part, `messages[${at}].content[${index}]`);
    if (part.type === "image_url") {
      checkImage(part.image_url, `messages[${at}].content[${index}].image_url`);
      needs |= NEED.vision;
    }
    if (part.type === "input_audio") needs |= NEED["audio-input"];
  }
  return needs;
}

function readCalls(list: JsonValue, at: number, calls: Set<JsonValue | undefined>): void {
  const path = `messages[${at}].tool_calls`;
  if (!isArray(list)) throw badRequest("`tool_calls` must be an array.", path);
  for (let index = 0; index < list.length; index += 1) {
    const call = list[index];
    if (!isObject(call)) throw badRequest("A tool call must be an object.", `${path}[${index}]`);
    calls.add(call.id);
  }
}

function checkImage(image: JsonValue | undefined, path: string): void {
  const url = isObject(image) ? image.url : image;
  if (typeof url !== "string" || url === "")
    throw badRequest("An image part needs an `image_url.url`.", `${path}.url`);
}

/** A tool result without its call means a conversation cut in the wrong place. Every model would refuse it. */
function checkResult(message: JsonObject, at: number, calls: ReadonlySet<JsonValue | undefined>): void {
  const { tool_call_id: id } = message;
  const path = `messages[${at}].tool_call_id`;
  if (typeof id !== "string") throw badRequest("A tool message needs the `tool_call_id` it answers.", path);
  if (!calls.has(id))
    throw badRequest(`No message before this one has a tool call with the id ${quoted(id)}.`, path);
}
