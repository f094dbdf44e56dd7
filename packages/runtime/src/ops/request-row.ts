/** A usage record as a row of a list: without its plan, and without what each attempt said. */
import type { Operation, RequestOutcome, UsageRecord } from "@headgate/contract";

/** What is unknown is null. */
export interface RequestRow {
  /** Unique; the id need not be. */
  readonly uid: string;
  readonly id: string;
  /** When the request came, ms since the epoch. */
  readonly at: number;
  readonly client: string;
  readonly program: string | null;
  readonly surface: string;
  readonly operation: Operation | null;
  /** The name that the client sent. */
  readonly model: string;
  readonly served: { readonly provider: string; readonly model: string } | null;
  readonly stream: boolean;
  readonly outcome: RequestOutcome;
  readonly status: number;
  readonly attempts: number;
  readonly first_token_ms: number | null;
  readonly duration_ms: number;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly counted: "upstream" | "estimated" | null;
  readonly cost_nano_usd: number | null;
  readonly error: string | null;
}

export function requestRow(record: UsageRecord): RequestRow {
  const {
    uid,
    id,
    atMs,
    client,
    program,
    surface,
    operation,
    model,
    stream,
    outcome,
    status,
    served,
    attempts,
  } = record;
  return {
    uid,
    id,
    at: atMs,
    client,
    program: program ?? null,
    surface,
    operation: operation ?? null,
    model,
    served: served === undefined ? null : { provider: served.provider, model: served.model },
    stream,
    outcome,
    status,
    attempts: attempts.length,
    first_token_ms: record.firstTokenMs ?? null,
    duration_ms: record.durationMs,
    input_tokens: record.usage?.inputTokens ?? null,
    output_tokens: record.usage?.outputTokens ?? null,
    counted: record.counted ?? null,
    cost_nano_usd: record.costNanoUsd ?? null,
    error:
      record.error?.message ?? attempts.findLast(({ message }) => message !== undefined)?.message ?? null,
  };
}
