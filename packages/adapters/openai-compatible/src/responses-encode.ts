/**
 * A canonical request in the form of OpenAI's Responses API, for what the provider takes there alone.
 * https://platform.openai.com/docs/api-reference/responses/create
 */
import {
  dialectOf,
  type EncodedRequest,
  EncodeError,
  imageUrl,
  isObject,
  joinText,
  parseExact,
  searches,
  type Target,
} from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ChatRequest,
  type ContentPart,
  type JsonObject,
  type JsonValue,
  present,
  type WebSearch,
} from "@headgate/contract";
import { encodeChat } from "./encode.ts";

export const RESPONSES_WIRE = "openai-responses";

/** Fields with one name on both routes. */
const SHARED = [
  "metadata",
  "parallel_tool_calls",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "service_tier",
  "stream",
  "temperature",
  "top_p",
  "user",
] as const;
/** Fields that become another one, or say nothing here. */
const TURNED: ReadonlySet<string> = new Set([
  "max_completion_tokens",
  "max_tokens",
  "messages",
  "model",
  "reasoning_effort",
  "response_format",
  "stream_options",
  "tool_choice",
  "tools",
  "verbosity",
  "web_search_options",
]);
/** Hints without a place here. */
const HINTS: ReadonlySet<string> = new Set(["prediction", "seed", "store"]);
/** "integer below minimum value" */
const LEAST_TOKENS = 16;

export function encodeResponses(request: ChatRequest, target: Target): EncodedRequest {
  // The rules for fields are those of the chat route.
  const { webSearch: _, ...searchless } = request;
  const plain = encodeChat({ ...searchless, messages: [] }, onRoute(target));
  const chat = parseExact(plain.body.toString("utf8"));
  if (!isObject(chat)) throw new TypeError("an encoded request is no JSON object");
  const dropped = [...plain.dropped];
  const encoder = new ItemEncoder(dropped);
  const json: JsonObject = present({
    model: target.deployment.upstream,
    input: request.messages.flatMap((message, index) => encoder.items(message, index)),
    // The gateway keeps conversations itself.
    store: false,
    include: reasons(target) ? ["reasoning.encrypted_content"] : undefined,
    ...Object.fromEntries(SHARED.map((name) => [name, chat[name]])),
    max_output_tokens: leastTokens(chat, dropped),
    reasoning: chat.reasoning_effort === undefined ? undefined : { effort: chat.reasoning_effort },
    text: textOf(chat),
    ...toolsOf(chat, request, target),
  });
  dropped.push(...leftOver(chat));
  return {
    path: dialectOf(target).responsesPath ?? "/responses",
    headers: plain.headers,
    body: Buffer.from(JSON.stringify(json)),
    dropped: [...new Set(dropped)],
  };
}

const reasons = ({ deployment }: Target): boolean => deployment.capabilities.includes("reasoning");

/** The target with the dialect of this route: functions go beside any effort. */
function onRoute(target: Target): Target {
  const { effort, ...dialect } = dialectOf(target);
  const { tools: _, ...free } = effort ?? {};
  return { ...target, deployment: { ...target.deployment, dialect: { ...dialect, effort: free } } };
}

function leastTokens(
  { max_completion_tokens: most, max_tokens: former }: JsonObject,
  dropped: string[],
): JsonValue | undefined {
  const tokens = most ?? former;
  if (typeof tokens !== "number" || tokens >= LEAST_TOKENS) return tokens;
  dropped.push("max_tokens");
  return LEAST_TOKENS;
}

/** @throws {EncodeError} for a field that would change the answer and has no place here */
function leftOver(chat: JsonObject): string[] {
  const shared: ReadonlySet<string> = new Set(SHARED);
  return Object.keys(chat).flatMap((name) => {
    if (shared.has(name) || TURNED.has(name)) return [];
    if (HINTS.has(name) || chat[name] === null) return [name];
    throw new EncodeError(`this provider's route for tools takes no ${name}`, name);
  });
}

