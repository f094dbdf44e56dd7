/** What an exchange is given, what its attempts share, and how each of them ended. */
import type { Failure, Options, RoutePolicy, Usage } from "@headgate/contract";
import type { Candidate, RequestFacts, Skip } from "@headgate/router";
import type { AnyRequest } from "../codec/any-request.ts";
import type { ClientError } from "../http/client-error.ts";
import type { Reservations } from "../limits/reservations.ts";
import type { Leases } from "../local/leases.ts";
import type { LiveTable } from "../upstream/live-table.ts";
import type { Outcome } from "../upstream/outcome.ts";
import type { Continuation } from "./continuation/continuation.ts";
import type { FailedAttempt } from "./verdict.ts";

export interface ExchangeContext {
  readonly live: Pick<LiveTable, "endpoint">;
  readonly options: Options;
  readonly nowMs: () => number;
  /** Dice from 0 up to 1. */
  readonly random: () => number;
  readonly reservations: Pick<Reservations, "admit" | "settle">;
  readonly leases: Pick<Leases, "needs" | "acquire">;
  /** Called once per attempt, after it is over. */
  readonly onAttempt: (record: AttemptRecord) => void;
}

/** One request: what its surface made of it, and what routing knows of it. */
export interface ExchangeRequest {
  readonly request: AnyRequest;
  readonly facts: RequestFacts;
  readonly policy: RoutePolicy | undefined;
  /** The client's own bound for the whole request. */
  readonly timeoutMs: number | undefined;
  /** A prompt that one provider's content filter refuses goes to the next. */
  readonly pastFilter: boolean;
}

/** What all tries of one request share. */
export interface ExchangeState {
  readonly context: ExchangeContext;
  readonly incoming: ExchangeRequest;
  /** Present when a stream that breaks may be taken up again. */
  readonly continuation: Continuation | undefined;
  /** Under what the conversation is remembered once a candidate has answered. */
  readonly sessionKey: string | undefined;
  /** On a clock that never jumps. */
  readonly startedAtMs: number;
  readonly failedAttempts: FailedAttempt[];
  /** Candidates that had no room. */
  readonly skipped: Skip[];
  /** The candidates that are left. */
  readonly queue: () => Candidate[];
  /** Who answered the conversation before; absent where a change of models is nobody's business. */
  readonly lastAnswered: string | undefined;
}

/** What became of one attempt. */
export interface AttemptRecord {
  readonly candidate: Candidate;
  readonly failure?: Failure;
  /** The client went away, or another candidate was faster: neither a success nor a failure. */
  readonly cancelled?: true;
  /** What the upstream counted for this attempt alone. */
  readonly usage?: Usage;
}

/** How a try ended. */
export interface AttemptResult {
  readonly candidate: Candidate;
  readonly outcome: Outcome | { readonly kind: "skipped"; readonly skip: Skip };
  /** The field that the candidate's wire cannot express. */
  readonly param?: string;
  /** The request's time is used up: no other candidate has any either. */
  readonly late?: true;
  /** The last bytes of the stream that broke, where they depend on what went before. */
  errorFrame?(error: ClientError): Buffer | undefined;
}

export const via = ({ provider, deployment }: Candidate): string => `${provider.id}/${deployment.upstream}`;
