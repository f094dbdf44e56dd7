/** A canonical request in Ollama's form: https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion */
import {
  applyToClientBody,
  dialectOf,
  type EncodedRequest,
  EncodeError,
  lacksSearch,
  type NativeBody,
  type Target,
  WEB_SEARCH_FIELD,
} from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  ownValue,
  present,
  type ResponseFormat,
} from "@headgate/contract";
import { readExtras } from "./extras.ts";
import { dialectFor, type LoadedWith, nativeOptions, withLoadOptions } from "./load-options.ts";
import { encodeMessages } from "./messages.ts";

const CHAT_PATH = "/api/chat";

/** Three levels and off, of gpt-oss; the other models are switched on and off. https://docs.ollama.com/capabilities/thinking */
const THINK: Readonly<Record<string, JsonValue>> = {
  none: false,
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high",
};

export function encodeChat(request: ChatRequest, target: Target): EncodedRequest {
  const { deployment } = target;
  const dropped: string[] = [];
  const { carried, options } = readExtras(request.extra, dropped);
  if (request.user !== undefined) dropped.push("user");
  // Ollama has no such switch; to call one tool at a time is a hint.
  if (request.parallelToolCalls !== undefined) dropped.push("parallel_tool_calls");
  if (lacksSearch(request, target)) dropped.push(WEB_SEARCH_FIELD);
  const { options: sent, ...loading } = encodeOptions(request, options, target);
  const json = present({
    ...uncut(carried, target),
    ...carried,
    model: deployment.upstream,
    messages: encodeMessages(withCallRule(request, dropped)),
    stream: request.stream,
    tools: encodeTools(request),
    format: request.responseFormat === undefined ? undefined : encodeFormat(request.responseFormat),
    think: encodeThink(request, target, dropped) ?? carried.think,
    options: sent,
  });
  const path = dialectOf(target).chatPath ?? CHAT_PATH;
  const encoded = addressed({ bytes: Buffer.from(JSON.stringify(json)), json }, target, path);
  return { ...encoded, dropped: [...dropped, ...encoded.dropped], ...chosenBy(loading, target) };
}

const takesLevels = ({ deployment }: Target): boolean => /gpt-oss/i.test(deployment.upstream);

/**
 * Replaces the model, sets the options that a local model is loaded with, and applies the dialect; everything else
 * stays byte for byte.
 */
export const addressRequest = (body: NativeBody, target: Target): EncodedRequest =>
  passed(body, target, dialectOf(target).chatPath ?? CHAT_PATH);

/** The same for the route of `generate`. */
export const addressGenerate = (body: NativeBody, target: Target): EncodedRequest =>
  passed(body, target, "/api/generate");

function passed(body: NativeBody, target: Target, path: string): EncodedRequest {
  const loading = nativeOptions(body.json, target);
  const { truncate } = uncut(body.json, target);
  const think = fittedThink(body.json, target);
  const set: Record<string, string> = {
    ...(truncate === undefined ? {} : { truncate: String(truncate) }),
    ...(think === "true" ? { think } : {}),
  };
  const drop = think === "drop" ? ["think"] : [];
  // A dialect may drop the field; a value set here would override that.
  const encoded =
    loading === undefined || dialectOf(target).drop.includes("options")
      ? addressed(body, target, path, set, drop)
      : {
          ...addressed(body, target, path, { ...set, options: JSON.stringify(loading.options) }, drop),
          ...chosenBy(loading, target),
        };
  return think === "true" ? { ...encoded, dropped: ["think", ...encoded.dropped] } : encoded;
}

/** Ollama shortens a long prompt without a word unless it is told not to; older servers ignore the field. */
const uncut = (json: JsonObject, { deployment }: Target): { readonly truncate?: false } =>
  deployment.memory === undefined || (json.truncate ?? undefined) !== undefined ? {} : { truncate: false };

/** Empty where nothing was chosen, or where the provider's dialect drops it. */
export const chosenBy = (
  { chosen, grown }: Pick<LoadedWith, "chosen" | "grown">,
  target: Target,
): Pick<EncodedRequest, "chosen" | "grown"> =>
  chosen === undefined || dialectOf(target).drop.includes("options")
    ? {}
    : { chosen, ...(grown ? { grown } : {}) };

