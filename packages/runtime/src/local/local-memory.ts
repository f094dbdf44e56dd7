/** Local models' memory: managed by this process, or by the leader. */
import type { Ask, CommandResult, Lease, ModelNeed, Refusal, Snapshot } from "@headgate/resources";
import type { ManagedBackend } from "./backends.ts";

export type Command = "load" | "evict" | "pin" | "unpin";

/** What a routing table needs managed. */
export interface Managed {
  readonly backends: readonly ManagedBackend[];
  /** One for each residency. */
  readonly models: readonly ModelNeed[];
}

export interface LocalMemory {
  /** @throws the signal's reason when it ends the wait */
  acquire(ask: Ask): Promise<Lease | Refusal>;
  /** @param key a residency's */
  command(what: Command, key: string): Promise<CommandResult>;
  /** Undefined where nothing is managed. */
  snapshot(): Promise<Snapshot | undefined>;
}

/** Local memory that takes a routing table's models. */
export interface ManagedMemory extends LocalMemory {
  /** @param waitMs the longest wait for a leader; the length of a handover unless given */
  snapshot(waitMs?: number): Promise<Snapshot | undefined>;
  /** Applies a table; what is loaded stays. */
  configure(managed: Managed): Promise<void>;
  close(): Promise<void>;
}

/** There is no leader at the moment. */
export class LeaderGone extends Error {
  override name = "LeaderGone";
}

export const refused = (reason: Refusal["reason"], message: string, retryAfterMs?: number): Refusal => ({
  granted: false,
  reason,
  message,
  retryAfterMs,
});
