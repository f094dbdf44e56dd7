/**
 * Leases of local models: a job of a model on this machine's memory begins when the model is loaded and has a place for it.
 * Nothing of this is loaded, and no request pays for it, while the table names no such model.
 */
import { isDeepStrictEqual } from "node:util";
import type { Failure, Options, RoutingTable } from "@headgate/contract";
import type {
  CommandResult,
  DeviceConfig,
  Lease,
  MemoryProbe,
  ModelNeed,
  Refusal,
  ResourceManager,
  Snapshot,
  Timers,
} from "@headgate/resources";
import type { Slot } from "@headgate/router";
import type { Secrets } from "../live-table.ts";
import type { Log } from "../log.ts";
import { observed } from "../outcome.ts";
import { driverOf, type ManagedBackend, managedBackends, needOf } from "./backends.ts";

/** Left free on each device for what nobody counts. */
const HEADROOM_BYTES = { cpu: 1 << 30, cuda: 256 << 20 } as const;
/** Asked for at the start and after a change of the table. */
const DISCOVERY_MS = 10_000;

export interface LeasesInput {
  readonly options: Pick<Options, "vramBudget">;
  readonly log: Log;
  /** For tests: what measures memory, and a clock of one's own. */
  readonly probe?: MemoryProbe;
  readonly timers?: Timers;
}

export interface LocalState extends Snapshot {
  /** Aliases by residency key. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
}

export class Leases {
  readonly #input: LeasesInput;
  #manager: ResourceManager | undefined;
  /** By `<provider> <alias>`: requests that began with an older table ask by the same names. */
  #needs = new Map<string, ModelNeed>();
  #serving: unknown;
  #held = 0;
  #onIdle: (() => void) | undefined;
  /** While a changed table waits for the leases of the one before. */
  #changing: Promise<void> | undefined;

  constructor(input: LeasesInput) {
    this.#input = input;
  }

  /** Takes a table up. What is loaded stays; what the new table does not name is unloaded when its memory is needed. */
  async serve(table: RoutingTable, secrets: Secrets): Promise<void> {
    const backends = this.#input.options.vramBudget === "off" ? [] : managedBackends(table, secrets);
    const wanted = backends.map(({ provider, local, baseUrl, token, deployments }) => ({
      id: provider.id,
      local,
      baseUrl,
      token,
      models: deployments.map(({ alias, upstream, memory }) => ({ alias, upstream, memory })),
    }));
    if (isDeepStrictEqual(wanted, this.#serving ?? [])) return;
    this.#serving = wanted;
    const change = this.#change(backends);
    this.#changing = change;
    await change.finally(() => {
      if (this.#changing === change) this.#changing = undefined;
    });
  }

  async #change(backends: readonly ManagedBackend[]): Promise<void> {
    const before = this.#manager;
    if (before !== undefined) {
      // Two managers would each take the memory for theirs.
      if (this.#held > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
      before.close();
    }
    this.#manager = undefined;
    this.#needs = new Map();
    if (backends.length === 0) return;
    const resources = await import("@headgate/resources");
    const needs = backends.flatMap((backend) =>
      backend.deployments.flatMap((deployment) => {
        const need = needOf(resources, backend, deployment);
        return need === undefined ? [] : [{ name: `${backend.provider.id} ${deployment.alias}`, need }];
      }),
    );
    for (const { name, need } of needs) this.#needs.set(name, need);
    const models = [...new Map(needs.map(({ need }) => [need.spec.key, need])).values()];
    const { probe, devices } = await this.#devices(resources, models);
    this.#manager = resources.createManager({
      devices,
      backends: backends.map((backend) => ({
        driver: driverOf(resources, backend),
        slots: backend.local.slots,
      })),
      probe,
      models,
      ...(this.#input.timers === undefined ? {} : { timers: this.#input.timers }),
    });
  }

  async #devices(
    resources: typeof import("@headgate/resources"),
    models: readonly ModelNeed[],
  ): Promise<{ probe: MemoryProbe; devices: DeviceConfig[] }> {
    const { vramBudget } = this.#input.options;
    const parsed = vramBudget === undefined ? undefined : resources.parseBudget(vramBudget);
    if (parsed?.ok === false) throw new Error(`HEADGATE_VRAM_BUDGET: ${parsed.message}`);
    const budget = parsed?.budget;
    const probe =
      this.#input.probe ??
      resources.machineProbe({ gpus: resources.gpuProbe(), ram: resources.ramProbe(), budget });
    const readings = await probe.read(AbortSignal.timeout(DISCOVERY_MS)).catch(() => []);
    const ids = new Set(readings.map(({ device }) => device));
    for (const id of budget?.keys() ?? []) ids.add(id);
    ids.add("cpu");
    if (models.some(({ deviceClass }) => deviceClass === "cuda") && ids.size === 1) {
      this.#input.log.warn(
        "no GPU can be measured here, so its models are not loaded; say HEADGATE_VRAM_BUDGET=0:16GiB, or off to load them unmeasured",
      );
      // A device that nobody can measure: its models are refused with that reason.
      ids.add("cuda:0");
    }
    const devices = [...ids].map((id): DeviceConfig => {
      const declaredBytes = budget?.get(id);
      return {
        id,
        headroomBytes: id === "cpu" ? HEADROOM_BYTES.cpu : HEADROOM_BYTES.cuda,
        ...(declaredBytes === undefined ? {} : { declaredBytes }),
      };
    });
    return { probe, devices };
  }

  /** Whether a candidate's attempts need a lease. */
  needs({ provider, deployment }: Slot): boolean {
    if (deployment.memory === undefined) return false;
    return this.#changing !== undefined || this.#needs.has(`${provider.id} ${deployment.alias}`);
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
    await this.#changing;
    const need = this.#needs.get(`${provider.id} ${deployment.alias}`);
    const manager = this.#manager;
    if (need === undefined || manager === undefined)
      return observed("model_gone", "its backend was switched off meanwhile", "request");
    const nowMs = this.#input.timers?.nowMs() ?? performance.timeOrigin + performance.now();
    this.#held += 1;
    try {
      const answer = await manager.acquire({ need, signal, deadlineMs: nowMs + waitMs });
      if (!answer.granted) {
        this.#given();
        return failureOf(answer);
      }
      let open = true;
      return {
        ...answer,
        release: (outcome) => {
          answer.release(outcome);
          if (open) this.#given();
          open = false;
        },
      };
    } catch (error) {
      this.#given();
      throw error;
    }
  }

  #given(): void {
    this.#held -= 1;
    if (this.#held > 0) return;
    this.#onIdle?.();
    this.#onIdle = undefined;
  }

  /** Undefined where nothing local is managed. */
  state(): LocalState | undefined {
    const snapshot = this.#manager?.snapshot();
    if (snapshot === undefined) return undefined;
    const aliases: Record<string, string[]> = {};
    for (const [name, { spec }] of this.#needs) {
      const alias = name.slice(name.indexOf(" ") + 1);
      aliases[spec.key] = [...(aliases[spec.key] ?? []), alias];
    }
    return { ...snapshot, aliases };
  }

  /** @param name an alias, or a residency's key */
  command(what: "evict" | "pin" | "unpin", name: string): CommandResult {
    const manager = this.#manager;
    if (manager === undefined) return { ok: false, why: "no local model is managed here" };
    return manager[what](this.keyOf(name) ?? name);
  }

  /** The residency that an alias means. */
  keyOf(alias: string): string | undefined {
    for (const [name, { spec }] of this.#needs) if (name.endsWith(` ${alias}`)) return spec.key;
    return undefined;
  }

  close(): void {
    this.#manager?.close();
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
