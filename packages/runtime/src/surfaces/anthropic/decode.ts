/** A Messages body in canonical form, for upstreams of another wire, and the fields that are left out. */
import { EncodeError, GATEWAY_FIELDS, isObject } from "@headgate/adapter-kit";
import {
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  ownValue,
  type ResponseFormat,
  type Tool,
  type ToolChoice,
  type WebSearch,
} from "@headgate/contract";
import { isArray } from "../../http/json-body.ts";
import { cacheOf, decodeMessages, findHints } from "./decode-messages.ts";
import { decodeSearchTool, isSearchTool } from "./search-tool.ts";

const PLACED: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "max_tokens",
  "stream",
  "system",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "output_format",
  "metadata",
  ...GATEWAY_FIELDS,
]);

/** Bookkeeping, speed, caching and pruning: an answer without them is still correct. */
const HINTS: ReadonlySet<string> = new Set([
  "cache_control",
  "context_management",
  "diagnostics",
  "service_tier",
  "speed",
  "user_profile_id",
  "workspace_id",
]);

/** OpenAI's longest `user`; a longer one is refused by several providers. */
const MAX_USER_CHARS = 64;

export interface Translation {
  readonly request: ChatRequest;
  /** By this wire's names. */
  readonly leftOut: readonly string[];
  /** By canonical message: its path in the body. */
  readonly paths: readonly string[];
}

/** Canonical fields by this wire's names. */
const NAMES: Readonly<Record<string, string>> = {
  "messages[].reasoning": "messages.content.thinking",
  max_completion_tokens: "max_tokens",
  parallel_tool_calls: "tool_choice.disable_parallel_tool_use",
  reasoning_effort: "output_config.effort",
  response_format: "output_config.format",
  stop: "stop_sequences",
  user: "metadata.user_id",
  web_search_options: "tools.web_search",
};

/** From an adapter's name of a field to the client's path. */
export function fieldName(canonical: string, paths: readonly string[]): string {
  const at = /^messages\[(\d+)\]/.exec(canonical)?.[1];
  return (at === undefined ? undefined : paths[Number(at)]) ?? ownValue(NAMES, canonical) ?? canonical;
}

/**
 * @param body checked by messagesFacts
 * @throws {EncodeError} for what no other wire can express
 */
export function decodeRequest(body: JsonObject, stream: boolean): Translation {
  const leftOut = new Set<string>();
  for (const [name, value] of Object.entries(body)) {
    if (PLACED.has(name) || value === null || (isArray(value) && value.length === 0)) continue;
    if (!HINTS.has(name)) throw new EncodeError("reaches models of Anthropic's wire only", name);
    leftOut.add(name);
  }
  if (body.max_tokens === 0) throw new EncodeError("0 warms a cache that only Anthropic has", "max_tokens");
  for (const part of [body.system, body.messages, body.tools]) findHints(part, leftOut);
  const tools = decodeTools(body.tools, leftOut);
  const choice = tools === undefined || !isObject(body.tool_choice) ? undefined : body.tool_choice;
  const fields: { -readonly [K in keyof ChatRequest]?: ChatRequest[K] | undefined } = {
    tools,
    toolChoice: decodeToolChoice(choice),
    parallelToolCalls: choice?.disable_parallel_tool_use === true ? false : undefined,
    maxOutputTokens: numberOf(body.max_tokens),
    temperature: numberOf(body.temperature),
    topP: numberOf(body.top_p),
    topK: numberOf(body.top_k),
    stop: stopsOf(body.stop_sequences),
    responseFormat: decodeFormat(body),
    reasoningEffort: decodeEffort(body),
    user: userOf(body.metadata, leftOut),
    webSearch: searchOf(body.tools),
  };
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  const { messages, paths } = decodeMessages(body, leftOut);
  const request: ChatRequest = {
    messages,
    stream,
    // This wire ends every stream with usage.
    includeUsage: true,
    extra: {},
    ...Object.fromEntries(set),
  };
  return { request, leftOut: [...leftOut], paths };
}

