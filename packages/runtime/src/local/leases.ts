/**
 * Leases of local models: an attempt begins when its model is loaded and one of the model's places for jobs is free.
 * While the table names no local model, none of this code is loaded and no request pays for it.
 */
import { isDeepStrictEqual } from "node:util";
import type { LoadOptions } from "@headgate/adapter-kit";
import {
  BACKGROUND_PRIORITY,
  type Deployment,
  type Failure,
  type Options,
  present,
  type RoutingTable,
  type StateStore,
} from "@headgate/contract";
import type {
  Clock,
  CommandResult,
  Lease,
  MemoryProbe,
  ModelNeed,
  Refusal,
  Snapshot,
} from "@headgate/resources";
import type { Candidate } from "@headgate/router";
import type { Log } from "../log.ts";
import type { Secrets } from "../upstream/live-table.ts";
import { observed } from "../upstream/outcome.ts";
import { type ManagedBackend, managedBackends, needOf, needWith } from "./backends.ts";
import { ElectedMemory } from "./elected-memory.ts";
import { budgetOf, LeaderMemory } from "./leader-memory.ts";
import type { Command, ManagedMemory } from "./local-memory.ts";

export interface LeasesInput {
  readonly options: Pick<Options, "vramBudget" | "warm" | "minLoadedMs">;
  readonly log: Log;
  /** Shared by the processes that use this machine's memory; absent: this process uses it alone. */
  readonly shared?:
    | { readonly store: Pick<StateStore, "leaderLock" | "leaderLockHere">; readonly stateDir: string }
    | undefined;
  /** For tests: what measures memory, and a clock. */
  readonly probe?: MemoryProbe;
  readonly clock?: Clock;
}

export interface LocalState extends Snapshot {
  /** Aliases by residency key. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
}

/** How many residencies with clients' own load options may be held or waited for at once: each costs a placement. */
const MAX_CHOSEN = 64;

/** How long a model keeps a context that a long prompt needed. */
const GROWN_MS = 300_000;

/** What an operator wants kept in memory. */
interface Kept {
  /** Aliases. */
  readonly warm: ReadonlySet<string>;
  readonly minResidencyMs: number;
}

const keptOf = ({ warm = "", minLoadedMs = 0 }: LeasesInput["options"]): Kept => ({
  warm: new Set(warm.split(",").map((alias) => alias.trim())),
  minResidencyMs: minLoadedMs,
});

interface Leased {
  readonly need: ModelNeed;
  /** The need with load options that a client chose. */
  with(chosen: LoadOptions): ModelNeed;
}

export interface Waits {
  readonly waitMs: number;
  /** Default: `waitMs`. */
  readonly startWaitMs?: number;
  /** Goes behind every interactive request that comes within a minute. */
  readonly background?: boolean;
}

export class Leases {
  readonly #budget: string | undefined;
  readonly #kept: Kept;
  readonly #nowMs: () => number;
  readonly #memory: ManagedMemory;
  /** By `<provider> <alias>`: requests that began with an older table use the same names. */
  #needs = new Map<string, Leased>();
  /** Residency keys with clients' own load options that are held or waited for, and how often. */
  readonly #chosen = new Map<string, number>();
  /** By upstream id, the context to which a prompt made a model grow, and when one last needed that. */
  readonly #grown = new Map<string, { readonly tokens: number; readonly atMs: number }>();
  #serving: unknown;
  /** Set while a changed table is made ready. */
  #preparing: Promise<unknown> | undefined;

