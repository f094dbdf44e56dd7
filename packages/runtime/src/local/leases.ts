/**
 * Leases of local models: a job of a model on this machine's memory begins when the model is loaded and has a place for it.
 * Nothing of this is loaded, and no request pays for it, while the table names no such model.
 */
import { isDeepStrictEqual } from "node:util";
import type { Failure, Options, RoutingTable, StateStore } from "@headgate/contract";
import type {
  CommandResult,
  Lease,
  MemoryProbe,
  ModelNeed,
  Refusal,
  Snapshot,
  Timers,
} from "@headgate/resources";
import type { Slot } from "@headgate/router";
import type { Secrets } from "../live-table.ts";
import type { Log } from "../log.ts";
import { observed } from "../outcome.ts";
import { type ManagedBackend, managedBackends, needOf } from "./backends.ts";
import type { Command, TableDesk } from "./desk.ts";
import { budgetOf, ManagerDesk } from "./manager-desk.ts";
import { SharedDesk } from "./shared-desk.ts";

export interface LeasesInput {
  readonly options: Pick<Options, "vramBudget">;
  readonly log: Log;
  /** Where the processes that share this machine's memory meet; absent: this process has it for itself. */
  readonly shared?:
    | { readonly store: Pick<StateStore, "role" | "roleHere">; readonly stateDir: string }
    | undefined;
  /** For tests: what measures memory, and a clock of one's own. */
  readonly probe?: MemoryProbe;
  readonly timers?: Timers;
}

export interface LocalState extends Snapshot {
  /** Aliases by residency key. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
}

export class Leases {
  readonly #budget: string | undefined;
  readonly #nowMs: () => number;
  readonly #desk: TableDesk;
  /** By `<provider> <alias>`: requests that began with an older table ask by the same names. */
  #needs = new Map<string, ModelNeed>();
  #serving: unknown;
  /** While a changed table is made ready. */
  #preparing: Promise<unknown> | undefined;

  constructor({ options, log, shared, probe, timers }: LeasesInput) {
    this.#budget = options.vramBudget;
    this.#nowMs = () => timers?.nowMs() ?? performance.timeOrigin + performance.now();
    const manager = { log, vramBudget: this.#budget, probe, timers };
    this.#desk =
      shared === undefined
        ? new ManagerDesk(manager)
        : new SharedDesk({ ...shared, manager, nowMs: this.#nowMs });
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
    const models = [...new Map([...needs.values()].map((need) => [need.spec.key, need])).values()];
    await this.#desk.configure({ backends, models });
  }

  async #prepare(backends: readonly ManagedBackend[]): Promise<ReadonlyMap<string, ModelNeed>> {
    const needs = new Map<string, ModelNeed>();
    if (backends.length > 0) {
      const resources = await import("@headgate/resources");
      budgetOf(resources, this.#budget);
      for (const backend of backends) {
        for (const deployment of backend.deployments) {
          const need = needOf(resources, backend, deployment);
          if (need !== undefined) needs.set(`${backend.provider.id} ${deployment.alias}`, need);
        }
      }
    }
    this.#needs = needs;
    return needs;
  }

  /** Whether a candidate's attempts need a lease. */
  needs({ provider, deployment }: Slot): boolean {
    if (deployment.memory === undefined) return false;
    return this.#preparing !== undefined || this.#needs.has(`${provider.id} ${deployment.alias}`);
  }

  /**
   * Waits until the model is loaded and has a place; release the lease exactly once.
   * @param waitMs at most so long
   * @throws the signal's reason when it ends the wait
   */
  async acquire(
    { provider, deployment }: Slot,
    signal: AbortSignal,
    waitMs: number,
  ): Promise<Lease | Failure> {
    const deadlineMs = this.#nowMs() + waitMs;
    await this.#preparing;
    const need = this.#needs.get(`${provider.id} ${deployment.alias}`);
    if (need === undefined)
      return observed("model_gone", "its backend was switched off meanwhile", "request");
    const answer = await this.#desk.acquire({ need, signal, deadlineMs });
    return answer.granted ? answer : failureOf(answer);
  }

  /**
   * Undefined where nothing local is managed.
   * @param waitMs for a process that manages it, at most; a handover's length unless given
   * @throws {DeskGone} while no process of this machine manages anything
   */
  async state(waitMs?: number): Promise<LocalState | undefined> {
    const snapshot = await this.#desk.snapshot(waitMs);
    if (snapshot === undefined) return undefined;
    const aliases: Record<string, string[]> = {};
    for (const [name, { spec }] of this.#needs) {
      const alias = name.slice(name.indexOf(" ") + 1);
      aliases[spec.key] = [...(aliases[spec.key] ?? []), alias];
    }
    return { ...snapshot, aliases };
  }

  /**
   * @param name an alias, or a residency's key
   * @throws {DeskGone} while no process of this machine manages anything
   */
  command(what: Command, name: string): Promise<CommandResult> {
    return this.#desk.command(what, this.keyOf(name) ?? name);
  }

  /** The residency that an alias means. */
  keyOf(alias: string): string | undefined {
    for (const [name, { spec }] of this.#needs) if (name.endsWith(` ${alias}`)) return spec.key;
    return undefined;
  }

  /** Turns away all who wait; another process may take over from here. */
  close(): Promise<void> {
    return this.#desk.close();
  }
}

/** What a refusal means for the walk: the chain goes on, and nobody rests for it but a backend that is gone. */
function failureOf({ reason, message, retryAfterMs }: Refusal): Failure {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  switch (reason) {
    case "queue-full":
      return { ...observed("overloaded", message, "request"), ...wait };
    case "deadline":
      return observed("timeout", message, "request");
    case "backend-down":
      return { ...observed("network", message, "request"), ...wait };
    case "model-missing":
      return observed("model_gone", message, "request");
    default:
      return { ...observed("overloaded", message, "request"), ...wait };
  }
}
