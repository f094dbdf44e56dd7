/** The body of an answer as a list of frames, whatever the wire: what behaviours cut, delay and spoil. */
import { type AnswerOptions, answerTo } from "./answer.ts";
import type { Ask } from "./ask.ts";
import type { Frame, UsageMode } from "./frame.ts";
import type { JsonValue } from "./json.ts";
import type { Headers, Step } from "./step.ts";
import { WIRES, wireFormat } from "./wires.ts";

export interface FrameOptions extends AnswerOptions {
  readonly usage?: UsageMode | undefined;
}

export function framesOf(ask: Ask, options: FrameOptions = {}): Frame[] {
  if (ask.document !== undefined) return [whole(ask.document)];
  if (ask.wire === "listing") return [whole(ask.listing ?? {})];
  const wire = WIRES[ask.wire];
  const answer = answerTo({ ...ask, body: wire.asked?.(ask.body) ?? ask.body }, options);
  return ask.stream ? wire.frames(ask, answer, options.usage ?? "asked") : [whole(wire.whole(ask, answer))];
}

const whole = (body: JsonValue): Frame => ({ kind: "whole", bytes: Buffer.from(JSON.stringify(body)) });

export const contentTypeOf = (ask: Ask): string =>
  ask.stream ? wireFormat(ask.wire).streamType : "application/json";

/** A 200's head. A whole body without `bodyBytes` goes out chunked. */
export function okHead(ask: Ask, headers: Headers = {}, bodyBytes?: number): Step {
  const base: Record<string, string | readonly string[]> = { "content-type": contentTypeOf(ask) };
  if (ask.stream) base["cache-control"] = "no-cache";
  if (bodyBytes !== undefined) base["content-length"] = String(bodyBytes);
  return { kind: "head", status: 200, headers: { ...base, ...headers } };
}

/**
 * The frames before trouble: through the `after`-th content frame; none at all for 0. Of a whole body, which
 * has no frames, the first half.
 */
export function upTo(frames: readonly Frame[], after: number): Frame[] {
  if (after <= 0) return [];
  const [first] = frames;
  if (first?.kind === "whole") {
    return [{ kind: "whole", bytes: first.bytes.subarray(0, Math.ceil(first.bytes.length / 2)) }];
  }
  const kept: Frame[] = [];
  let seen = 0;
  for (const frame of frames) {
    if (seen === after || (frame.kind !== "role" && frame.kind !== "content")) break;
    kept.push(frame);
    if (frame.kind === "content") seen += 1;
  }
  return kept;
}

export const bytesStep = (bytes: Buffer | string): Step => ({
  kind: "bytes",
  bytes: typeof bytes === "string" ? Buffer.from(bytes) : bytes,
});
