import type { CacheRule } from "./cache.ts";
import type { Operation } from "./fragment.ts";

/** How a name's requests are carried through trouble; each field by itself, absent means the default. */
export interface RoutePolicy {
  /** First-content timeout of a candidate, in ms; absent: the provider's, else the gateway's. */
  readonly firstTokenMs?: number;
  /** Time without content after which the next candidate is tried in parallel, in ms; 0 or absent: never. */
  readonly hedgeAfterMs?: number;
  /** What happens to a stream that breaks after content; absent: `DEFAULT_MIDSTREAM`. */
  readonly midstream?: Midstream;
  /** The longest wait for a local model whose load has not begun, in ms; absent: `LOCAL_WAIT_MS`. */
  readonly localWaitMs?: number;
  /** How answers under the name are cached. */
  readonly cache?: CacheRule;
}

/** The same by default: where another candidate is open, and where none is. */
export const LOCAL_WAIT_MS = { otherOpen: 3_000, last: 120_000 } as const;

/**
 * - `error`: the stream ends with an error frame.
 * - `restart`: the next candidate begins anew, where the client has seen no words of the answer yet.
 * - `continue`: the next candidate continues from the text that the client has.
 */
export type Midstream = "error" | "restart" | "continue";

/** Operations where a second call has no side effect and costs one prompt at most; images, speech and uploads cost more. */
export const HEDGED: ReadonlySet<Operation> = new Set(["chat", "embedding", "rerank", "moderation"]);

export const DEFAULT_MIDSTREAM: Midstream = "continue";

export const MIDSTREAM: readonly Midstream[] = ["error", "restart", "continue"];

/** Upper bound of a policy's times, in ms; also the schema's bound. */
export const MAX_POLICY_MS = 3_600_000;