function textOf({ response_format: format, verbosity }: JsonObject): JsonObject | undefined {
  if (format === undefined && verbosity === undefined) return undefined;
  const { json_schema: schema, ...rest } = isObject(format) ? format : {};
  const whole = isObject(schema) ? { ...rest, ...schema } : rest;
  return present({ format: isObject(format) ? whole : undefined, verbosity });
}

function toolsOf(
  { tools, tool_choice: choice }: JsonObject,
  request: ChatRequest,
  target: Target,
): JsonObject {
  const functions = (Array.isArray(tools) ? (tools as readonly JsonValue[]) : []).flatMap((tool) => {
    const called = isObject(tool) ? tool.function : undefined;
    if (!isObject(called)) return [];
    const { name, description, parameters = { type: "object", properties: {} }, strict = false } = called;
    // Unlike on the chat route, a function without `strict` is strict here.
    return [present({ type: "function", name, description, parameters, strict })];
  });
  const { webSearch = {} } = request;
  const all = searches(request, target) ? [...functions, searchTool(webSearch)] : functions;
  const named = isObject(choice) ? choice.function : undefined;
  return present({
    tools: all.length === 0 ? undefined : all,
    tool_choice: isObject(named) ? { type: "function", name: named.name ?? "" } : choice,
  });
}

/** https://platform.openai.com/docs/guides/tools-web-search */
const searchTool = ({ allowedDomains }: WebSearch): JsonObject =>
  present({
    type: "web_search",
    filters: allowedDomains === undefined ? undefined : { allowed_domains: allowedDomains },
  });

class ItemEncoder {
  readonly #dropped: string[];

  constructor(dropped: string[]) {
    this.#dropped = dropped;
  }

  items(message: ChatMessage, index: number): readonly JsonObject[] {
    const at = `messages[${index}]`;
    switch (message.role) {
      case "system":
      case "user": {
        const content = message.content.map((part, position) =>
          inputPart(part, `${at}.content[${position}]`),
        );
        return content.length === 0 ? [] : [{ type: "message", role: message.role, content }];
      }
      case "assistant":
        return this.#assistant(message, at);
      case "tool": {
        const output = message.content.every(({ type }) => type === "text")
          ? joinText(message.content, at, () => "")
          : message.content.map((part, position) => inputPart(part, `${at}.content[${position}]`));
        return [{ type: "function_call_output", call_id: message.toolCallId, output }];
      }
    }
  }

  #assistant(message: Extract<ChatMessage, { role: "assistant" }>, at: string): readonly JsonObject[] {
    const { reasoning, reasoningParts = [] } = message;
    const own = reasoningParts.filter(({ sealed }) => sealed?.wire === RESPONSES_WIRE);
    if (own.length < reasoningParts.length || (own.length === 0 && reasoning !== undefined))
      this.#dropped.push("messages[].reasoning");
    const text = joinText(message.content, at, (type) => `an assistant message may not hold an ${type} part`);
    const calls = message.toolCalls.map(({ id, name, arguments: args }) => ({
      type: "function_call",
      call_id: id,
      name,
      arguments: args,
    }));
    // Reasoning is refused without what it led to.
    const thoughts = text === "" && calls.length === 0 ? [] : own;
    return [
      ...thoughts.map(({ text: summary, sealed }) => ({
        type: "reasoning",
        summary: summary === "" ? [] : [{ type: "summary_text", text: summary }],
        encrypted_content: sealed?.data ?? "",
      })),
      ...(text === ""
        ? []
        : [{ type: "message", role: "assistant", content: [{ type: "output_text", text }] }]),
      ...calls,
    ];
  }
}

function inputPart(part: ContentPart, at: string): JsonObject {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text };
    case "image":
      return { type: "input_image", image_url: imageUrl(part, at), detail: part.detail ?? "auto" };
    case "file":
      return part.url === undefined
        ? {
            type: "input_file",
            filename: part.name ?? "document",
            file_data: `data:${part.mediaType};base64,${part.data ?? ""}`,
          }
        : { type: "input_file", file_url: part.url };
    case "audio":
      throw new EncodeError("this provider's route for tools takes no audio", at);
  }
}
