/** The body of an answer as a list of frames, on any wire: behaviours cut, delay and corrupt them. */
import { type AnswerOptions, answerTo } from "./answer.ts";
import type { Frame, UsageMode } from "./frame.ts";
import type { JsonValue } from "./json.ts";
import type { LabRequest } from "./lab-request.ts";
import type { Headers, Step } from "./step.ts";
import { WIRES, wireFormat } from "./wires.ts";

export interface FrameOptions extends AnswerOptions {
  readonly usage?: UsageMode | undefined;
}

export function framesOf(request: LabRequest, options: FrameOptions = {}): Frame[] {
  if (request.document !== undefined) return [whole(request.document)];
  if (request.wire === "listing") return [whole(request.listing ?? {})];
  const wire = WIRES[request.wire];
  const answer = answerTo({ ...request, body: wire.toOpenAi?.(request.body) ?? request.body }, options);
  return request.stream
    ? wire.frames(request, answer, options.usage ?? "asked")
    : [whole(wire.whole(request, answer))];
}

const whole = (body: JsonValue): Frame => ({ kind: "whole", bytes: Buffer.from(JSON.stringify(body)) });

export const contentTypeOf = (request: LabRequest): string =>
  request.stream ? wireFormat(request.wire).streamType : "application/json";

/** The head of a 200. A whole body without `bodyBytes` is chunked. */
export function okHead(request: LabRequest, headers: Headers = {}, bodyBytes?: number): Step {
  const base: Record<string, string | readonly string[]> = { "content-type": contentTypeOf(request) };
  if (request.stream) base["cache-control"] = "no-cache";
  if (bodyBytes !== undefined) base["content-length"] = String(bodyBytes);
  return { kind: "head", status: 200, headers: { ...base, ...headers } };
}

/**
 * The frames before a fault: up to the `after`-th content frame; none for 0. Of a whole body, which has no frames, the
 * first half.
 */
export function upTo(frames: readonly Frame[], after: number): Frame[] {
  if (after <= 0) return [];
  const [first] = frames;
  if (first?.kind === "whole") {
    return [{ kind: "whole", bytes: first.bytes.subarray(0, Math.ceil(first.bytes.length / 2)) }];
  }
  const kept: Frame[] = [];
  let count = 0;
  for (const frame of frames) {
    if (count === after || (frame.kind !== "role" && frame.kind !== "content")) break;
    kept.push(frame);
    if (frame.kind === "content") count += 1;
  }
  return kept;
}

export const bytesStep = (bytes: Buffer | string): Step => ({
  kind: "bytes",
  bytes: typeof bytes === "string" ? Buffer.from(bytes) : bytes,
});
