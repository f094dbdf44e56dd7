import type { Operation } from "./fragment.ts";

/** How a name's requests are carried through trouble; each field by itself, absent means the default. */
export interface RoutePolicy {
  /** How long a candidate may take to its first content, in ms; the provider's or the gateway's own by default. */
  readonly firstTokenMs?: number;
  /** After how many ms without content the next candidate is asked besides; 0 or absent: never. */
  readonly hedgeAfterMs?: number;
  /** What happens to a stream that breaks after content; `error` by default. */
  readonly midstream?: Midstream;
}

/**
 * - `error`: the stream ends with an error frame.
 * - `restart`: the next candidate begins anew, where the client has seen no words of the answer yet.
 * - `continue`: the next candidate goes on from the words that the client has.
 */
export type Midstream = "error" | "restart" | "continue";

/** Operations whose second call changes nothing and costs a prompt at most; images, speech and uploads cost more. */
export const HEDGED: ReadonlySet<Operation> = new Set(["chat", "embedding", "rerank", "moderation"]);

export const MIDSTREAM: readonly Midstream[] = ["error", "restart", "continue"];

/** Nothing waits longer for a first token, or before a hedge, in ms; also the schema's bound. */
export const MAX_POLICY_MS = 3_600_000;