  constructor({ options, log, shared, probe, clock }: LeasesInput) {
    this.#budget = options.vramBudget;
    this.#kept = keptOf(options);
    this.#nowMs = () => clock?.nowMs() ?? performance.timeOrigin + performance.now();
    const manager = { log, vramBudget: this.#budget, probe, clock };
    this.#memory =
      shared === undefined
        ? new LeaderMemory(manager)
        : new ElectedMemory({ ...shared, manager, nowMs: this.#nowMs });
  }

  /**
   * Applies a table. What is loaded stays; what the new table does not name is unloaded when its memory is needed.
   * @throws {Error} with a readable message, for a budget that cannot be read or a state directory that cannot be used
   */
  async serve(table: RoutingTable, secrets: Secrets): Promise<void> {
    const backends = this.#budget === "off" ? [] : managedBackends(table, secrets);
    const wanted = backends.map(({ provider, local, baseUrl, token, deployments }) => ({
      id: provider.id,
      local,
      baseUrl,
      token,
      models: deployments.map(({ alias, upstream, memory }) => ({ alias, upstream, memory })),
    }));
    if (isDeepStrictEqual(wanted, this.#serving ?? [])) return;
    this.#serving = wanted;
    const preparing = this.#prepare(backends);
    this.#preparing = preparing;
    const needs = await preparing.finally(() => {
      if (this.#preparing === preparing) this.#preparing = undefined;
    });
    const models = [...new Map([...needs.values()].map(({ need }) => [need.spec.key, need])).values()];
    await this.#memory.configure({ backends, models });
  }

  async #prepare(backends: readonly ManagedBackend[]): Promise<ReadonlyMap<string, Leased>> {
    const needs = new Map<string, Leased>();
    if (backends.length > 0) {
      const resources = await import("@headgate/resources");
      budgetOf(resources, this.#budget);
      for (const backend of backends) {
        for (const deployment of backend.deployments) {
          const leased = leasedOf(resources, backend, deployment, this.#kept);
          if (leased !== undefined) needs.set(`${backend.provider.id} ${deployment.alias}`, leased);
        }
      }
    }
    this.#needs = needs;
    return needs;
  }

  /** Whether a candidate's attempts need a lease. */
  needs({ provider, deployment }: Candidate): boolean {
    if (deployment.memory === undefined) return false;
    return this.#preparing !== undefined || this.#needs.has(`${provider.id} ${deployment.alias}`);
  }

  /**
   * Waits until the model is loaded and has a free place. The caller releases the lease exactly once.
   * @param waits the longest wait, and the longest one until its load begins
   * @param chosen load options of the client's own
   * @param waits told how to ask for the place in the queue
   * @throws the signal's reason when it ends the wait
   */
  async acquire(
    { provider, deployment }: Candidate,
    signal: AbortSignal,
    { waitMs, startWaitMs = waitMs, background }: Waits,
    chosen?: LoadOptions,
    waits?: (place: () => Promise<string | undefined>) => void,
  ): Promise<Lease | Failure> {
    const nowMs = this.#nowMs();
    const deadlineMs = nowMs + waitMs;
    const startByMs = nowMs + startWaitMs;
    await this.#preparing;
    const leased = this.#needs.get(`${provider.id} ${deployment.alias}`);
    if (leased === undefined)
      return observed("model_gone", "its backend was switched off meanwhile", "request");
    const wait = {
      signal,
      deadlineMs,
      startByMs,
      ...(background === true && { priority: BACKGROUND_PRIORITY }),
    };
    const { key } = (chosen === undefined ? leased.need : leased.with(chosen)).spec;
    waits?.(() => this.#place(key, deadlineMs, deployment.alias));
    if (chosen !== undefined) return this.#acquireChosen(leased, leased.with(chosen), wait);
    const answer = await this.#memory.acquire({ need: leased.need, ...wait });
    return answer.granted ? answer : failureOf(answer);
  }

  /** Requests of one model are told apart by the moment at which they give up. */
  async #place(key: string, deadlineMs: number, alias: string): Promise<string | undefined> {
    const snapshot = await this.#memory.snapshot(0);
    const queue = snapshot?.queues.find((one) => one.key === key);
    const own = queue?.waiters.find((waiter) => waiter.deadlineMs === deadlineMs);
    if (queue === undefined || own === undefined) return undefined;
    const seconds = Math.max(1, Math.round(queue.estimateMs / 1_000));
    return `waiting for ${alias}: place ${own.position} of ${queue.waiters.length}, about ${seconds} s (${queue.why})`;
  }

  /** A prompt that needs it was served with this context. */
  grew({ upstream }: Deployment, tokens: unknown): void {
    if (typeof tokens !== "number") return;
    const before = this.#grown.get(upstream);
    // A smaller prompt that rides along does not make the context last.
    if (before !== undefined && before.tokens >= tokens && this.#nowMs() - before.atMs < GROWN_MS) return;
    this.#grown.set(upstream, { tokens, atMs: this.#nowMs() });
  }

  /** The context that requests without one of their own share for a while, so that two sizes do not alternate; 0: the usual one. */
  grownTokens({ upstream }: Deployment): number {
    const grown = this.#grown.get(upstream);
    return grown === undefined || this.#nowMs() - grown.atMs >= GROWN_MS ? 0 : grown.tokens;
  }

  async #acquireChosen(
    { need: declared }: Leased,
    need: ModelNeed,
    wait: { readonly signal: AbortSignal; readonly deadlineMs: number; readonly startByMs: number },
  ): Promise<Lease | Failure> {
    const { key } = need.spec;
    if (declared.pinned)
      return observed("model_gone", `${key} is not loaded: ${declared.spec.key} is pinned`, "request");
    if (!this.#chosen.has(key) && this.#chosen.size >= MAX_CHOSEN)
      return observed(
        "overloaded",
        `${key} is not loaded: ${MAX_CHOSEN} models with load options of clients' own are in use already`,
        "request",
      );
    this.#chosen.set(key, (this.#chosen.get(key) ?? 0) + 1);
    let open = true;
    const done = (): void => {
      if (!open) return;
      open = false;
      const left = (this.#chosen.get(key) ?? 1) - 1;
      if (left === 0) this.#chosen.delete(key);
      else this.#chosen.set(key, left);
    };
    try {
      const answer = await this.#memory.acquire({ need, ...wait });
      if (!answer.granted) {
        done();
        return failureOf(answer);
      }
      return {
        ...answer,
        release: (outcome) => {
          done();
          answer.release(outcome);
        },
      };
    } catch (error) {
      done();
      throw error;
    }
  }

  /**
   * Undefined where nothing local is managed.
   * @param waitMs the longest wait for a leader; the length of a handover unless given
   * @throws {LeaderGone} while there is no leader
   */
  async state(waitMs?: number): Promise<LocalState | undefined> {
    const snapshot = await this.#memory.snapshot(waitMs);
    if (snapshot === undefined) return undefined;
    const aliases: Record<string, string[]> = {};
    const byModel = new Map<string, string[]>();
    for (const [name, { need }] of this.#needs) {
      const alias = name.slice(name.indexOf(" ") + 1);
      const { key } = need.spec;
      aliases[key] = [...(aliases[key] ?? []), alias];
      const model = modelPart(key);
      byModel.set(model, [...(byModel.get(model) ?? []), alias]);
    }
    // A residency with chosen load options has the model's aliases, with the options behind them.
    for (const { key } of snapshot.residencies) {
      const model = modelPart(key);
      const names = byModel.get(model);
      if (names !== undefined) aliases[key] ??= names.map((alias) => alias + key.slice(model.length));
    }
    return { ...snapshot, aliases };
  }

  /**
   * @param name an alias, one with options behind it (`alias?num_ctx=8192`), or a residency's key
   * @throws {LeaderGone} while there is no leader
   */
  command(what: Command, name: string): Promise<CommandResult> {
    return this.#memory.command(what, this.keyOf(name) ?? name);
  }

  /** The key of the residency that an alias names, with its load options. */
  keyOf(name: string): string | undefined {
    const alias = modelPart(name);
    for (const [known, { need }] of this.#needs) {
      if (!known.endsWith(` ${alias}`)) continue;
      return alias === name ? need.spec.key : modelPart(need.spec.key) + name.slice(alias.length);
    }
    return undefined;
  }

  /** Refuses all requests that wait. Another process may become the leader. */
  close(): Promise<void> {
    return this.#memory.close();
  }
}

/** A key, or an alias, without the load options behind it. */
export const modelPart = (key: string): string => {
  const end = key.indexOf("?");
  return end === -1 ? key : key.slice(0, end);
};

function leasedOf(
  resources: typeof import("@headgate/resources"),
  backend: ManagedBackend,
  deployment: Deployment,
  kept: Kept,
): Leased | undefined {
  const plain = needOf(resources, backend, deployment);
  if (plain === undefined) return undefined;
  const { minResidencyMs } = kept;
  const isWarm = kept.warm.has(deployment.alias) || deployment.memory?.warm === true;
  const need = { ...plain, minResidencyMs, ...(isWarm ? { warm: true } : {}) };
  return { need, with: (chosen) => needWith(resources, backend, deployment, need, chosen) };
}

/** A refusal as a failure: the next candidate is tried, and only a backend that is unreachable cools down. */
function failureOf({ reason, message, retryAfterMs }: Refusal): Failure {
  const wait = present({ retryAfterMs });
  switch (reason) {
    case "queue-full":
      return { ...observed("overloaded", message, "request"), ...wait };
    case "deadline":
      return observed("timeout", message, "request");
    case "backend-down":
      return { ...observed("network", message, "request"), ...wait };
    case "model-missing":
      return { ...observed("model_gone", message, "request"), status: 404 };
    // The model itself is at fault, and the engine's words say how.
    case "load-failed":
      return { ...observed("server_error", message, "request"), ...wait };
    // Waiting does not help: the operator must change something.
    case "too-large":
    case "needs-split":
    case "memory-unknown":
      return observed("model_gone", message, "request");
    default:
      return { ...observed("overloaded", message, "request"), ...wait };
  }
}