const numberOf = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" ? value : undefined;

const stopsOf = (value: JsonValue | undefined): readonly string[] | undefined =>
  isArray(value) && value.length > 0 ? value.filter((stop) => typeof stop === "string") : undefined;

function userOf(metadata: JsonValue | undefined, leftOut: Set<string>): string | undefined {
  const user = isObject(metadata) ? metadata.user_id : undefined;
  if (typeof user !== "string" || user === "") return undefined;
  if (user.length <= MAX_USER_CHARS) return user;
  leftOut.add("metadata.user_id");
  return undefined;
}

function decodeTools(tools: JsonValue | undefined, leftOut: Set<string>): readonly Tool[] | undefined {
  if (!isArray(tools)) return undefined;
  const decoded = tools.flatMap((tool, at): Tool[] => {
    if (!isObject(tool)) return [];
    const { type } = tool;
    if (isSearchTool(tool)) return [];
    if (typeof type === "string" && type !== "custom") {
      // Tool search finds tools that are not loaded; here all tools are loaded.
      if (!type.startsWith("tool_search_tool_"))
        throw new EncodeError(
          `tools of the type ${type} reach models of Anthropic's wire only`,
          `tools.${at}.type`,
        );
      leftOut.add("tools.tool_search_tool");
      return [];
    }
    if (tool.defer_loading === true) leftOut.add("tools.defer_loading");
    if (tool.input_examples !== undefined) leftOut.add("tools.input_examples");
    return [
      {
        name: String(tool.name),
        ...(typeof tool.description === "string" ? { description: tool.description } : {}),
        parameters: isObject(tool.input_schema) ? tool.input_schema : {},
        ...(typeof tool.strict === "boolean" ? { strict: tool.strict } : {}),
        ...cacheOf(tool),
      },
    ];
  });
  return decoded.length === 0 ? undefined : decoded;
}

function searchOf(tools: JsonValue | undefined): WebSearch | undefined {
  const list = (isArray(tools) ? tools : []).filter((tool) => isObject(tool));
  const tool = list.find(isSearchTool);
  return tool === undefined ? undefined : decodeSearchTool(tool, list.every(isSearchTool));
}

function decodeToolChoice(choice: JsonObject | undefined): ToolChoice | undefined {
  if (choice === undefined) return undefined;
  if (choice.type === "tool") return { name: String(choice.name) };
  if (choice.type === "any") return "required";
  return choice.type === "none" ? "none" : "auto";
}

function decodeFormat(body: JsonObject): ResponseFormat | undefined {
  const config = body.output_config;
  const format = (isObject(config) ? config.format : undefined) ?? body.output_format;
  if (!isObject(format) || !isObject(format.schema)) return undefined;
  return { type: "json-schema", name: "answer", schema: format.schema, strict: true };
}

/** From these budgets on, in tokens. */
const MEDIUM_BUDGET = 4_096;
const HIGH_BUDGET = 16_384;

/**
 * The named effort, else the nearest to a budget. `xhigh` and `max` become `high`, the most that every wire knows.
 * Adaptive thinking without an effort leaves the effort to the model, as in Anthropic's API.
 */
function decodeEffort(body: JsonObject): string | undefined {
  const thinking = isObject(body.thinking) ? body.thinking : {};
  if (thinking.type === "disabled") return undefined;
  const effort = isObject(body.output_config) ? body.output_config.effort : undefined;
  if (typeof effort === "string") return effort === "xhigh" || effort === "max" ? "high" : effort;
  const budget = thinking.type === "enabled" ? numberOf(thinking.budget_tokens) : undefined;
  if (budget === undefined) return undefined;
  if (budget >= HIGH_BUDGET) return "high";
  return budget >= MEDIUM_BUDGET ? "medium" : "low";
}
