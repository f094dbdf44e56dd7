/**
 * POST /v1/completions, the older route: one prompt, one text. Chat models answer it; the prompt is the user's
 * message. What a chat model cannot do (suffix, echo, logprobs, several prompts or choices) is refused by name.
 */
import { foldEvents, GATEWAY_FIELDS, isObject, type NativeBody } from "@headgate/adapter-kit";
import { type ChatEvent, type ChatRequest, type JsonObject, ownValue, present } from "@headgate/contract";
import {
  SSE_KEEP_ALIVE,
  type StreamEncoder,
  type SurfaceRequest,
  sseComment,
} from "../../codec/surface-request.ts";
import { badRequest } from "../../http/client-error.ts";
import { isArray } from "../../http/json-body.ts";
import { numberField, textField } from "../field-readers.ts";
import { decodeStop } from "./chat-decode.ts";
import { frame } from "./chat-encode.ts";
import { flag, modelName } from "./chat-facts.ts";
import { errorFrame } from "./envelope.ts";
import { openAiUsage } from "./usage.ts";

const DONE = Buffer.from("data: [DONE]\n\n");

/** Fields that are understood; the values under which a refused one is harmless. */
const REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  suffix: [null, ""],
  echo: [null, false],
  logprobs: [null],
  logit_bias: [null],
  best_of: [null, 1],
  n: [null, 1],
};

const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(REFUSED),
  "model",
  "prompt",
  "stream",
  "stream_options",
  "max_tokens",
  "temperature",
  "top_p",
  "frequency_penalty",
  "presence_penalty",
  "seed",
  "stop",
  "user",
  ...GATEWAY_FIELDS,
]);

/** OpenAI's default for this route. */
const DEFAULT_MAX_TOKENS = 16;

export function completionsRequest({ json }: NativeBody, requestId: string): SurfaceRequest {
  const model = modelName(json);
  const prompt = promptOf(json);
  for (const name of Object.keys(json)) {
    const allowed = ownValue(REFUSED, name);
    if (allowed !== undefined && !allowed.includes(json[name])) {
      throw badRequest(
        `\`${name}\` is not supported on /v1/completions: chat models answer this route.`,
        name,
        "unsupported_parameter",
      );
    }
    if (!KNOWN.has(name))
      throw badRequest(`\`${name}\` is not a field of /v1/completions.`, name, "unknown_parameter");
  }
  const stream = flag(json, "stream");
  const includeUsage = isObject(json.stream_options) && json.stream_options.include_usage === true;
  const id = `cmpl-${requestId}`;
  return {
    wire: "openai-completions",
    facts: { model, operation: "chat", needs: 0 },
    stream,
    includeUsage,
    mockFallback: flag(json, "mock_testing_fallbacks"),
    canonical: () => canonical(json, prompt, stream, includeUsage),
    streamEncoder: (upstream, createdAtS) =>
      new CompletionChunkEncoder(id, upstream, createdAtS, includeUsage),
    encodeBody: (events, upstream, createdAtS) => encodeBody(events, id, upstream, createdAtS),
    errorFrame,
    comment: sseComment,
    keepAlive: SSE_KEEP_ALIVE,
    streamContentType: "text/event-stream; charset=utf-8",
  };
}

function promptOf({ prompt }: JsonObject): string {
  if (typeof prompt === "string") return prompt;
  if (isArray(prompt) && prompt.length === 1 && typeof prompt[0] === "string") return prompt[0];
  if (prompt === undefined) throw badRequest("`prompt` is missing.", "prompt");
  throw badRequest(
    "`prompt` must be one string; token arrays and several prompts at once are not supported.",
    "prompt",
    "unsupported_parameter",
  );
}

function canonical(json: JsonObject, prompt: string, stream: boolean, includeUsage: boolean): ChatRequest {
  const stop = decodeStop(json.stop);
  const user = textField(json, "user");
  const numbers = {
    temperature: numberField(json, "temperature"),
    topP: numberField(json, "top_p"),
    frequencyPenalty: numberField(json, "frequency_penalty"),
    presencePenalty: numberField(json, "presence_penalty"),
    seed: numberField(json, "seed"),
  };
  return {
    messages: [{ role: "user", content: [{ type: "text", text: prompt }] }],
    stream,
    includeUsage,
    extra: {},
    maxOutputTokens: numberField(json, "max_tokens") ?? DEFAULT_MAX_TOKENS,
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
    ...present({ stop, user }),
  };
}

/** This route has no tool calls. */
const finishOf = (reason: string | undefined): string =>
  reason === "length" || reason === "content_filter" ? reason : "stop";

function encodeBody(events: readonly ChatEvent[], id: string, model: string, createdAtS: number): Buffer {
  const answer = foldEvents(events);
  return Buffer.from(
    JSON.stringify({
      id,
      object: "text_completion",
      created: createdAtS,
      model: answer.model ?? model,
      choices: [{ index: 0, text: answer.text, logprobs: null, finish_reason: finishOf(answer.finish) }],
      ...present({ usage: answer.usage && openAiUsage(answer.usage) }),
    }),
  );
}

class CompletionChunkEncoder implements StreamEncoder {
  readonly #base: { id: string; object: "text_completion"; created: number; model: string };
  readonly #includeUsage: boolean;
  #usage: Buffer | undefined;

  constructor(id: string, model: string, createdAtS: number, includeUsage: boolean) {
    this.#base = { id, object: "text_completion", created: createdAtS, model };
    this.#includeUsage = includeUsage;
  }

  encode(event: ChatEvent): Buffer | undefined {
    if (event.type === "start" && event.model !== undefined) this.#base.model = event.model;
    if (event.type === "text") return this.#chunk(event.text, null);
    if (event.type === "finish") return this.#chunk("", finishOf(event.reason));
    if (event.type === "usage" && this.#includeUsage) {
      this.#usage = frame({ ...this.#base, choices: [], usage: openAiUsage(event.usage) });
    }
    return undefined;
  }

  end(): Buffer {
    return this.#usage === undefined ? DONE : Buffer.concat([this.#usage, DONE]);
  }

  #chunk(textPiece: string, finish: string | null): Buffer {
    return frame({
      ...this.#base,
      choices: [{ index: 0, text: textPiece, logprobs: null, finish_reason: finish }],
      ...(this.#includeUsage ? { usage: null } : {}),
    });
  }
}
