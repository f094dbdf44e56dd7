/** A chat-completions body in canonical form, for upstreams of another wire. */
import { DETAILS_WIRE, GATEWAY_FIELDS, isObject } from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ChatRequest,
  type ContentPart,
  type JsonObject,
  type JsonValue,
  type OwnFields,
  present,
  type ReasoningPart,
  type ResponseFormat,
  type Tool,
  type ToolCall,
  type ToolChoice,
} from "@headgate/contract";
import { badRequest } from "../../http/client-error.ts";
import { isArray } from "../../http/json-body.ts";
import { flagField, numberField, textField } from "../field-readers.ts";
import { BASE64, DATA_URL } from "./base64-data.ts";
import type { ChatFacts } from "./chat-facts.ts";
import { decodeSeal } from "./extra-content.ts";
import { decodeThinkingBlocks } from "./thinking-blocks.ts";

/** Fields with a place in the canonical form, and the gateway's own. Everything else is `extra`. */
const PLACED: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "top_p",
  "top_k",
  "frequency_penalty",
  "presence_penalty",
  "seed",
  "stop",
  "response_format",
  "reasoning_effort",
  "user",
  "web_search_options",
  ...GATEWAY_FIELDS,
]);

/** @throws {ClientError} 400 with the path of the field that has no meaning. */
export function decodeChat(body: JsonObject, facts: ChatFacts): ChatRequest {
  const extra: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(body))
    if (!PLACED.has(name) && value !== null) extra[name] = value;
  const messages = body.messages as readonly JsonObject[];
  return {
    messages: messages.map(decodeMessage),
    stream: facts.stream,
    includeUsage: facts.includeUsage,
    extra,
    ...present({
      tools: decodeTools(body.tools),
      toolChoice: decodeToolChoice(body.tool_choice),
      parallelToolCalls: flagField(body, "parallel_tool_calls"),
      maxOutputTokens: numberField(body, "max_completion_tokens") ?? numberField(body, "max_tokens"),
      temperature: numberField(body, "temperature"),
      topP: numberField(body, "top_p"),
      topK: numberField(body, "top_k"),
      frequencyPenalty: numberField(body, "frequency_penalty"),
      presencePenalty: numberField(body, "presence_penalty"),
      seed: numberField(body, "seed"),
      stop: decodeStop(body.stop),
      responseFormat: decodeFormat(body.response_format),
      reasoningEffort: textField(body, "reasoning_effort"),
      user: textField(body, "user"),
      webSearch: isObject(body.web_search_options) ? { required: true as const } : undefined,
    }),
  };
}

export function decodeStop(stop: JsonValue | undefined): readonly string[] | undefined {
  if (stop === undefined || stop === null) return undefined;
  const list = isArray(stop) ? stop : [stop];
  if (list.every((entry) => typeof entry === "string")) return list;
  throw badRequest("`stop` must be a string or an array of strings.", "stop");
}

/** The fields of a message that the canonical form has. */
const IN_MESSAGE: ReadonlySet<string> = new Set([
  "role",
  "content",
  "name",
  "tool_calls",
  "tool_call_id",
  "extra_content",
]);
/** Fields of OpenAI's answers without a meaning in a conversation that is sent back. */
const VAIN: ReadonlySet<string> = new Set(["refusal", "annotations", "audio", "function_call"]);

/** A message's other fields, for upstreams of the same wire. */
function decodeOwn(message: JsonObject): { own?: OwnFields } {
  let fields: Record<string, JsonValue> | undefined;
  for (const [name, value] of Object.entries(message)) {
    if (IN_MESSAGE.has(name) || VAIN.has(name) || value === null) continue;
    fields ??= {};
    fields[name] = value;
  }
  return fields === undefined ? {} : { own: { wire: "openai-chat", fields } };
}

function decodeMessage(message: JsonObject, at: number): ChatMessage {
  return { ...decodeRole(message, at), ...decodeOwn(message) };
}

