/** Answers that are right, and wrappers that add something to any other behaviour. */

import { bytesStep, type FrameOptions, framesOf, okHead } from "../frames.ts";
import type { Gate } from "../gate.ts";
import type { LabRequest } from "../lab-request.ts";
import { type LimitOptions, limitHeaders } from "../limit-headers.ts";
import { type Behaviour, behaviour, type Headers, type Step } from "../step.ts";
import { wireFormat } from "../wires.ts";
import { mapSteps } from "./map-steps.ts";
import { status } from "./status.ts";

export interface HealthyOptions extends FrameOptions {
  readonly headers?: Headers | undefined;
  /** A pause before each frame in milliseconds; for use by hand and the demo. */
  readonly everyMs?: number | undefined;
}

/** The correct behaviour: JSON or a stream as requested, tools, vision, JSON modes, usage as requested. */
export function healthy(options: HealthyOptions = {}): Behaviour {
  return behaviour("healthy", function* (request) {
    const frames = framesOf(request, options);
    const [first] = frames;
    yield okHead(request, options.headers, first?.kind === "whole" ? first.bytes.length : undefined);
    for (const { bytes } of frames) {
      if (options.everyMs !== undefined) yield { kind: "pause", ms: options.everyMs };
      yield bytesStep(bytes);
    }
  });
}

/** Adds headers to the answers of `inner`. */
export function withHeaders(headers: Headers, inner: Behaviour = healthy()): Behaviour {
  return mapSteps("withHeaders", inner, (step) =>
    step.kind === "head" ? [{ ...step, headers: { ...step.headers, ...headers } }] : [step],
  );
}

/** Rate-limit headers in the form of Groq, OpenRouter or Anthropic, on any answer. */
export function withLimits(limits: LimitOptions, inner: Behaviour = healthy()): Behaviour {
  return mapSteps("withLimits", inner, (step, request) =>
    step.kind === "head"
      ? [{ ...step, headers: { ...step.headers, ...limitHeaders(limits, request.nowMs) } }]
      : [step],
  );
}

/** Cloudflare-fronted hosts (Groq, OpenAI) set cookies, which must not reach the client. */
export function setCookies(inner: Behaviour = healthy()): Behaviour {
  const cookies = ["__cf_bm=lab; path=/; HttpOnly; Secure", "_cfuvid=lab; path=/; HttpOnly"];
  return mapSteps("setCookies", inner, (step) =>
    step.kind === "head" ? [{ ...step, headers: { ...step.headers, "set-cookie": cookies } }] : [step],
  );
}

/** A behaviour per API key, for accounts with several; a key that is not listed gets a 401 (`invalid_api_key`). */
export function byKey(keys: Readonly<Record<string, Behaviour>>, otherwise?: Behaviour): Behaviour {
  const refuse =
    otherwise ??
    status(401, {
      message: "Incorrect API key provided.",
      type: "invalid_request_error",
      code: "invalid_api_key",
    });
  return behaviour("byKey", (request) =>
    ((Object.hasOwn(keys, request.key) && keys[request.key]) || refuse).plan(request),
  );
}

/** Pollinations, Ollama Cloud, talkies: 429 above a number of concurrent requests; no queue. */
export function concurrencyCap(
  options: { readonly concurrent?: number | undefined } = {},
  inner: Behaviour = healthy(),
): Behaviour {
  let running = 0;
  const refuse = status(429, { message: "Too many concurrent requests" });
  return behaviour("concurrencyCap", async function* (request) {
    if (running >= (options.concurrent ?? 1)) {
      yield* refuse.plan(request);
      return;
    }
    running += 1;
    try {
      yield* inner.plan(request);
    } finally {
      running -= 1;
    }
  });
}

/** Content without end, as fast as it is read: for aborts and backpressure. With a gate, one frame per pass. */
export function endless(
  options: { readonly pieceBytes?: number | undefined; readonly gate?: Gate | undefined } = {},
): Behaviour {
  const text = "x".repeat(options.pieceBytes ?? 16);
  return behaviour("endless", function* (request): Generator<Step> {
    yield okHead(request);
    for (;;) {
      if (options.gate !== undefined) yield { kind: "gate", gate: options.gate };
      yield bytesStep(contentFrame(request, text));
    }
  });
}

/** One piece of content on the request's wire; of a whole answer, a piece of a JSON string. */
export function contentFrame(request: LabRequest, content: string): Buffer {
  return request.stream ? wireFormat(request.wire).piece(request, content) : Buffer.from(content);
}