function addressed(
  body: NativeBody,
  target: Target,
  path: string,
  set: Readonly<Record<string, string>> = {},
  drop: readonly string[] = [],
): EncodedRequest {
  const { deployment } = target;
  const dialect = dialectFor(target, body.json);
  const fitted = drop.length === 0 ? dialect : { ...dialect, drop: [...dialect.drop, ...drop] };
  const { bytes, dropped } = applyToClientBody(body, fitted, {
    model: JSON.stringify(deployment.upstream),
    ...set,
  });
  return {
    path,
    headers: {
      "content-type": "application/json",
      // Ollama streams by default.
      accept: body.json.stream === false ? "application/json" : "application/x-ndjson",
    },
    body: bytes,
    dropped,
  };
}

/** A call cannot be forced: it is asked for in words, and the choice is reported as left out. */
function withCallRule(
  { messages, tools = [], toolChoice }: ChatRequest,
  dropped: string[],
): readonly ChatMessage[] {
  if (toolChoice === undefined || toolChoice === "auto" || toolChoice === "none" || tools.length === 0)
    return messages;
  dropped.push("tool_choice");
  const which = typeof toolChoice === "object" ? `the tool ${toolChoice.name}` : "one of the tools";
  const text = `Answer with a call of ${which}, not with text.`;
  return [...messages, { role: "system", content: [{ type: "text", text }] }];
}

function encodeTools({ tools, toolChoice }: ChatRequest): JsonValue | undefined {
  // Ollama has no tool_choice: without tools none is called, and only an offered one is.
  if (tools === undefined || tools.length === 0 || toolChoice === "none") return undefined;
  const offered =
    typeof toolChoice === "object" ? tools.filter(({ name }) => name === toolChoice.name) : tools;
  return offered.map(({ name, description, parameters }) => ({
    type: "function",
    function: present({ name, description, parameters: parameters ?? { type: "object", properties: {} } }),
  }));
}

function encodeFormat(format: ResponseFormat): JsonValue | undefined {
  if (format.type === "text") return undefined;
  return format.type === "json" ? "json" : format.schema;
}

function encodeThink(
  { reasoningEffort }: ChatRequest,
  target: Target,
  dropped: string[],
): JsonValue | undefined {
  if (reasoningEffort === undefined) return undefined;
  const think = ownValue(THINK, reasoningEffort);
  if (think === undefined) {
    const known = Object.keys(THINK).join(", ");
    throw new EncodeError(`reasoning_effort must be one of ${known}`, "reasoning_effort");
  }
  // Ollama answers 400 to `think` on a model without it; the effort is only a hint, as on other wires.
  if (think === false) return think;
  if (target.deployment.capabilities.includes("reasoning")) {
    if (takesLevels(target)) return think;
    dropped.push("reasoning_effort");
    return true;
  }
  dropped.push("reasoning_effort");
  return undefined;
}

/** A client's own `think` as the model takes it; undefined: it passes as it is. `drop`: the model takes none. */
function fittedThink({ think }: JsonObject, target: Target): "true" | "drop" | undefined {
  if (think === undefined || think === null || think === false) return undefined;
  if (!target.deployment.capabilities.includes("reasoning")) return "drop";
  return typeof think === "string" && !takesLevels(target) ? "true" : undefined;
}

/** @throws {EncodeError} for load options that no residency can be loaded with */
function encodeOptions(
  request: ChatRequest,
  own: JsonObject,
  target: Target,
): Omit<LoadedWith, "options"> & { readonly options: JsonObject | undefined } {
  const requested = {
    ...own,
    ...present({
      temperature: request.temperature,
      top_p: request.topP,
      top_k: request.topK,
      seed: request.seed,
      num_predict: request.maxOutputTokens,
      stop: request.stop,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
    }),
  };
  const { options, ...loading } = withLoadOptions(requested, target);
  return { ...loading, options: Object.keys(options).length === 0 ? undefined : options };
}
