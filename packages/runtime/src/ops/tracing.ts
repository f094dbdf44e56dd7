/**
 * OpenTelemetry traces: one span per request and one per attempt, by the GenAI conventions, sent to a collector by OTLP over HTTP
 * in JSON. Loaded only where HEADGATE_TRACES_OTLP names one.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp, https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
import type { IncomingHttpHeaders } from "node:http";
import type { UsageRecord } from "@headgate/contract";
import type { Trace, Traces } from "../exchange/trace.ts";
import { newSpanId, newTraceId, readTraceparent, type SpanContext } from "../http/traceparent.ts";
import type { Log } from "../log.ts";

const FLUSH_MS = 1_000;
const MAX_BATCH = 512;
/** Beyond so many waiting spans new ones are lost. */
const MAX_WAITING = 4_096;
const TIMEOUT_MS = 10_000;
const MOST_PAUSE_MS = 30_000;
const KIND = { server: 2, client: 3 } as const;
const STATUS_ERROR = 2;

export interface TracingInput {
  /** The collector's address, with or without `/v1/traces`. */
  readonly url: string;
  /** The share of requests without a trace of their own that are traced, 0 to 1. */
  readonly sample: number;
  readonly version: string;
  readonly log: Log;
  readonly random?: () => number;
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly object[];
  readonly status?: { readonly code: number; readonly message?: string };
}

export class Tracing implements Traces {
  readonly #input: TracingInput;
  readonly #url: URL;
  readonly #random: () => number;
  #waiting: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #pauseMs = 0;
  #lost = 0;
  #closed = false;

  constructor(input: TracingInput) {
    this.#input = input;
    this.#random = input.random ?? Math.random;
    this.#url = new URL(input.url);
    if (!this.#url.pathname.endsWith("/v1/traces"))
      this.#url.pathname = `${this.#url.pathname.replace(/\/$/, "")}/v1/traces`;
  }

  /** The request's span where it is traced: as its client's trace says, else by chance. */
  begin(headers: IncomingHttpHeaders): SpanContext | undefined {
    const parent = readTraceparent(headers.traceparent);
    if (!(parent?.sampled ?? this.#random() < this.#input.sample)) return undefined;
    if (parent === undefined) return { traceId: newTraceId(), spanId: newSpanId() };
    return { traceId: parent.traceId, spanId: newSpanId(), parentId: parent.parentId };
  }

  /** Once per traced request, after its last byte. Never waits or throws. */
  end(span: SpanContext, trace: Trace, record: UsageRecord): void {
    const spans = spansOf(span, trace, record);
    if (this.#waiting.length + spans.length > MAX_WAITING) {
      this.#lose(spans.length);
      return;
    }
    this.#waiting.push(...spans);
    if (this.#waiting.length >= MAX_BATCH && this.#pauseMs === 0) void this.#flush();
    else this.#timer ??= setTimeout(() => void this.#flush(), this.#pauseMs || FLUSH_MS).unref();
  }

  #lose(count: number): void {
    if (this.#lost === 0)
      this.#input.log.warn("traces are lost: the collector of HEADGATE_TRACES_OTLP does not take them");
    this.#lost += count;
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
      if (this.#waiting.length > 0 && !this.#closed)
        this.#timer ??= setTimeout(() => void this.#flush(), this.#pauseMs || FLUSH_MS).unref();
    });
    await this.#sending;
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MAX_BATCH);
      const failure = await this.#post(batch);
      if (failure === "away") {
        if (this.#pauseMs === 0)
          this.#input.log.warn("the collector of HEADGATE_TRACES_OTLP does not answer; traces wait for it");
        this.#pauseMs = Math.min(MOST_PAUSE_MS, Math.max(FLUSH_MS, this.#pauseMs * 2));
        return;
      }
      this.#waiting = this.#waiting.slice(batch.length);
      if (failure === "refused") this.#lose(batch.length);
      else if (this.#pauseMs > 0 || this.#lost > 0) {
        this.#input.log.info("the collector of HEADGATE_TRACES_OTLP takes traces again", {
          lost: this.#lost,
        });
        this.#lost = 0;
      }
      this.#pauseMs = 0;
    }
  }

