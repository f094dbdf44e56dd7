/** Faults of the connection, and delays. */
import { bytesStep, framesOf, okHead, upTo } from "../frames.ts";
import type { Gate } from "../gate.ts";
import { type Behaviour, behaviour, type Step } from "../step.ts";
import { healthy } from "./healthy.ts";

interface Gated {
  /** Where it waits; absent: until the client leaves. */
  readonly gate?: Gate | undefined;
}

const wait = (gate: Gate | undefined): Step =>
  gate === undefined ? { kind: "forever" } : { kind: "gate", gate };

/** A load balancer that drops the connection (RST) before any answer. */
export function resetBeforeHeaders(): Behaviour {
  return behaviour("resetBeforeHeaders", () => [{ kind: "reset" }]);
}

/** A server that closes (FIN) before any answer: a restart behind a proxy. */
export function closeBeforeHeaders(): Behaviour {
  return behaviour("closeBeforeHeaders", () => [{ kind: "cut" }]);
}

/** A kept-alive connection that the server closes at its reuse; a fresh one works. */
export function closeOnReuse(inner: Behaviour = healthy()): Behaviour {
  return behaviour("closeOnReuse", (request) =>
    request.nthOnConnection > 1 ? [{ kind: "reset" }] : inner.plan(request),
  );
}

/** Reads the request and sends nothing: a stuck queue. With a gate, answers once it opens. */
export function silence(options: Gated = {}, inner: Behaviour = healthy()): Behaviour {
  return behaviour("silence", async function* (request) {
    yield wait(options.gate);
    yield* inner.plan(request);
  });
}

/** Headers at once, the first byte of content late or never: any busy GPU. The role chunk may come early. */
export function slowFirstToken(
  options: Gated & { readonly roleFirst?: boolean | undefined } = {},
): Behaviour {
  return behaviour("slowFirstToken", function* (request) {
    yield okHead(request);
    let waited = false;
    for (const frame of framesOf(request)) {
      if (!waited && !(options.roleFirst === true && frame.kind === "role")) {
        waited = true;
        yield wait(options.gate);
      }
      yield bytesStep(frame.bytes);
    }
  });
}

interface After {
  /** Content frames before the fault; default 1. 0: none, not even a role. */
  readonly after?: number | undefined;
}

/** Stops sending in mid-stream with the connection open. With a gate, continues once it opens. */
export function stall(options: After & Gated = {}): Behaviour {
  return behaviour("stall", function* (request) {
    const frames = framesOf(request);
    const before = upTo(frames, options.after ?? 1);
    yield okHead(request);
    for (const { bytes } of before) yield bytesStep(bytes);
    yield wait(options.gate);
    const [first] = frames;
    if (first?.kind === "whole") yield bytesStep(first.bytes.subarray(before[0]?.bytes.length ?? 0));
    else for (const { bytes } of frames.slice(before.length)) yield bytesStep(bytes);
  });
}

/** The connection ends in mid-body, chunked framing unfinished: a crashed worker. `reset`: RST instead of FIN. */
export function cut(options: After & { readonly reset?: boolean | undefined } = {}): Behaviour {
  return behaviour("cut", function* (request) {
    yield okHead(request);
    for (const { bytes } of upTo(framesOf(request), options.after ?? 1)) yield bytesStep(bytes);
    yield { kind: options.reset === true ? "reset" : "cut" };
  });
}

/** Sends half of its Content-Length. */
export function truncatedBody(): Behaviour {
  return behaviour("truncatedBody", function* (request) {
    const body = Buffer.concat(framesOf(request).map((frame) => frame.bytes));
    yield okHead(request, {}, body.length);
    yield bytesStep(body.subarray(0, Math.ceil(body.length / 2)));
    yield { kind: "cut" };
  });
}

/** Delays every byte of the body: at a gate, or by a number of milliseconds for use by hand. */
export function dribble(options: Gated & { readonly everyMs?: number | undefined } = {}): Behaviour {
  return behaviour("dribble", function* (request) {
    yield okHead(request);
    const body = Buffer.concat(framesOf(request).map((frame) => frame.bytes));
    for (const byte of body) {
      if (options.gate !== undefined) yield { kind: "gate", gate: options.gate };
      else yield { kind: "pause", ms: options.everyMs ?? 20 };
      yield bytesStep(Buffer.of(byte));
    }
  });
}
