/** Reads a Messages body once: checks it, and collects what routing needs. */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { NEED, type RequestFacts } from "@headgate/router";
import { isArray } from "../../http/json-body.ts";
import {
  blocksOf,
  optionalCount,
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  requiredObject,
  requiredText,
  wrong,
} from "./check.ts";
import { isSearchTool } from "./search-tool.ts";

export interface MessagesFacts extends RequestFacts {
  readonly stream: boolean;
  readonly mockFallback: boolean;
}

const ROLES: ReadonlySet<JsonValue | undefined> = new Set(["user", "assistant", "system"]);
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** @throws {ClientError} 400 with the path of the first field that is wrong. */
export function messagesFacts(body: JsonObject): MessagesFacts {
  const facts = promptFacts(body);
  if (body.max_tokens === undefined || body.max_tokens === null) throw wrong("max_tokens", "field required");
  optionalCount(body, "max_tokens");
  for (const name of ["temperature", "top_p"]) {
    const value = optionalNumber(body, name);
    if (value !== undefined && (value < 0 || value > 1)) throw wrong(name, "must be from 0 to 1");
  }
  optionalCount(body, "top_k");
  const stops = optionalList(body, "stop_sequences") ?? [];
  stops.forEach((stop, at) => {
    if (typeof stop !== "string") throw wrong(`stop_sequences.${at}`, "must be a string");
  });
  const metadata = optionalObject(body, "metadata");
  if (metadata !== undefined) optionalText(metadata, "user_id", "metadata.user_id");
  return {
    ...facts,
    stream: optionalFlag(body, "stream") ?? false,
    mockFallback: optionalFlag(body, "mock_testing_fallbacks") ?? false,
  };
}

/** The part that counting tokens shares: model, system, messages, tools, thinking. */
export function promptFacts(body: JsonObject): RequestFacts {
  const model = requiredText(body, "model", "model");
  if (model === "") throw wrong("model", "must not be empty");
  checkSystem(body.system);
  const messages = optionalList(body, "messages");
  if (messages === undefined) throw wrong("messages", "field required");
  if (messages.length === 0) throw wrong("messages", "at least one message is required");
  const reading: Reading = { needs: checkTools(body), called: new Set() };
  messages.forEach((message, at) => {
    readMessage(message, `messages.${at}`, reading);
  });
  const output = optionalObject(body, "output_config");
  if (output !== undefined) {
    optionalText(output, "effort", "output_config.effort");
    const format = optionalObject(output, "format", "output_config.format");
    if (format !== undefined) {
      requiredObject(format, "schema", "output_config.format.schema");
      reading.needs |= NEED.json;
    }
  }
  const thinking = optionalObject(body, "thinking");
  if (thinking !== undefined) {
    requiredText(thinking, "type", "thinking.type");
    const budget = optionalCount(thinking, "budget_tokens", "thinking.budget_tokens");
    if (thinking.type === "enabled" && budget === undefined)
      throw wrong("thinking.budget_tokens", "field required");
  }
  return { model, operation: "chat", needs: reading.needs };
}

interface Reading {
  needs: number;
  /** Ids of the tool uses so far. */
  readonly called: Set<string>;
}

function checkSystem(system: JsonValue | undefined): void {
  if (system === undefined || system === null || typeof system === "string") return;
  if (!isArray(system)) throw wrong("system", "must be a string or an array of text blocks");
  for (const [at, block] of blocksOf(system, "system").entries()) {
    if (block.type !== "text") throw wrong(`system.${at}.type`, "must be `text`");
    requiredText(block, "text", `system.${at}.text`);
  }
}

