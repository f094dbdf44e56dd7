/** A canonical request in Anthropic's form: https://platform.claude.com/docs/en/api/messages/create */
import {
  dialectOf,
  type EncodedRequest,
  isObject,
  lacksSearch,
  searches,
  type Target,
  WEB_SEARCH_FIELD,
} from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  present,
  type ResponseFormat,
  type WebSearch,
} from "@headgate/contract";
import { readExtras } from "./extras.ts";
import { encodeConversation, marked } from "./messages.ts";
import { Refusals } from "./refusals.ts";
import { addressRequest } from "./request.ts";
import { encodeSampling, encodeThinking } from "./thinking.ts";

/**
 * `max_tokens` is required by the API. Without the client's value it is the model's maximum from the fragment; without
 * that, this one, which every Claude model since version 4 accepts.
 */
export const DEFAULT_MAX_TOKENS = 32_000;

export function encodeMessagesRequest(request: ChatRequest, target: Target): EncodedRequest {
  const { deployment } = target;
  const refusals = new Refusals(dialectOf(target).drop);
  refuseUnknown(request, refusals);
  const carried = readExtras(request.extra, refusals);
  if (lacksSearch(request, target)) refusals.drop(WEB_SEARCH_FIELD);
  const maxTokens = request.maxOutputTokens ?? deployment.maxOutputTokens ?? DEFAULT_MAX_TOKENS;
  const thought = encodeThinking(request, target, maxTokens, carried.thinking, refusals);
  const output = present({
    effort: thought.effort,
    format: encodeFormat(request.responseFormat),
  });
  const json = present({
    ...carried,
    model: deployment.upstream,
    max_tokens: maxTokens,
    ...encodeConversation(withJsonRule(request), refusals),
    stream: request.stream,
    ...encodeTools(request, searches(request, target)),
    thinking: thought.thinking,
    output_config: Object.keys(output).length === 0 ? undefined : output,
    ...encodeSampling(request, target, thought.on, refusals),
    stop_sequences: request.stop,
    metadata: request.user === undefined ? undefined : { user_id: request.user },
  });
  const encoded = addressRequest({ bytes: Buffer.from(JSON.stringify(json)), json }, target);
  return { ...encoded, dropped: [...refusals.dropped, ...encoded.dropped] };
}

function refuseUnknown(request: ChatRequest, refusals: Refusals): void {
  const { seed, frequencyPenalty, presencePenalty } = request;
  if (seed !== undefined) refusals.refuse("seed", "Anthropic takes no seed");
  if ((frequencyPenalty ?? 0) !== 0)
    refusals.refuse("frequency_penalty", "Anthropic takes no frequency_penalty");
  if ((presencePenalty ?? 0) !== 0)
    refusals.refuse("presence_penalty", "Anthropic takes no presence_penalty");
}

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool */
const searchTool = ({ maxUses, allowedDomains, blockedDomains }: WebSearch): JsonObject =>
  present({
    type: "web_search_20250305",
    name: "web_search",
    max_uses: maxUses,
    allowed_domains: allowedDomains,
    blocked_domains: blockedDomains,
  });

function encodeTools(
  { tools = [], toolChoice, parallelToolCalls, webSearch = {} }: ChatRequest,
  search: boolean,
): {
  tools?: JsonValue;
  tool_choice?: JsonValue;
} {
  const own = search ? [searchTool(webSearch)] : [];
  if (tools.length === 0) return search ? { tools: own } : {};
  const functions = tools.map(({ name, description, parameters, strict, cache }) => ({
    ...present({
      name,
      description,
      input_schema: { type: "object", ...parameters },
      strict: strict === true ? true : undefined,
    }),
    ...marked(cache),
  }));
  const encoded = [...functions, ...own];
  const choice =
    toolChoice === undefined
      ? undefined
      : typeof toolChoice === "object"
        ? { type: "tool", name: toolChoice.name }
        : { type: toolChoice === "required" ? "any" : toolChoice };
  if (parallelToolCalls !== false || choice?.type === "none") {
    return choice === undefined ? { tools: encoded } : { tools: encoded, tool_choice: choice };
  }
  return {
    tools: encoded,
    tool_choice: { ...(choice ?? { type: "auto" }), disable_parallel_tool_use: true },
  };
}

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
function encodeFormat(format: ResponseFormat | undefined): JsonValue | undefined {
  if (format?.type !== "json-schema") return undefined;
  return { type: "json_schema", schema: closed(format.schema) };
}

const JSON_RULE =
  "Answer with one valid JSON object. Write nothing before or after it, and no code fence around it.";

/** The API writes JSON to a schema only, and takes no open schema: JSON of any shape is asked for in words. */
function withJsonRule({ messages, responseFormat }: ChatRequest): readonly ChatMessage[] {
  if (responseFormat?.type !== "json") return messages;
  return [...messages, { role: "system", content: [{ type: "text", text: JSON_RULE }] }];
}

/** The API requires `additionalProperties: false` on every object; such an answer is valid for the open schema too. */
function closed(schema: JsonObject): JsonObject {
  const open = schema.type === "object" && schema.additionalProperties === undefined;
  const entries = Object.entries(schema).map(([keyword, value]): [string, JsonValue] => {
    if (NAMED_SCHEMAS.has(keyword) && isObject(value)) {
      return [keyword, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, closedIn(one)]))];
    }
    return [keyword, SCHEMAS.has(keyword) ? closedIn(value) : value];
  });
  return { ...Object.fromEntries(entries), ...(open ? { additionalProperties: false } : {}) };
}

const NAMED_SCHEMAS = new Set(["properties", "$defs", "definitions"]);
const SCHEMAS = new Set(["items", "anyOf", "allOf"]);

function closedIn(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => closedIn(item));
  return isObject(value) ? closed(value) : value;
}
