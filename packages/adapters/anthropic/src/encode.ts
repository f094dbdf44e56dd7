/** A canonical request in Anthropic's form: https://platform.claude.com/docs/en/api/messages/create */
import {
  dialectOf,
  type EncodedRequest,
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
import { hasMaps, narrowed } from "./answer-schema.ts";
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
    format: encodeFormat(request.responseFormat, refusals),
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
function encodeFormat(format: ResponseFormat | undefined, refusals: Refusals): JsonValue | undefined {
  if (format?.type !== "json-schema" || hasMaps(format.schema)) return undefined;
  const schema = narrowed(format.schema, (keyword) =>
    refusals.drop(`response_format.json_schema.schema.${keyword}`),
  );
  return { type: "json_schema", schema };
}

const JSON_RULE =
  "Answer with one valid JSON object. Write nothing before or after it, and no code fence around it.";

/** The API writes JSON to a closed schema only: JSON of any shape, or with maps, is asked for in words. */
function withJsonRule({ messages, responseFormat }: ChatRequest): readonly ChatMessage[] {
  const rule = jsonRule(responseFormat);
  if (rule === undefined) return messages;
  return [...messages, { role: "system", content: [{ type: "text", text: rule }] }];
}

function jsonRule(format: ResponseFormat | undefined): string | undefined {
  if (format?.type === "json") return JSON_RULE;
  if (format?.type !== "json-schema" || !hasMaps(format.schema)) return undefined;
  return `${JSON_RULE} It is valid for this JSON Schema:\n${JSON.stringify(format.schema)}`;
}