  /** `away`: the same batch may be taken later. */
  async #post(spans: readonly Span[]): Promise<"away" | "refused" | undefined> {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(bodyOf(spans, this.#input.version)),
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.arrayBuffer();
      if (response.ok) return undefined;
      return response.status === 429 || response.status >= 500 ? "away" : "refused";
    } catch {
      return "away";
    }
  }

  /** Sends what waits, once. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#pauseMs = 0;
    await this.#sending;
    if (this.#waiting.length > 0) await this.#flush();
  }
}

const bodyOf = (spans: readonly Span[], version: string): object => ({
  resourceSpans: [
    {
      resource: {
        attributes: attributesOf({ "service.name": "headgate", "service.version": version }),
      },
      scopeSpans: [{ scope: { name: "headgate", version }, spans }],
    },
  ],
});

function spansOf(span: SpanContext, trace: Trace, record: UsageRecord): Span[] {
  const { traceId, spanId, parentId } = span;
  const { id, client, surface, model, outcome, status, served, usage, operation, error, costNanoUsd } =
    record;
  const kind = operation ?? "request";
  const failed = outcome === "refused" || outcome === "broken";
  const own: Span = {
    traceId,
    spanId,
    ...(parentId === undefined ? {} : { parentSpanId: parentId }),
    name: model === "" ? kind : `${kind} ${model}`,
    kind: KIND.server,
    ...times(record.atMs, record.durationMs),
    attributes: attributesOf({
      "gen_ai.operation.name": kind,
      "gen_ai.request.model": model,
      "gen_ai.response.model": served?.upstream,
      "gen_ai.provider.name": served?.provider,
      "gen_ai.usage.input_tokens": usage?.inputTokens,
      "gen_ai.usage.output_tokens": usage?.outputTokens,
      "http.response.status_code": status,
      "error.type": failed ? (error?.code ?? outcome) : undefined,
      "headgate.request.id": id,
      "headgate.client": client,
      "headgate.surface": surface,
      "headgate.outcome": outcome,
      "headgate.time_to_first_token_ms": record.firstTokenMs,
      "headgate.cost_nano_usd": costNanoUsd,
    }),
    ...(failed ? { status: { code: STATUS_ERROR, message: error?.message ?? outcome } } : {}),
  };
  const attempts = trace.attempts.map((attempt, at): Span => {
    const recorded = record.attempts[at];
    const broke = recorded?.outcome === "failed" || recorded?.outcome === "broken";
    return {
      traceId,
      spanId: attempt.spanId ?? newSpanId(),
      parentSpanId: spanId,
      name: `${kind} ${recorded?.upstream ?? ""}`,
      kind: KIND.client,
      ...times(record.atMs + attempt.beganMs, attempt.ms),
      attributes: attributesOf({
        "gen_ai.operation.name": kind,
        "gen_ai.provider.name": recorded?.provider,
        "gen_ai.request.model": recorded?.upstream,
        "gen_ai.usage.input_tokens": recorded?.usage?.inputTokens,
        "gen_ai.usage.output_tokens": recorded?.usage?.outputTokens,
        "http.response.status_code": recorded?.status,
        "error.type": recorded?.class,
        "headgate.model": recorded?.model,
        // The variable's name, never a key.
        "headgate.key": recorded?.key,
        "headgate.outcome": recorded?.outcome,
        "headgate.time_to_first_token_ms": recorded?.firstTokenMs,
      }),
      ...(broke ? { status: { code: STATUS_ERROR, message: recorded.message ?? recorded.class ?? "" } } : {}),
    };
  });
  return [own, ...attempts];
}

function times(atMs: number, durationMs: number): Pick<Span, "startTimeUnixNano" | "endTimeUnixNano"> {
  const nano = (ms: number): string => String(BigInt(Math.round(ms * 1_000)) * 1_000n);
  return { startTimeUnixNano: nano(atMs), endTimeUnixNano: nano(atMs + durationMs) };
}

const attributesOf = (fields: Readonly<Record<string, string | number | undefined>>): object[] =>
  Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );

function anyValue(value: string | number): object {
  if (typeof value === "string") return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
