/** The resource manager of this process. A table that changes the local models gets a new one. */
import { DRIVERS, present } from "@headgate/contract";
import type {
  Ask,
  Budget,
  Clock,
  CommandResult,
  DeviceConfig,
  Lease,
  MemoryProbe,
  ModelNeed,
  Refusal,
  ResourceManager,
  Snapshot,
} from "@headgate/resources";
import type { Log } from "../log.ts";
import { driverOf } from "./backends.ts";
import { type Command, type Managed, type ManagedMemory, refused } from "./local-memory.ts";

/** Left free on each device for memory that is not counted. */
const HEADROOM_BYTES = { cpu: 1 << 30, cuda: 256 << 20 } as const;
/** The longest first measurement, at the start and after a change of the table. */
const DISCOVERY_MS = 10_000;
/** About how long a follower can have a changed table before the leader has it. */
const TABLE_LAG_MS = 1_000;

export interface ManagerInput {
  readonly log: Log;
  /** HEADGATE_VRAM_BUDGET, unless it is `off`. */
  readonly vramBudget?: string | undefined;
  readonly probe?: MemoryProbe | undefined;
  readonly clock?: Clock | undefined;
}

export class LeaderMemory implements ManagedMemory {
  readonly #input: ManagerInput;
  #manager: ResourceManager | undefined;
  #backends: ReadonlySet<string> = new Set();
  /** Leases that are held or waited for. */
  #held = 0;
  #onIdle: (() => void) | undefined;
  /** Set while a changed table waits for the leases of the one before. */
  #changing: Promise<void> | undefined;
  #closed = false;

  constructor(input: ManagerInput) {
    this.#input = input;
  }

  async configure(managed: Managed): Promise<void> {
    // Changes run one after another: each closes the manager of the one before.
    const change = (this.#changing ?? Promise.resolve()).catch(() => {}).then(() => this.#change(managed));
    this.#changing = change;
    await change.finally(() => {
      if (this.#changing === change) this.#changing = undefined;
    });
  }

  async #change({ backends, models }: Managed): Promise<void> {
    // Two managers at once would each count on all of the memory.
    if (this.#held > 0 && !this.#closed) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    this.#manager?.close();
    this.#manager = undefined;
    this.#backends = new Set();
    if (backends.length === 0 || this.#closed) return;
    const resources = await import("@headgate/resources");
    const { log } = this.#input;
    const { probe, devices } = await this.#devices(resources, models);
    if (this.#closed) return;
    this.#backends = new Set(backends.map(({ provider }) => provider.id));
    this.#manager = resources.createManager({
      devices,
      backends: backends.map((backend) => ({
        driver: driverOf(resources, backend),
        slots: backend.local.slots,
        splits: DRIVERS[backend.local.driver].splits,
      })),
      probe,
      models,
      ...present({ clock: this.#input.clock }),
      onBackend: (backend, why) => {
        if (why === undefined) log.info("a local backend answers", { backend });
        else log.warn("a local backend does not answer; it is tried again until it does", { backend, why });
      },
    });
  }

  async #devices(
    resources: typeof import("@headgate/resources"),
    models: readonly ModelNeed[],
  ): Promise<{ probe: MemoryProbe; devices: DeviceConfig[] }> {
    const budget = budgetOf(resources, this.#input.vramBudget);
    const probe =
      this.#input.probe ??
      resources.machineProbe({ gpus: resources.gpuProbe(), ram: resources.ramProbe(), budget });
    const readings = await probe.read(AbortSignal.timeout(DISCOVERY_MS)).catch(() => []);
    const ids = new Set(readings.map(({ device }) => device));
    for (const id of budget?.keys() ?? []) ids.add(id);
    ids.add("cpu");
    if (models.some(({ deviceClass }) => deviceClass === "cuda") && ids.size === 1) {
      this.#input.log.warn(
        "no GPU can be measured here, so its models are not loaded; set HEADGATE_VRAM_BUDGET=0:16GiB, or off to load them unmeasured",
      );
      // A device that cannot be measured: its models are refused with that reason.
      ids.add("cuda:0");
    }
    const devices = [...ids].map((id): DeviceConfig => {
      const declaredBytes = budget?.get(id);
      return {
        id,
        headroomBytes: id === "cpu" ? HEADROOM_BYTES.cpu : HEADROOM_BYTES.cuda,
        ...present({ declaredBytes }),
      };
    });
    return { probe, devices };
  }

  async acquire(ask: Ask): Promise<Lease | Refusal> {
    while (this.#changing !== undefined) await this.#changing.catch(() => {});
    const { backend } = ask.need.spec;
    const manager = this.#manager;
    if (this.#closed) return refused("closing", "the gateway is shutting down");
    if (manager === undefined) return refused("model-missing", "its backend was switched off meanwhile");
    if (!this.#backends.has(backend))
      return refused(
        "load-failed",
        `the process that loads this machine's models does not serve ${backend}`,
        TABLE_LAG_MS,
      );
    this.#held += 1;
    try {
      const answer = await manager.acquire(ask);
      if (!answer.granted) {
        this.#given();
        return answer;
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
    if (this.#held === 0) this.#idle();
  }

  #idle(): void {
    this.#onIdle?.();
    this.#onIdle = undefined;
  }

  async command(what: Command, key: string): Promise<CommandResult> {
    return (await this.#manager?.[what](key)) ?? { ok: false, why: "no local model is managed here" };
  }

  async snapshot(): Promise<Snapshot | undefined> {
    return this.#manager?.snapshot();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#manager?.close();
    this.#idle();
  }
}

/** @throws {Error} with a readable message, for a budget that cannot be read */
export function budgetOf(
  { parseBudget }: Pick<typeof import("@headgate/resources"), "parseBudget">,
  text: string | undefined,
): Budget | undefined {
  if (text === undefined) return undefined;
  const parsed = parseBudget(text);
  if (!parsed.ok) throw new Error(`HEADGATE_VRAM_BUDGET: ${parsed.message}`);
  return parsed.budget;
}
