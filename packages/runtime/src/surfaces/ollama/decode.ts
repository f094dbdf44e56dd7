/** Ollama's chat and generate requests in canonical form: https://github.com/ollama/ollama/blob/main/docs/api.md */
import { GATEWAY_FIELDS, isObject } from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ChatRequest,
  type ContentPart,
  type JsonObject,
  type JsonValue,
  present,
  type ResponseFormat,
  type Tool,
  type ToolCall,
} from "@headgate/contract";
import { NEED } from "@headgate/router";
import { badRequest } from "../../http/client-error.ts";
import { isArray } from "../../http/json-body.ts";
import { numberField, textField } from "../field-readers.ts";
import { decodeStop } from "../openai/chat-decode.ts";
import { modelName } from "../openai/chat-facts.ts";

/** The model's name, which Ollama's older routes and clients call `name`. */
export const modelOf = (json: JsonObject): string =>
  modelName(typeof json.name === "string" && (json.model ?? "") === "" ? { model: json.name } : json);

/** How long the client wants the model to stay loaded is that it does not: `0`, `"0"` or `"0s"`. */
export const unloads = ({ keep_alive }: JsonObject): boolean =>
  keep_alive === 0 || (typeof keep_alive === "string" && /^0+(?:ns|us|µs|ms|s|m|h)?$/.test(keep_alive));

/** A request without a prompt loads the model, and with a `keep_alive` of 0 unloads it. */
export const isEmptyChat = ({ messages }: JsonObject): boolean =>
  (messages ?? undefined) === undefined || (isArray(messages) && messages.length === 0);
export const isEmptyGenerate = ({ prompt, suffix, images }: JsonObject): boolean =>
  (prompt ?? "") === "" && (suffix ?? "") === "" && !(isArray(images) && images.length > 0);

/** Options with a place in the canonical form. The others tune a local runner: only upstreams of this wire get them. */
const OPTIONS = {
  temperature: "temperature",
  top_p: "topP",
  top_k: "topK",
  seed: "seed",
  num_predict: "maxOutputTokens",
  frequency_penalty: "frequencyPenalty",
  presence_penalty: "presencePenalty",
} as const;

/** Absent means true: Ollama streams by default. */
export function streams(json: JsonObject): boolean {
  if (json.stream === undefined || json.stream === null) return true;
  if (typeof json.stream === "boolean") return json.stream;
  throw badRequest("`stream` must be true or false.", "stream");
}

export interface Decoded {
  readonly needs: number;
  readonly request: ChatRequest;
  /** Options that tune a local runner and have no effect elsewhere, by the client's names. */
  readonly dropped: readonly string[];
  /** Those of them that an upstream of this wire is sent. `keep_alive` is not: clients do not decide how long a model stays. */
  readonly own: JsonObject;
  /** Throws for what another wire cannot express. */
  check?(): void;
}

/** Fields that only a server of this wire has, beside its options. */
const OWN = ["shift", "truncate"];
/** Fields that are lost on the way to an upstream of another wire. Ollama ignores a `tool_choice` too. */
const LOST = ["keep_alive", "logprobs", "tool_choice", "top_logprobs", ...OWN];

export function decodeChat(json: JsonObject): Decoded {
  if (!isArray(json.messages) || json.messages.length === 0)
    throw badRequest("`messages` must be a list that is not empty.", "messages");
  const calls: Calls = { open: [], made: 0 };
  const messages = json.messages.map((message, at) => decodeMessage(message, `messages[${at}]`, calls));
  return finish(json, messages, decodeTools(json.tools));
}

export function decodeGenerate(json: JsonObject): Decoded {
  const messages: ChatMessage[] = [];
  const system = textField(json, "system");
  if (system !== undefined && system !== "")
    messages.push({ role: "system", content: [{ type: "text", text: system }] });
  messages.push({ role: "user", content: contentOf(textField(json, "prompt") ?? "", json.images, "images") });
  return { ...finish(json, messages, undefined), check: () => checkGenerate(json) };
}

/** @throws {ClientError} for a field that only a server of this wire has */
function checkGenerate(json: JsonObject): void {
  for (const name of ["suffix", "template", "raw", "context"]) {
    const value = json[name];
    if (value !== undefined && value !== null && value !== "" && value !== false) {
      throw badRequest(
        `\`${name}\` cannot be carried: only Ollama itself has it, and this model is served elsewhere.`,
        name,
        "unsupported_parameter",
      );
    }
  }
}

function finish(
  json: JsonObject,
  messages: readonly ChatMessage[],
  tools: readonly Tool[] | undefined,
): Decoded {
  const options = json.options ?? {};
  if (!isObject(options)) throw badRequest("`options` must be an object.", "options");
  const numbers: Record<string, number> = {};
  for (const [theirs, ours] of Object.entries(OPTIONS)) {
    const value = numberField(options, theirs);
    // A negative num_predict means no limit.
    if (value !== undefined && !(theirs === "num_predict" && value < 0)) numbers[ours] = value;
  }
  const stop = decodeStop(options.stop);
  const responseFormat = decodeFormat(json.format);
  const reasoningEffort = decodeThink(json.think);
  const tuning = Object.entries(options).filter(([name]) => !Object.hasOwn(OPTIONS, name) && name !== "stop");
  const sees = messages.some(({ content }) => content.some((part) => part.type === "image"));
  return {
    needs:
      (sees ? NEED.vision : 0) |
      (tools === undefined ? 0 : NEED.tools) |
      (responseFormat?.type === "json-schema" ? NEED.json : 0),
    dropped: [
      ...LOST.filter((name) => (json[name] ?? undefined) !== undefined),
      ...tuning.map(([name]) => `options.${name}`),
    ],
    own: {
      ...Object.fromEntries(
        OWN.flatMap((name) => ((json[name] ?? undefined) === undefined ? [] : [[name, json[name]]])),
      ),
      ...(tuning.length === 0 ? {} : { options: Object.fromEntries(tuning) }),
    },
    request: {
      messages,
      stream: streams(json),
      includeUsage: true,
      extra: extraOf(json),
      ...numbers,
      ...present({ tools, stop, responseFormat, reasoningEffort }),
    },
  };
}

