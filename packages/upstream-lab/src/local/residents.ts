/** The models that one backend holds in the machine's memory, and how it lies about them. */
import { createGate, type Gate } from "../gate.ts";
import { Conditions } from "../record.ts";
import type { Claim, FakeDevice, FakeMachine } from "./machine.ts";

export interface FakeModel {
  readonly bytes: number;
  /** More for each token of context beyond the backend's own choice. */
  readonly contextTokenBytes?: number;
  /** What it was trained for: it is given no more context. */
  readonly contextTokens?: number;
  /** Default the backend's. */
  readonly device?: FakeDevice;
  /** What each job takes while it runs. */
  readonly transientBytes?: number;
  /** By the machine's clock; default 0. */
  readonly loadMs?: number;
  readonly jobMs?: number;
  /** Jobs at a time; default the backend's. */
  readonly parallel?: number;
  /** What it does; default what its backend is for. */
  readonly operation?: "chat" | "embedding" | "speech" | "transcription" | "image";
  /** Of a speech model; the first is its default. */
  readonly voices?: readonly string[];
}

export interface Lies {
  /** `nothing`: an unload is answered with yes, and nothing else happens. */
  readonly unload?: "nothing";
  /** An unload is answered at once; the model is shown and takes memory for this long after. */
  readonly unloadMs?: number;
  /** The memory comes back only so long after the model has gone from the list. */
  readonly reclaimMs?: number;
  /** `nothing`: a load is answered with yes, and nothing else happens. */
  readonly load?: "nothing";
  /** `stale`: the list stays as it was when this lie was told. */
  readonly list?: "stale";
}

export class OutOfMemory extends Error {
  readonly model: string;
  constructor(model: string) {
    super("CUDA error: out of memory");
    this.model = model;
  }
}

/** The backend was killed in the middle of it. */
export class Died extends Error {}

export interface Resident {
  readonly model: string;
  readonly spec: FakeModel;
  readonly device: FakeDevice;
  readonly options: Readonly<Record<string, unknown>>;
  readonly claims: Claim[];
  loaded: boolean;
  active: number;
  /** To be unloaded when its last job is done. */
  doomed: boolean;
  usedAtMs: number;
  ready: Promise<void>;
}

interface ResidentsOptions {
  readonly machine: FakeMachine;
  readonly backend: string;
  readonly device: FakeDevice;
  readonly models: Readonly<Record<string, FakeModel>>;
  /** What does not fit on a model's device is put into RAM. */
  readonly spills?: boolean;
  /** What no GPU alone has free is put on all of them, in proportion to what they have free. */
  readonly splits?: boolean;
}

export class Residents {
  readonly machine: FakeMachine;
  readonly backend: string;
  readonly models: ReadonlyMap<string, FakeModel>;
  lies: Lies = {};
  readonly #device: FakeDevice;
  readonly #spills: boolean;
  readonly #splits: boolean;
  readonly #residents = new Map<string, Resident>();
  /** Memory of jobs. */
  readonly #working = new Set<Claim>();
  readonly #gates = new Map<string, Gate>();
  readonly #changes = new Conditions();
  #life = new AbortController();

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
  get alive(): AbortSignal {
    return this.#life.signal;
  }

  /** Jobs of the model stop here, with their memory taken, from now on. */
  hold(model: string): Gate {
    const gate = createGate();
    this.#gates.set(model, gate);
    return gate;
  }

  /** Resolves when it is so; looked at whenever a residency or a job comes or goes. */
  when(ready: () => boolean): Promise<void> {
    return this.#changes.when(ready);
  }

  changed(): void {
    this.#changes.changed();
  }

  /**
   * Joins a load in progress. `loadMs` and `bytes` are the model's own unless given.
   * @throws {OutOfMemory} @throws {Died}
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
    // Ollama's way of saying that no layer goes to the GPU.
    const device = options.num_gpu === 0 ? "cpu" : (spec.device ?? this.#device);
    machine.record("load", backend, model);
    const claims = this.#claim(device, bytes, model);
    const life = this.alive;
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
    resident.ready = machine.clock.sleep(loadMs, life).then(() => {
      if (life.aborted) throw new Died();
      resident.loaded = true;
      machine.record("loaded", backend, model);
      this.changed();
    });
    // Whoever began it may have left; whoever joins it awaits it himself.
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

  /** As the backend's own unload does it, lies included. */
  unload(model: string): void {
    const resident = this.#residents.get(model);
    if (resident === undefined || this.lies.unload === "nothing") return;
    const lateMs = this.lies.unloadMs ?? 0;
    if (lateMs === 0) this.#drop(resident);
    else void this.machine.clock.sleep(lateMs, this.alive).then(() => this.#drop(resident));
  }

  /** As `unload`, once its jobs are done. */
  unloadWhenIdle(model: string): void {
    const resident = this.#residents.get(model);
    if (resident === undefined || this.lies.unload === "nothing") return;
    if (resident.active === 0) this.unload(model);
    else resident.doomed = true;
  }

  /** The backend takes it out whatever it says: a swap, a process that ended. */
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
    else void machine.clock.sleep(reclaimMs, this.alive).then(free);
    this.changed();
  }

  /**
   * Runs a job on a copy, from taking its transient memory to giving it back. `until` ends the wait for its time and
   * its gate. @throws {OutOfMemory} @throws {Died}
   */
  async job<T>(resident: Resident, until: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { machine, backend } = this;
    const life = this.alive;
    const bytes = resident.spec.transientBytes ?? 0;
    const claim =
      bytes === 0 ? undefined : machine.claim(resident.device, bytes, backend, `${resident.model} (job)`);
    if (bytes > 0 && claim === undefined) throw new OutOfMemory(resident.model);
    if (claim !== undefined) this.#working.add(claim);
    resident.active += 1;
    machine.record("job", backend, resident.model);
    this.changed();
    const over = AbortSignal.any([until, life]);
    try {
      await this.#gates.get(resident.model)?.enter(over);
      await machine.clock.sleep(resident.spec.jobMs ?? 0, over);
      if (life.aborted) throw new Died();
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

  /** The process is killed: the kernel takes back all of its memory at once. */
  crash(): void {
    for (const { model, claims } of this.residents) {
      this.machine.record("crash", this.backend, model);
      for (const claim of claims) claim.release();
    }
    for (const claim of this.#working) claim.release();
    this.#residents.clear();
    // Ends the wait for memory that comes back late, too.
    this.#life.abort();
    this.#life = new AbortController();
    this.changed();
  }
}
