/** W3C trace context: https://www.w3.org/TR/trace-context/#traceparent-header */
import { randomBytes } from "node:crypto";

export interface SpanContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** The client's own span. */
  readonly parentId?: string;
}

const FORM = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;
const SAMPLED = 1;

/** @returns undefined for a header that is none; then the trace begins here */
export function readTraceparent(
  header: string | readonly string[] | undefined,
): { readonly traceId: string; readonly parentId: string; readonly sampled: boolean } | undefined {
  if (typeof header !== "string") return undefined;
  const [, traceId, parentId, flags] = FORM.exec(header) ?? [];
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

export const newTraceId = (): string => randomBytes(16).toString("hex");
export const newSpanId = (): string => randomBytes(8).toString("hex");

export const traceparentOf = ({ traceId, spanId }: SpanContext): string => `00-${traceId}-${spanId}-01`;
