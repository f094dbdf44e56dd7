/** The models that one backend has in the machine's memory, and its lies about them. */
import { createGate, type Gate } from "../gate.ts";
import { Conditions } from "../record.ts";
import type { Claim, FakeDevice, FakeMachine } from "./machine.ts";

export interface FakeModel {
  readonly bytes: number;
  /** More for each token of context beyond the backend's own choice. */
  readonly contextTokenBytes?: number;
  /** The context that it was trained for, its maximum. */
  readonly contextTokens?: number;
  /** Default the backend's. */
  readonly device?: FakeDevice;
  /** Memory of each running job. */
  readonly transientBytes?: number;
  /** By the machine's clock; default 0. */
  readonly loadMs?: number;
  readonly jobMs?: number;
  /** Parallel jobs; default the backend's. */
  readonly parallel?: number;
  /** Its operation; default that of its backend. */
  readonly operation?: "chat" | "embedding" | "speech" | "transcription" | "image";
  /** Of a speech model; the first is its default. */
  readonly voices?: readonly string[];
}

export interface Lies {
  /** `nothing`: an unload is confirmed, and nothing else happens. */
  readonly unload?: "nothing";
  /** An unload is answered at once; the model stays listed and in memory for this long after. */
  readonly unloadMs?: number;
  /** The memory is freed this long after the model leaves the list. */
  readonly reclaimMs?: number;
  /** `nothing`: a load is confirmed, and nothing else happens. */
  readonly load?: "nothing";
  /** `stale`: the list stays as it was when this was set. */
  readonly list?: "stale";
}

export class OutOfMemory extends Error {
  readonly model: string;
  constructor(model: string) {
    super("CUDA error: out of memory");
    this.model = model;
  }
}

/** The backend was killed during a job. */
export class BackendKilled extends Error {}

export interface Resident {
  readonly model: string;
  readonly spec: FakeModel;
  readonly device: FakeDevice;
  readonly options: Readonly<Record<string, unknown>>;
  readonly claims: Claim[];
  loaded: boolean;
  active: number;
  /** Unload after its last job. */
  doomed: boolean;
  usedAtMs: number;
  ready: Promise<void>;
}

interface ResidentsOptions {
  readonly machine: FakeMachine;
  readonly backend: string;
  readonly device: FakeDevice;
  readonly models: Readonly<Record<string, FakeModel>>;
  /** The part that does not fit on a model's device is put into RAM. */
  readonly spills?: boolean;
  /** A model that fits on no single GPU is put on all of them, in proportion to their free memory. */
  readonly splits?: boolean;
}

export class Residents {
  readonly machine: FakeMachine;
  readonly backend: string;
  /** What it has on its disk. */
  readonly models: Map<string, FakeModel>;
  lies: Lies = {};
  readonly #device: FakeDevice;
  readonly #spills: boolean;
  readonly #splits: boolean;
  readonly #residents = new Map<string, Resident>();
  /** Memory of jobs. */
  readonly #working = new Set<Claim>();
  readonly #gates = new Map<string, Gate>();
  readonly #changes = new Conditions();
  #lifetime = new AbortController();

  constructor({ machine, backend, device, models, spills = false, splits = false }: ResidentsOptions) {
    this.machine = machine;
    this.backend = backend;
    this.models = new Map(Object.entries(models));
    this.#device = device;
    this.#spills = spills;
    this.#splits = splits;
  }

  /** In order of loading. */
  get residents(): readonly Resident[] {
    return [...this.#residents.values()];
  }

  get(model: string): Resident | undefined {
    return this.#residents.get(model);
  }

  /** Fires when the backend is killed. */
  get lifetime(): AbortSignal {
    return this.#lifetime.signal;
  }

  /** Jobs of the model stop here, with their memory claimed, from now on. */
  hold(model: string): Gate {
    const gate = createGate();
    this.#gates.set(model, gate);
    return gate;
  }

  /** Resolves when the condition holds; checked when a residency or a job starts or ends. */
  when(ready: () => boolean): Promise<void> {
    return this.#changes.when(ready);
  }

  changed(): void {
    this.#changes.changed();
  }

  /**
   * Joins a load in progress. `loadMs` and `bytes` are the model's own by default.
   * @throws {OutOfMemory} @throws {BackendKilled}
   */
  async load(
    model: string,
    options: Readonly<Record<string, unknown>> = {},
    loadMs: number | undefined = this.models.get(model)?.loadMs,
    bytes: number | undefined = this.models.get(model)?.bytes,
  ): Promise<Resident> {
    const held = this.#residents.get(model);
    if (held !== undefined) {
      await held.ready;
      return held;
    }
    const resident = this.#begin(model, options, loadMs ?? 0, bytes ?? 0);
    await resident.ready;
    return resident;
  }

  #begin(model: string, options: Readonly<Record<string, unknown>>, loadMs: number, bytes: number): Resident {
    const { machine, backend } = this;
    const spec = this.models.get(model);
    if (spec === undefined) throw new Error(`${backend} has no model ${model}`);
    // In Ollama this means that no layer is put on the GPU.
    const device = options.num_gpu === 0 ? "cpu" : (spec.device ?? this.#device);
    machine.record("load", backend, model);
    const claims = this.#claim(device, bytes, model);
    const lifetime = this.lifetime;
    const resident: Resident = {
      model,
      spec,
      device,
      options,
      claims,
      loaded: false,
      active: 0,
      doomed: false,
      usedAtMs: machine.clock.nowMs(),
      ready: Promise.resolve(),
    };
    resident.ready = machine.clock.sleep(loadMs, lifetime).then(() => {
      if (lifetime.aborted) throw new BackendKilled();
      resident.loaded = true;
      machine.record("loaded", backend, model);
      this.changed();
    });
    // The first caller may have left; each later one awaits the load itself.
    resident.ready.catch(() => undefined);
    this.#residents.set(model, resident);
    this.changed();
    return resident;
  }

  #partsOf(device: FakeDevice, bytes: number): readonly (readonly [FakeDevice, number])[] {
    const { machine } = this;
    if (device === "cpu") return [[device, bytes]];
    const gpus = machine.devices.filter((one) => one !== "cpu");
    const split = this.#splits && gpus.every((gpu) => bytes > machine.freeBytes(gpu));
    const over = split ? gpus : [device];
    const free = over.reduce((sum, gpu) => sum + machine.freeBytes(gpu), 0);
    const fits = this.#spills ? Math.min(bytes, free) : bytes;
    let left = fits;
    return [
      ...over.map((gpu, index): readonly [FakeDevice, number] => {
        const last = index === over.length - 1;
        const part = last ? left : Math.floor((fits * machine.freeBytes(gpu)) / free);
        left -= part;
        return [gpu, part];
      }),
      ["cpu", bytes - fits],
    ];
  }

