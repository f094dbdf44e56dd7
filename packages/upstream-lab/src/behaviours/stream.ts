/** Streams with a wrong end or without chunks, on an intact connection. */

import { bytesStep, type FrameOptions, framesOf, okHead, upTo } from "../frames.ts";
import type { JsonObject } from "../json.ts";
import type { LabRequest } from "../lab-request.ts";
import { type Behaviour, behaviour, type Step } from "../step.ts";
import { chunk, DONE, sse } from "../wire-openai.ts";
import { wireFormat } from "../wires.ts";

interface After {
  /** Content frames before the fault; default 1. 0: none, not even a role. */
  readonly after?: number | undefined;
}

function* begin(request: LabRequest, after = 1): Generator<Step> {
  yield okHead(request);
  for (const { bytes } of upTo(framesOf(request), after)) yield bytesStep(bytes);
}

/** The dangerous one: HTTP ends cleanly, without a finish reason and without a terminator. Many SDKs report success. */
export function cleanTruncation(options: After = {}): Behaviour {
  return behaviour("cleanTruncation", (request) => begin(request, options.after));
}

/** Whole answer, no `[DONE]`: several self-hosted servers. */
export function finishWithoutDone(options: FrameOptions = {}): Behaviour {
  return behaviour("finishWithoutDone", function* (request) {
    yield okHead(request);
    for (const { kind, bytes } of framesOf(request, options)) if (kind !== "done") yield bytesStep(bytes);
  });
}

/** `[DONE]`, but no chunk has a finish reason. */
export function doneWithoutFinish(options: FrameOptions = {}): Behaviour {
  return behaviour("doneWithoutFinish", function* (request) {
    yield okHead(request);
    for (const { kind, bytes } of framesOf(request, options)) if (kind !== "finish") yield bytesStep(bytes);
  });
}

/** The terminator twice: a proxy that adds its own. */
export function twoDones(options: FrameOptions = {}): Behaviour {
  return behaviour("twoDones", function* (request) {
    yield okHead(request);
    for (const { kind, bytes } of framesOf(request, options)) {
      yield bytesStep(bytes);
      if (kind === "done") yield bytesStep(bytes);
    }
  });
}

/** A well-formed stream without content: role, finish, terminator. Seen from Groq and Gemini. */
export function emptyAnswer(): Behaviour {
  return behaviour("emptyAnswer", function* (request) {
    yield okHead(request);
    for (const { bytes } of framesOf(request, { text: [] })) yield bytesStep(bytes);
  });
}

/** One frame of broken JSON, followed by the rest of the answer. */
export function malformedFrame(options: After = {}): Behaviour {
  return behaviour("malformedFrame", function* (request) {
    const frames = framesOf(request);
    const before = upTo(frames, options.after ?? 1);
    yield okHead(request);
    for (const { bytes } of before) yield bytesStep(bytes);
    const broken = '{"id":"chatcmpl-lab","choices":[{"index":0,"delta":{"content":"Hel';
    yield bytesStep(request.stream ? wireFormat(request.wire).garbled(broken) : broken);
    if (request.stream) for (const { bytes } of frames.slice(before.length)) yield bytesStep(bytes);
  });
}

/**
 * Shapes of an error inside a 200 stream. `openrouter`: a chunk with `error` beside `choices` and the finish reason
 * `error`. `openai` (also SGLang): `data: {"error":{…}}`. `vllm`: `data: {"object":"error",…}`. `event` (Groq):
 * `event: error` with OpenAI's envelope. `anthropic`: `event: error` with Anthropic's. On other wires than OpenAI's the
 * shape is always the wire's own.
 */
export type ErrorForm = "openrouter" | "openai" | "vllm" | "event" | "anthropic";

export interface ErrorFrameOptions extends After {
  readonly form?: ErrorForm | undefined;
  readonly message?: string | undefined;
  /** The status in the body; default 502. */
  readonly code?: number | undefined;
  /** A `[DONE]` after the error, as vLLM sends; makes it look like a clean end. */
  readonly done?: boolean | undefined;
}

/** An error inside a 200: as the first frame with `after: 0`, or after content. */
export function errorFrame(options: ErrorFrameOptions = {}): Behaviour {
  return behaviour("errorFrame", function* (request) {
    yield* begin(request, options.after);
    yield bytesStep(errorBytes(request, options));
    if (options.done === true && request.wire === "openai-chat") yield bytesStep(DONE);
  });
}

function errorBytes(request: LabRequest, options: ErrorFrameOptions): Buffer {
  const { form = "openrouter", message = "Provider returned error", code = 502 } = options;
  if (request.wire !== "openai-chat") {
    const wire = wireFormat(request.wire);
    return wire.event(wire.error(request, { message }));
  }
  const envelope: JsonObject = { error: { message, type: "server_error", param: null, code } };
  switch (form) {
    case "openrouter":
      return sse(chunk(request, { content: "" }, "error", { provider: "Lab", error: { code, message } }));
    case "openai":
      return sse(envelope);
    case "vllm":
      return sse({ object: "error", message, type: "InternalServerError", param: null, code });
    case "event":
      return named("error", envelope);
    case "anthropic":
      return named("error", { type: "error", error: { type: "overloaded_error", message } });
  }
}

const named = (event: string, data: JsonObject): Buffer =>
  Buffer.concat([Buffer.from(`event: ${event}\n`), sse(data)]);

/** OpenRouter: comments while it waits for its backend, here before the first frame and between all others. */
export function keepAliveComments(
  options: { readonly count?: number | undefined } & FrameOptions = {},
): Behaviour {
  return behaviour("keepAliveComments", function* (request) {
    yield okHead(request);
    for (const { bytes } of framesOf(request, options)) {
      if (request.stream && request.wire === "openai-chat") {
        for (let i = 0; i < (options.count ?? 2); i += 1) yield bytesStep(": OPENROUTER PROCESSING\n\n");
      }
      yield bytesStep(bytes);
    }
  });
}
