/** What an exchange is given, what its attempts share, and how each of them ended. */
import type { Deployment, Failure, Options, RoutePolicy, Usage } from "@headgate/contract";
import type { Candidate, RequestFacts, Skip } from "@headgate/router";
import type { AnyRequest } from "../codec/any-request.ts";
import type { KeptAnswer } from "../codec/kept-answer.ts";
import type { ClientError } from "../http/client-error.ts";
import type { MemoryHold } from "../http/memory-budget.ts";
import type { Reservations } from "../limits/reservations.ts";
import type { Leases } from "../local/leases.ts";
import type { LiveTable } from "../upstream/live-table.ts";
import type { Outcome } from "../upstream/outcome.ts";
import type { Continuation } from "./continuation/continuation.ts";
import type { FailedAttempt } from "./prospects.ts";
import type { RefusedFields } from "./refused-fields.ts";
import type { Trace } from "./trace.ts";

export interface ExchangeContext {
  readonly live: Pick<LiveTable, "endpoint">;
  readonly options: Options;
  readonly nowMs: () => number;
  /** A random number from 0 up to, not including, 1. */
  readonly random: () => number;
  readonly reservations: Pick<Reservations, "admit" | "settle">;
  readonly leases: Pick<Leases, "acquire" | "grew" | "grownTokens" | "needs">;
  /** What the request holds of the memory budget. */
  readonly memory: Pick<MemoryHold, "take" | "waitOrGoAhead">;
  /** Fields that models refused. */
  readonly refused: RefusedFields;
  /** Called once per attempt, after it is over. */
  readonly onAttempt: (record: AttemptRecord) => void;
}

/** One request: as its surface decoded it, and with its facts and policy for routing. */
export interface ExchangeRequest {
  readonly request: AnyRequest;
  readonly facts: RequestFacts;
  readonly policy: RoutePolicy | undefined;
  /** The client's own bound for the whole request. */
  readonly timeoutMs: number | undefined;
  /** True: a prompt that one provider's content filter refuses goes to the next candidate. */
  readonly pastFilter: boolean;
}

/** What all attempts of one request share. */
export interface ExchangeState {
  readonly context: ExchangeContext;
  readonly incoming: ExchangeRequest;
  /** Present when a stream that breaks may be continued. */
  readonly continuation: Continuation | undefined;
  /** The key under which the conversation's candidate is remembered after an answer. */
  readonly sessionKey: string | undefined;
  readonly trace: Trace;
  readonly failedAttempts: FailedAttempt[];
  /** Candidates that their limits did not admit. */
  readonly skipped: Skip[];
  /** How many attempts were made, second tries included. */
  readonly attempts: { made: number };
  /** Upstream ids of the models whose answer was empty. */
  readonly emptyFrom: Set<string>;
  /** Candidates that refused what was sealed in the conversation. */
  readonly unsealed: Set<Candidate>;
  /** The model that the client named; absent where its name means several. */
  readonly named: Deployment | undefined;
  /** The candidates that are left. */
  readonly queue: () => Candidate[];
  /** The candidate that answered the conversation before; absent where no handoff note is sent. */
  readonly lastAnswered: string | undefined;
}

/** The result of one attempt, for health and the log. */
export interface AttemptRecord {
  readonly candidate: Candidate;
  readonly failure?: Failure;
  /** The client went away, or another candidate was faster: neither a success nor a failure. */
  readonly cancelled?: true;
  /** What the upstream counted for this attempt alone. */
  readonly usage?: Usage;
}

/** How an attempt ended. */
export interface AttemptResult {
  readonly candidate: Candidate;
  readonly outcome: Outcome | { readonly kind: "skipped"; readonly skip: Skip };
  /** The field that the candidate's wire cannot express. */
  readonly param?: string;
  /** The request's time or the gateway's memory is used up, for the other candidates too. */
  readonly late?: true;
  /** Of an answer whose events are kept. */
  readonly kept?: KeptAnswer;
  /** The last bytes of the broken stream, where they depend on what was sent before. */
  errorFrame?(error: ClientError): Buffer | undefined;
}

export const via = ({ provider, deployment }: Candidate): string => `${provider.id}/${deployment.upstream}`;