function decodeRole(message: JsonObject, at: number): ChatMessage {
  const path = `messages[${at}]`;
  const content = decodeContent(message.content, `${path}.content`);
  const name = typeof message.name === "string" ? { name: message.name } : {};
  switch (message.role) {
    case "system":
    case "developer":
      return { role: "system", content, ...name };
    case "user":
      return { role: "user", content, ...name };
    case "assistant": {
      const reasoning = message.reasoning_content ?? message.reasoning ?? thoughtIn(message.content);
      return {
        role: "assistant",
        content:
          typeof message.refusal === "string" && content.length === 0
            ? [{ type: "text", text: message.refusal }]
            : sealContent(content, message.extra_content),
        toolCalls: decodeToolCalls(message.tool_calls, `${path}.tool_calls`),
        ...(typeof reasoning === "string" ? { reasoning } : {}),
        ...decodeThinkingBlocks(message.extra_content),
        ...decodeDetails(message.reasoning_details, reasoning),
        ...name,
      };
    }
    case "tool":
      if (typeof message.tool_call_id !== "string") {
        throw badRequest("A tool message needs the `tool_call_id` it answers.", `${path}.tool_call_id`);
      }
      return { role: "tool", toolCallId: message.tool_call_id, content };
    default:
      throw badRequest("Messages of the role `function` are not translated; use `tool`.", `${path}.role`);
  }
}

/** What OpenRouter sealed: https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks */
function decodeDetails(
  details: JsonValue | undefined,
  reasoning: JsonValue | undefined,
): { reasoningParts?: readonly ReasoningPart[] } {
  if (!isArray(details) || details.length === 0) return {};
  const text = typeof reasoning === "string" ? reasoning : "";
  return { reasoningParts: [{ text, sealed: { wire: DETAILS_WIRE, data: JSON.stringify(details) } }] };
}

/** Mistral's models think in parts of the content. */
function thoughtIn(content: JsonValue | undefined): string | undefined {
  if (!isArray(content)) return undefined;
  const texts = content.flatMap((part) => {
    const thoughts = isObject(part) && part.type === "thinking" ? part.thinking : undefined;
    return (isArray(thoughts) ? thoughts : []).map((thought) =>
      isObject(thought) && typeof thought.text === "string" ? thought.text : "",
    );
  });
  return texts.length === 0 ? undefined : texts.join("");
}

/** A message's seal belongs to the end of its text. */
function sealContent(
  content: readonly ContentPart[],
  extraContent: JsonValue | undefined,
): readonly ContentPart[] {
  const seal = decodeSeal(extraContent);
  const last = content.at(-1);
  if (seal.sealed === undefined) return content;
  if (last?.type !== "text") return [...content, { type: "text", text: "", ...seal }];
  return [...content.slice(0, -1), { ...last, ...seal }];
}

function decodeContent(content: JsonValue | undefined, path: string): readonly ContentPart[] {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  const parts = content as readonly JsonObject[];
  return parts.flatMap((part, at) =>
    part.type === "thinking" ? [] : [{ ...decodePart(part, `${path}[${at}]`), ...cacheOf(part) }],
  );
}

/** OpenRouter's convention, which coding clients write: Anthropic's mark on a part or a tool. */
const cacheOf = ({ cache_control: cache }: JsonObject): { cache?: JsonObject } =>
  isObject(cache) ? { cache } : {};

function decodePart(part: JsonObject, path: string): ContentPart {
  switch (part.type) {
    case "text":
      if (typeof part.text === "string") return { type: "text", text: part.text };
      throw badRequest("A text part needs a `text`.", `${path}.text`);
    case "refusal":
      return { type: "text", text: typeof part.refusal === "string" ? part.refusal : "" };
    case "image_url":
      return decodeImage(part.image_url, `${path}.image_url`);
    case "file":
      return decodeFile(part.file, `${path}.file`);
    case "input_audio": {
      const audio = part.input_audio;
      if (isObject(audio) && typeof audio.data === "string" && typeof audio.format === "string") {
        return { type: "audio", data: audio.data, format: audio.format };
      }
      throw badRequest("An audio part needs `data` and `format`.", `${path}.input_audio`);
    }
    default:
      throw badRequest(
        `Content parts of the type ${JSON.stringify(part.type)} are not translated.`,
        `${path}.type`,
      );
  }
}

