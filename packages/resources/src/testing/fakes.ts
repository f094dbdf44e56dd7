/** Drivers and a probe in memory, on a clock that tests move: a GPU that really runs out, and backends that lie on demand. */

import type { Clock } from "../clock.ts";
import type { ModelNeed } from "../core/types.ts";
import {
  type DeviceReading,
  type Driver,
  DriverError,
  type Health,
  type LoadedModel,
  type MemoryProbe,
  type ResidencySpec,
} from "../driver.ts";

export const GIB = 2 ** 30;

export class FakeClock implements Clock {
  #nowMs = 1_000;
  #alarms: { readonly atMs: number; readonly run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const alarm = { atMs: this.#nowMs + Math.max(0, delayMs), run };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((one) => one !== alarm);
    };
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.after(ms, resolve);
      signal.addEventListener("abort", () => {
        cancel();
        reject(signal.reason);
      });
    });
  }

  /** Lets `ms` pass, with everything that promises do in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settled();
    for (;;) {
      const [next] = this.#alarms.filter((one) => one.atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
      await settled();
    }
    this.#nowMs = endMs;
  }
}

/** Promises that are due are done when the next turn of the loop begins. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class FakeGpu implements MemoryProbe {
  totalBytes: number | undefined;
  otherBytes = 0;
  readonly held = new Map<string, number>();

  constructor(totalGib: number | undefined) {
    this.totalBytes = totalGib === undefined ? undefined : totalGib * GIB;
  }

  usedBytes(): number {
    let sum = this.otherBytes;
    for (const bytes of this.held.values()) sum += bytes;
    return sum;
  }

  async read(): Promise<DeviceReading[]> {
    const usedBytes = this.totalBytes === undefined ? undefined : this.usedBytes();
    return [{ device: "cuda:0", totalBytes: this.totalBytes, usedBytes }];
  }
}

export class FakeDriver implements Driver {
  readonly backend = "fake";
  readonly calls: string[] = [];
  readonly models = new Map<string, number>();
  loadMs = 1_000;
  reclaimMs = 0;
  down = false;
  /** Loads never answer, whatever their signal. */
  hangs = false;
  lyingUnloads = 0;
  loadFailures: DriverError["kind"][] = [];
  readonly #gpu: FakeGpu;
  readonly #clock: FakeClock;
  readonly #sizes: ReadonlyMap<string, number>;

  constructor(gpu: FakeGpu, clock: FakeClock, needs: readonly ModelNeed[]) {
    this.#gpu = gpu;
    this.#clock = clock;
    this.#sizes = new Map(needs.map((need) => [need.spec.model, need.bytes]));
  }

  async health(): Promise<Health> {
    return this.down ? { ok: false, why: "connection refused" } : { ok: true };
  }

  async loaded(): Promise<LoadedModel[]> {
    if (this.down) throw new DriverError("unreachable", "connection refused");
    return [...this.models].map(([model, bytes]) => this.#report(model, bytes));
  }

  async load({ model }: ResidencySpec, signal: AbortSignal): Promise<LoadedModel> {
    this.calls.push(`load ${model}`);
    const failure = this.loadFailures.shift();
    if (failure !== undefined) throw new DriverError(failure, `it was made to fail (${failure})`);
    const bytes = this.#sizes.get(model) ?? 0;
    this.#gpu.held.set(model, bytes);
    if (this.#gpu.usedBytes() > (this.#gpu.totalBytes ?? Number.POSITIVE_INFINITY)) {
      throw new Error(`overcommitted: ${model} does not fit`);
    }
    if (this.hangs) await new Promise(() => {});
    try {
      await this.#clock.sleep(this.loadMs, signal);
    } catch (error) {
      this.calls.push(`stopped loading ${model}`);
      this.#gpu.held.delete(model);
      throw error;
    }
    this.models.set(model, bytes);
    return this.#report(model, bytes);
  }

  async unload({ model }: ResidencySpec, signal: AbortSignal): Promise<void> {
    this.calls.push(`unload ${model}`);
    if (this.lyingUnloads > 0) {
      this.lyingUnloads -= 1;
      throw new DriverError("unverified", "it is still there");
    }
    await this.#clock.sleep(50, signal);
    this.models.delete(model);
    this.#clock.after(this.reclaimMs, () => this.#gpu.held.delete(model));
  }

  /** The process is gone, and all that it held. */
  kill(): void {
    this.down = true;
    for (const model of this.models.keys()) this.#gpu.held.delete(model);
    this.models.clear();
  }

  #report(model: string, bytes: number): LoadedModel {
    return { model, options: {}, bytes, gpuBytes: bytes, busy: undefined, loading: false };
  }
}

export function fakeNeed(model: string, gib: number, more: Partial<ModelNeed> = {}): ModelNeed {
  return {
    spec: { key: `fake/${model}`, backend: "fake", model, options: {} },
    deviceClass: "cuda",
    splits: false,
    bytes: gib * GIB,
    transientBytes: 0,
    loadCostMs: 1_000,
    concurrency: 2,
    pinned: false,
    priority: 0,
    idleUnloadMs: undefined,
    minResidencyMs: 0,
    ...more,
  };
}
