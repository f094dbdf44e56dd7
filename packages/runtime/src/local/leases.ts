/**
 * Leases of local models: a job of a model on this machine's memory begins when the model is loaded and has a place for it.
 * Nothing of this is loaded, and no request pays for it, while the table names no such model.
 */
import { isDeepStrictEqual } from "node:util";
import type { LoadOptions } from "@headgate/adapter-kit";
import {
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
  readonly options: Pick<Options, "vramBudget">;
  readonly log: Log;
  /** Where the processes that share this machine's memory meet; absent: this process has it for itself. */
  readonly shared?:
    | { readonly store: Pick<StateStore, "leaderLock" | "leaderLockHere">; readonly stateDir: string }
    | undefined;
  /** For tests: what measures memory, and a clock of one's own. */
  readonly probe?: MemoryProbe;
  readonly clock?: Clock;
}

export interface LocalState extends Snapshot {
  /** Aliases by residency key. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
}

/** Residencies with options of clients' own that may be asked for at a time; each is another plan to make. */
const MAX_CHOSEN = 64;

interface Leased {
  readonly need: ModelNeed;
  /** What its client may choose to load instead. */
  with(chosen: LoadOptions): ModelNeed;
}

export class Leases {
  readonly #budget: string | undefined;
  readonly #nowMs: () => number;
  readonly #memory: ManagedMemory;
  /** By `<provider> <alias>`: requests that began with an older table ask by the same names. */
  #needs = new Map<string, Leased>();
  /** Keys with clients' own options that are held or waited for, and how often. */
  readonly #chosen = new Map<string, number>();
  #serving: unknown;
  /** While a changed table is made ready. */
  #preparing: Promise<unknown> | undefined;

  constructor({ options, log, shared, probe, clock }: LeasesInput) {
    this.#budget = options.vramBudget;
    this.#nowMs = () => clock?.nowMs() ?? performance.timeOrigin + performance.now();
    const manager = { log, vramBudget: this.#budget, probe, clock };
    this.#memory =
      shared === undefined
        ? new LeaderMemory(manager)
        : new ElectedMemory({ ...shared, manager, nowMs: this.#nowMs });
  }

  /**
   * Takes a table up. What is loaded stays; what the new table does not name is unloaded when its memory is needed.
   * @throws {Error} in words, for a budget that cannot be read or a state directory that cannot be used
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
          const leased = leasedOf(resources, backend, deployment);
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
   * Waits until the model is loaded and has a place; release the lease exactly once.
   * @param waitMs at most so long
   * @param chosen load options of the client's own
   * @throws the signal's reason when it ends the wait
   */
  async acquire(
    { provider, deployment }: Candidate,
    signal: AbortSignal,
    waitMs: number,
    chosen?: LoadOptions,
  ): Promise<Lease | Failure> {
    const deadlineMs = this.#nowMs() + waitMs;
    await this.#preparing;
    const leased = this.#needs.get(`${provider.id} ${deployment.alias}`);
    if (leased === undefined)
      return observed("model_gone", "its backend was switched off meanwhile", "request");
    const ask = { signal, deadlineMs };
    if (chosen !== undefined) return this.#acquireChosen(leased, leased.with(chosen), ask);
    const answer = await this.#memory.acquire({ need: leased.need, ...ask });
    return answer.granted ? answer : failureOf(answer);
  }

  async #acquireChosen(
    { need: declared }: Leased,
    need: ModelNeed,
    ask: { readonly signal: AbortSignal; readonly deadlineMs: number },
  ): Promise<Lease | Failure> {
    const { key } = need.spec;
    if (declared.pinned)
      return observed("model_gone", `${key} is not loaded: ${declared.spec.key} is pinned`, "request");
    if (!this.#chosen.has(key) && this.#chosen.size >= MAX_CHOSEN)
      return observed(
        "overloaded",
        `${key} is not loaded: ${MAX_CHOSEN} models with load options of clients' own are asked for already`,
        "request",
      );
    this.#chosen.set(key, (this.#chosen.get(key) ?? 0) + 1);
    let open = true;
    const given = (): void => {
      if (!open) return;
      open = false;
      const left = (this.#chosen.get(key) ?? 1) - 1;
      if (left === 0) this.#chosen.delete(key);
      else this.#chosen.set(key, left);
    };
    try {
      const answer = await this.#memory.acquire({ need, ...ask });
      if (!answer.granted) {
        given();
        return failureOf(answer);
      }
      return {
        ...answer,
        release: (outcome) => {
          given();
          answer.release(outcome);
        },
      };
    } catch (error) {
      given();
      throw error;
    }
  }

  /**
   * Undefined where nothing local is managed.
   * @param waitMs for a process that manages it, at most; a handover's length unless given
   * @throws {DeskGone} while no process of this machine manages anything
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
    // What a client chose to load is called as its model is, with the options behind it.
    for (const { key } of snapshot.residencies) {
      const model = modelPart(key);
      const names = byModel.get(model);
      if (names !== undefined) aliases[key] ??= names.map((alias) => alias + key.slice(model.length));
    }
    return { ...snapshot, aliases };
  }

  /**
   * @param name an alias, one with options behind it (`alias?num_ctx=8192`), or a residency's key
   * @throws {DeskGone} while no process of this machine manages anything
   */
  command(what: Command, name: string): Promise<CommandResult> {
    return this.#memory.command(what, this.keyOf(name) ?? name);
  }

  /** The residency that an alias means, with the options behind it where there are any. */
  keyOf(name: string): string | undefined {
    const alias = modelPart(name);
    for (const [known, { need }] of this.#needs) {
      if (!known.endsWith(` ${alias}`)) continue;
      return alias === name ? need.spec.key : modelPart(need.spec.key) + name.slice(alias.length);
    }
    return undefined;
  }

  /** Turns away all who wait; another process may take over from here. */
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
): Leased | undefined {
  const need = needOf(resources, backend, deployment);
  if (need === undefined) return undefined;
  return { need, with: (chosen) => needWith(resources, backend, deployment, need, chosen) };
}

/** What a refusal means for the walk: the chain goes on, and no candidate cools down for it but a backend that is gone. */
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
    // However long anyone waits for these, only the operator can help.
    case "too-large":
    case "needs-split":
    case "memory-unknown":
      return observed("model_gone", message, "request");
    default:
      return { ...observed("overloaded", message, "request"), ...wait };
  }
}
