/**
 * The usage record: one finished request. The gateway makes it after the last byte; log lines, metrics, rollups and the
 * commands all come from it. It is plain JSON and holds no key and no body. A field that is undefined is absent: records have one
 * shape, so that they are quick to make and to write.
 */
import type { Usage } from "./chat.ts";
import type { FailureClass } from "./failure.ts";
import type { Operation, Strategy } from "./fragment.ts";

/** A deployment under one key, by names. */
export interface RecordedCandidate {
  readonly provider: string;
  /** The deployment's alias. */
  readonly model: string;
  readonly upstream: string;
  /** The name of the key's variable; absent for a provider without keys. */
  readonly key?: string | undefined;
}

/** One attempt, in the order in which the attempts ended. */
export interface RecordedAttempt extends RecordedCandidate {
  readonly outcome: "answered" | "failed" | "broken" | "cancelled";
  /** Of an attempt that failed or broke. */
  readonly class?: FailureClass | undefined;
  readonly message?: string | undefined;
  /** The upstream's HTTP status, where it answered with one. */
  readonly status?: number | undefined;
  readonly ms: number;
  readonly firstTokenMs?: number | undefined;
  readonly usage?: Usage | undefined;
  /** What the provider asks for the tokens, in nano-dollars (10⁻⁹ USD); absent where it states no price. */
  readonly listNanoUsd?: number | undefined;
  /** What the attempt is charged under the tier in force, in nano-dollars; absent where that is unknown. */
  readonly costNanoUsd?: number | undefined;
}

/** A candidate that was left out. */
export interface RecordedSkip {
  readonly model: string;
  readonly key?: string | undefined;
  readonly reason: string;
  readonly detail: string;
  /** When it opens again, ms since the epoch. */
  readonly untilMs?: number | undefined;
}

export type RequestOutcome = "answered" | "broken" | "aborted" | "refused";

export interface UsageRecord {
  /** Unique over all processes; the request's id need not be, since clients may choose it. */
  readonly uid: string;
  /** The id that the client got as `x-request-id`. */
  readonly id: string;
  /** When the request came, ms since the epoch. */
  readonly atMs: number;
  /** The client key's name. */
  readonly client: string;
  /** The client's program, from its User-Agent: `openai-python/1.2.3`. */
  readonly program?: string | undefined;
  /** The API that the client speaks. */
  readonly surface: string;
  readonly operation?: Operation | undefined;
  /** The name that the client sent; empty where the request named none. */
  readonly model: string;
  /** The route that served the name; absent where no route has it. */
  readonly route?: string | undefined;
  readonly strategy?: Strategy | undefined;
  readonly stream: boolean;
  /** A digest of the conversation's key. */
  readonly session?: string | undefined;
  readonly outcome: RequestOutcome;
  /** The HTTP status that the client got; 499 where it went away. */
  readonly status: number;
  /** Of a refused request: what the client was told. */
  readonly error?: { readonly code?: string | undefined; readonly message: string } | undefined;
  /** Who answered, or whose stream broke. */
  readonly served?: RecordedCandidate | undefined;
  readonly attempts: readonly RecordedAttempt[];
  readonly skipped: readonly RecordedSkip[];
  /** The candidates in the order of the plan. */
  readonly plan: readonly RecordedCandidate[];
  readonly firstTokenMs?: number | undefined;
  readonly durationMs: number;
  /** The sum over all attempts. */
  readonly usage?: Usage | undefined;
  /** `estimated`: the upstream that answered counted nothing. */
  readonly counted?: "upstream" | "estimated" | undefined;
  /** Sums over the attempts, in nano-dollars; absent where an attempt's is unknown. */
  readonly listNanoUsd?: number | undefined;
  readonly costNanoUsd?: number | undefined;
  /** What the same tokens cost at the list price of the model that the client named, in nano-dollars. */
  readonly askedNanoUsd?: number | undefined;
  /** hit: the whole answer came from the cache; part: some inputs of it; joined: from an equal request's call. */
  readonly cache?: "hit" | "part" | "joined" | undefined;
  /** What that part took when it was made. It is not in `usage` and not in the sums. */
  readonly saved?: { readonly tokens: number; readonly listNanoUsd: number } | undefined;
}

/** The bodies of one request, where the operator records them. */
export interface RecordedBodies {
  readonly uid: string;
  readonly request?: string;
  readonly answer?: string;
}

/** Takes records behind the answer. Neither call waits or throws. */
export interface RecordSink {
  write(record: UsageRecord, bodies?: RecordedBodies): void;
}

export interface RecordFilter {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly client?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly outcome?: string;
  /** At most so many, the newest first; 1 to 1000. */
  readonly limit: number;
}

export const USAGE_GROUPS = ["client", "model", "provider", "key", "day"] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export interface UsageQuery {
  /** Absent: one row over everything. */
  readonly by?: UsageGroup;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** One row of `headgate usage`. Percentiles are at most 5 % off; null where nothing was measured. */
export interface UsageRow {
  /** The group's value; empty for the row over everything, and for requests that no candidate took. */
  readonly name: string;
  readonly requests: number;
  readonly succeeded: number;
  readonly attempts: number;
  readonly failed_attempts: number;
  readonly tokens: {
    readonly input: number;
    readonly output: number;
    readonly cached: number;
    readonly reasoning: number;
  };
  /** Requests whose tokens are estimated. */
  readonly estimated: number;
  readonly ttft_ms: { readonly p50: number | null; readonly p95: number | null };
  readonly duration_ms: { readonly p50: number | null; readonly p95: number | null };
  readonly cost_usd: number;
  /** What the providers that served ask. */
  readonly list_usd: number;
  /** What the models that were named would have cost. */
  readonly asked_usd: number;
  /** Requests without a known cost: not in `cost_usd`. */
  readonly unpriced: number;
  /** What the cache saved: requests that made no call, or a smaller one; their tokens, and the list price of those. */
  readonly saved: { readonly requests: number; readonly tokens: number; readonly list_usd: number };
}

export interface FoundRecord {
  readonly record: UsageRecord;
  readonly bodies?: RecordedBodies;
  /** Bodies are kept, and the secret at hand cannot open them. */
  readonly sealed?: true;
  /** Further records with this id: the client used it again. */
  readonly others: number;
}

/** Answers questions about records; none of them runs on the event loop of the gateway. */
export interface RecordReader {
  find(id: string): Promise<FoundRecord | undefined>;
  list(filter: RecordFilter): Promise<readonly UsageRecord[]>;
  usage(query: UsageQuery): Promise<readonly UsageRow[]>;
  /**
   * One row for each period between two neighbouring edges, ms since the epoch; its name is the period's start. Edges on the
   * quarter of an hour are exact; on the minute where all periods together are three hours at most.
   */
  series(edgesMs: readonly number[]): Promise<readonly UsageRow[]>;
  /** Requests and tokens per provider and key since a moment: what a forecast is made of. */
  rates(sinceMs: number, untilMs: number): Promise<readonly RateRow[]>;
}

/** What went to one model under one key. */
export interface RateRow {
  readonly provider: string;
  readonly model: string;
  readonly key: string;
  /** Attempts that did not fail: a failed one seldom uses up quota. */
  readonly attempts: number;
  readonly tokens: number;
}

export interface Records extends RecordSink, RecordReader {
  /** Resolves once everything that was written before is stored or lost. */
  flush(): Promise<void>;
}