/** Fields with a reader above or elsewhere. The adapter carries or refuses all others. */
const PLACED: ReadonlySet<string> = new Set([
  ...GATEWAY_FIELDS,
  "context",
  "format",
  "images",
  ...LOST,
  "messages",
  "model",
  "name",
  "options",
  "prompt",
  "raw",
  "stream",
  "suffix",
  "system",
  "template",
  "think",
  "tools",
]);

const extraOf = (json: JsonObject): Readonly<Record<string, JsonValue>> =>
  Object.fromEntries(Object.entries(json).filter(([name, value]) => !PLACED.has(name) && value !== null));

interface Calls {
  /** Those that have no result yet. */
  readonly open: ToolCall[];
  /** Of all turns: an id occurs once in a conversation. */
  made: number;
}

/** Ollama's tool messages name the tool, not the call. Each answers the oldest open call of that name. */
function decodeMessage(message: JsonValue, path: string, calls: Calls): ChatMessage {
  if (!isObject(message)) throw badRequest("A message must be an object.", path);
  const content = contentOf(textOf(message, "content", path), message.images, `${path}.images`);
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content };
    case "assistant": {
      const made = decodeToolCalls(message.tool_calls, `${path}.tool_calls`, calls);
      const thinking = textOf(message, "thinking", path);
      return {
        role: "assistant",
        content,
        toolCalls: made,
        ...(thinking === "" ? {} : { reasoning: thinking }),
      };
    }
    case "tool": {
      const name = message.tool_name ?? message.name;
      const at = calls.open.findIndex((call) =>
        typeof message.tool_call_id === "string"
          ? call.id === message.tool_call_id
          : name === undefined || call.name === name,
      );
      const [call] = at === -1 ? [] : calls.open.splice(at, 1);
      if (call === undefined) throw badRequest("A tool message answers no call that came before it.", path);
      return { role: "tool", toolCallId: call.id, content };
    }
    default:
      throw badRequest("A message's `role` must be one of system, user, assistant, tool.", `${path}.role`);
  }
}

function textOf(message: JsonObject, name: string, path: string): string {
  const value = message[name];
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw badRequest(`\`${name}\` must be a text.`, `${path}.${name}`);
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** The first bytes of each format, in base64: Ollama's images come without a type. */
const SIGNATURES: readonly (readonly [prefix: string, mediaType: string])[] = [
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
];

function contentOf(words: string, images: JsonValue | undefined, path: string): ContentPart[] {
  const content: ContentPart[] = words === "" ? [] : [{ type: "text", text: words }];
  if (images === undefined || images === null) return content;
  if (!isArray(images)) throw badRequest("`images` must be a list.", path);
  for (const [at, data] of images.entries()) {
    if (typeof data !== "string" || !BASE64.test(data))
      throw badRequest("An image must be base64.", `${path}[${at}]`);
    const mediaType = SIGNATURES.find(([prefix]) => data.startsWith(prefix))?.[1] ?? "image/png";
    content.push({ type: "image", data, mediaType });
  }
  return content;
}

function decodeToolCalls(value: JsonValue | undefined, path: string, calls: Calls): readonly ToolCall[] {
  if (value === undefined || value === null) return [];
  if (!isArray(value)) throw badRequest("`tool_calls` must be a list.", path);
  const made = value.map((call, at): ToolCall => {
    const called = isObject(call) ? call.function : undefined;
    if (!isObject(call) || !isObject(called) || typeof called.name !== "string") {
      throw badRequest("A tool call needs a `function` with a `name`.", `${path}[${at}]`);
    }
    const number = calls.made++;
    const id = typeof call.id === "string" && call.id !== "" ? call.id : `call_${number}_${called.name}`;
    return { id, name: called.name, arguments: JSON.stringify(called.arguments ?? {}) };
  });
  calls.open.push(...made);
  return made;
}

function decodeTools(value: JsonValue | undefined): readonly Tool[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isArray(value)) throw badRequest("`tools` must be a list.", "tools");
  if (value.length === 0) return undefined;
  return value.map((tool, at): Tool => {
    const described = isObject(tool) ? tool.function : undefined;
    if (!isObject(described) || typeof described.name !== "string") {
      throw badRequest("A tool needs a `function` with a `name`.", `tools[${at}]`);
    }
    return {
      name: described.name,
      ...(typeof described.description === "string" ? { description: described.description } : {}),
      ...(isObject(described.parameters) ? { parameters: described.parameters } : {}),
    };
  });
}

function decodeFormat(format: JsonValue | undefined): ResponseFormat | undefined {
  if (format === undefined || format === null || format === "") return undefined;
  if (format === "json") return { type: "json" };
  if (isObject(format)) return { type: "json-schema", name: "answer", schema: format };
  throw badRequest("`format` must be json or a JSON Schema.", "format");
}

function decodeThink(think: JsonValue | undefined): string | undefined {
  if (think === undefined || think === null) return undefined;
  if (typeof think === "boolean") return think ? "medium" : "none";
  if (typeof think === "string") return think;
  throw badRequest("`think` must be true, false or a level.", "think");
}