  #claim(device: FakeDevice, bytes: number, model: string): Claim[] {
    const claims: Claim[] = [];
    for (const [on, size] of this.#partsOf(device, bytes)) {
      if (size === 0) continue;
      const claim = this.machine.claim(on, size, this.backend, model);
      if (claim === undefined) {
        for (const part of claims) part.release();
        throw new OutOfMemory(model);
      }
      claims.push(claim);
    }
    return claims;
  }

  /** The backend's own unload, lies included. */
  unload(model: string): void {
    const resident = this.#residents.get(model);
    if (resident === undefined || this.lies.unload === "nothing") return;
    const lateMs = this.lies.unloadMs ?? 0;
    if (lateMs === 0) this.#drop(resident);
    else void this.machine.clock.sleep(lateMs, this.lifetime).then(() => this.#drop(resident));
  }

  /** As `unload`, once its jobs are done. */
  unloadWhenIdle(model: string): void {
    const resident = this.#residents.get(model);
    if (resident === undefined || this.lies.unload === "nothing") return;
    if (resident.active === 0) this.unload(model);
    else resident.doomed = true;
  }

  /** Removes the model regardless of lies: a swap, a process that ended. */
  remove(model: string): void {
    const resident = this.#residents.get(model);
    if (resident !== undefined) this.#drop(resident);
  }

  #drop(resident: Resident): void {
    const { machine, backend } = this;
    if (this.#residents.get(resident.model) !== resident) return;
    this.#residents.delete(resident.model);
    machine.record("unload", backend, resident.model);
    const free = (): void => {
      for (const claim of resident.claims) claim.release();
      machine.record("freed", backend, resident.model);
      this.changed();
    };
    const reclaimMs = this.lies.reclaimMs ?? 0;
    if (reclaimMs === 0) free();
    else void machine.clock.sleep(reclaimMs, this.lifetime).then(free);
    this.changed();
  }

  /**
   * Runs a job on a residency, from claiming its transient memory to freeing it. `until` ends the wait for its time and
   * its gate. @throws {OutOfMemory} @throws {BackendKilled}
   */
  async job<T>(resident: Resident, until: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { machine, backend } = this;
    const lifetime = this.lifetime;
    const bytes = resident.spec.transientBytes ?? 0;
    const claim =
      bytes === 0 ? undefined : machine.claim(resident.device, bytes, backend, `${resident.model} (job)`);
    if (bytes > 0 && claim === undefined) throw new OutOfMemory(resident.model);
    if (claim !== undefined) this.#working.add(claim);
    resident.active += 1;
    machine.record("job", backend, resident.model);
    this.changed();
    const over = AbortSignal.any([until, lifetime]);
    try {
      await this.#gates.get(resident.model)?.enter(over);
      await machine.clock.sleep(resident.spec.jobMs ?? 0, over);
      if (lifetime.aborted) throw new BackendKilled();
      return await work();
    } finally {
      claim?.release();
      if (claim !== undefined) this.#working.delete(claim);
      resident.active -= 1;
      resident.usedAtMs = machine.clock.nowMs();
      if (resident.doomed && resident.active === 0) this.#drop(resident);
      this.changed();
    }
  }

  /** The process is killed: the kernel frees all of its memory at once. */
  crash(): void {
    for (const { model, claims } of this.residents) {
      this.machine.record("crash", this.backend, model);
      for (const claim of claims) claim.release();
    }
    for (const claim of this.#working) claim.release();
    this.#residents.clear();
    // Also ends the delay of memory that is freed late.
    this.#lifetime.abort();
    this.#lifetime = new AbortController();
    this.changed();
  }
}