function checkTools(body: JsonObject): number {
  const tools = optionalList(body, "tools") ?? [];
  const names = new Set<JsonValue | undefined>();
  tools.forEach((tool, at) => {
    const path = `tools.${at}`;
    if (!isObject(tool)) throw wrong(path, "must be an object");
    const type = optionalText(tool, "type", `${path}.type`);
    if (names.has(tool.name)) throw wrong(`${path}.name`, "tool names must be unique");
    if (tool.name !== undefined) names.add(tool.name);
    if (type !== undefined && type !== "custom") return;
    if (requiredText(tool, "name", `${path}.name`) === "") throw wrong(`${path}.name`, "must not be empty");
    requiredObject(tool, "input_schema", `${path}.input_schema`);
    optionalText(tool, "description", `${path}.description`);
  });
  const choice = optionalObject(body, "tool_choice");
  if (choice !== undefined) {
    const type = requiredText(choice, "type", "tool_choice.type");
    if (!["auto", "any", "tool", "none"].includes(type))
      throw wrong("tool_choice.type", "must be auto, any, tool or none");
    const named = type === "tool" ? requiredText(choice, "name", "tool_choice.name") : undefined;
    if (named !== undefined && !names.has(named))
      throw wrong("tool_choice.name", `no tool has the name ${JSON.stringify(named)}`);
    if (type === "any" && tools.length === 0) throw wrong("tool_choice.type", "any needs at least one tool");
  }
  const hosted = tools.filter((tool) => isObject(tool) && isSearchTool(tool));
  // Beside other tools the search is one of the model's ways; alone, the request depends on it.
  if (hosted.length > 0 && hosted.length === tools.length) return NEED.search;
  return tools.length > 0 ? NEED.tools : 0;
}

function readMessage(message: JsonValue, path: string, reading: Reading): void {
  if (!isObject(message)) throw wrong(path, "must be an object");
  if (!ROLES.has(message.role)) throw wrong(`${path}.role`, "must be user, assistant or system");
  const { content } = message;
  if (typeof content === "string") return;
  if (content === undefined || content === null) throw wrong(`${path}.content`, "field required");
  if (!isArray(content)) throw wrong(`${path}.content`, "must be a string or an array of content blocks");
  readBlocks(content, `${path}.content`, reading);
}

function readBlocks(list: readonly JsonValue[], path: string, reading: Reading): void {
  for (const [at, block] of blocksOf(list, path).entries()) readBlock(block, `${path}.${at}`, reading);
}

/** Unknown blocks pass: an upstream of this wire may know them. */
function readBlock(block: JsonObject & { type: string }, path: string, reading: Reading): void {
  switch (block.type) {
    case "text":
      requiredText(block, "text", `${path}.text`);
      break;
    case "image":
      reading.needs |= NEED.vision;
      checkSource(block, path, reading);
      break;
    case "document":
      checkSource(block, path, reading);
      break;
    case "search_result":
      readInner(block.content, `${path}.content`, reading);
      break;
    case "thinking":
      requiredText(block, "thinking", `${path}.thinking`);
      break;
    case "redacted_thinking":
      requiredText(block, "data", `${path}.data`);
      break;
    case "tool_use":
      reading.called.add(requiredText(block, "id", `${path}.id`));
      requiredText(block, "name", `${path}.name`);
      requiredObject(block, "input", `${path}.input`);
      break;
    case "tool_result":
      readToolResult(block, path, reading);
  }
}

function readToolResult(block: JsonObject, path: string, reading: Reading): void {
  const id = requiredText(block, "tool_use_id", `${path}.tool_use_id`);
  if (!reading.called.has(id))
    throw wrong(`${path}.tool_use_id`, `no tool_use block before it has the id ${JSON.stringify(id)}`);
  optionalFlag(block, "is_error", `${path}.is_error`);
  readInner(block.content, `${path}.content`, reading);
}

/** Content inside a block: a string, blocks, or nothing. */
function readInner(content: JsonValue | undefined, path: string, reading: Reading): void {
  if (content === undefined || content === null || typeof content === "string") return;
  if (!isArray(content)) throw wrong(path, "must be a string or an array of content blocks");
  readBlocks(content, path, reading);
}

function checkSource(block: JsonObject, path: string, reading: Reading): void {
  const source = requiredObject(block, "source", `${path}.source`);
  const type = requiredText(source, "type", `${path}.source.type`);
  if (type === "base64") {
    requiredText(source, "media_type", `${path}.source.media_type`);
    const data = requiredText(source, "data", `${path}.source.data`);
    if (data === "" || !BASE64.test(data)) throw wrong(`${path}.source.data`, "is not base64");
  } else if (type === "url") {
    const url = requiredText(source, "url", `${path}.source.url`);
    if (!/^https?:\/\//i.test(url)) throw wrong(`${path}.source.url`, "must be an http or https address");
  } else if (type === "text") requiredText(source, "data", `${path}.source.data`);
  else if (type === "content") readInner(source.content, `${path}.source.content`, reading);
}