function decodeImage(image: JsonValue | undefined, path: string): ContentPart {
  const url = isObject(image) ? image.url : image;
  if (typeof url !== "string") throw badRequest("An image part needs an `image_url.url`.", `${path}.url`);
  const detail = isObject(image) && typeof image.detail === "string" ? { detail: image.detail } : {};
  const head = DATA_URL.exec(url.slice(0, 200));
  if (head !== null) {
    const data = url.slice(head[0].length);
    if (!BASE64.test(data)) throw badRequest("The image's data is not base64.", `${path}.url`);
    return { type: "image", data, mediaType: head[1] ?? "", ...detail };
  }
  if (!/^https?:\/\//i.test(url))
    throw badRequest("An image URL must start with https://, http:// or data:<type>;base64,.", `${path}.url`);
  return { type: "image", url, ...detail };
}

function decodeFile(file: JsonValue | undefined, path: string): ContentPart {
  if (!isObject(file) || typeof file.file_data !== "string")
    throw badRequest("A file part needs its content as `file.file_data`; uploads are not kept here.", path);
  const head = DATA_URL.exec(file.file_data.slice(0, 200));
  const data = head === null ? "" : file.file_data.slice(head[0].length);
  if (head === null || !BASE64.test(data))
    throw badRequest("A file's data must be data:<type>;base64, and base64.", `${path}.file_data`);
  const name = typeof file.filename === "string" ? { name: file.filename } : {};
  return { type: "file", data, mediaType: head[1] ?? "", ...name };
}

function decodeToolCalls(calls: JsonValue | undefined, path: string): readonly ToolCall[] {
  if (calls === undefined || calls === null) return [];
  if (!isArray(calls)) throw badRequest("`tool_calls` must be an array.", path);
  return calls.map((call, at): ToolCall => {
    const called = isObject(call) ? call.function : undefined;
    if (
      isObject(call) &&
      typeof call.id === "string" &&
      isObject(called) &&
      typeof called.name === "string"
    ) {
      return {
        id: call.id,
        name: called.name,
        arguments: decodeArguments(called.arguments, `${path}[${at}].function.arguments`),
        ...decodeSeal(call.extra_content),
      };
    }
    throw badRequest("A tool call needs an `id` and a `function` with a `name`.", `${path}[${at}]`);
  });
}

/** Some clients keep a call's arguments as the object that they parsed. */
function decodeArguments(args: JsonValue | undefined, path: string): string {
  if (typeof args === "string") return args;
  if (args === undefined || args === null) return "{}";
  if (isObject(args)) return JSON.stringify(args);
  throw badRequest("A call's `arguments` must be JSON text or an object.", path);
}

function decodeTools(tools: JsonValue | undefined): readonly Tool[] | undefined {
  if (!isArray(tools)) return undefined;
  return tools.map((tool, at): Tool => {
    const described = isObject(tool) && tool.type === "function" ? tool.function : undefined;
    if (!isObject(described) || typeof described.name !== "string") {
      throw badRequest("Only tools of the type `function`, with a `name`, are translated.", `tools[${at}]`);
    }
    return {
      name: described.name,
      ...(typeof described.description === "string" ? { description: described.description } : {}),
      ...(isObject(described.parameters) ? { parameters: described.parameters } : {}),
      ...(typeof described.strict === "boolean" ? { strict: described.strict } : {}),
      ...(isObject(tool) ? cacheOf(tool) : {}),
    };
  });
}

function decodeToolChoice(choice: JsonValue | undefined): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  const named = isObject(choice) ? choice.function : undefined;
  if (isObject(named) && typeof named.name === "string") return { name: named.name };
  throw badRequest("`tool_choice` must be auto, none, required, or name a function.", "tool_choice");
}

function decodeFormat(format: JsonValue | undefined): ResponseFormat | undefined {
  if (!isObject(format)) return undefined;
  if (format.type === "text") return { type: "text" };
  if (format.type === "json_object") return { type: "json" };
  const described = format.json_schema;
  if (format.type === "json_schema" && isObject(described) && isObject(described.schema)) {
    return {
      type: "json-schema",
      name: typeof described.name === "string" ? described.name : "answer",
      schema: described.schema,
      ...(typeof described.strict === "boolean" ? { strict: described.strict } : {}),
    };
  }
  throw badRequest(
    "`response_format` must be text, json_object, or json_schema with a schema.",
    "response_format",
  );
}
