/** A machine whose memory really runs out, shared by the fake backends that run on it. */
import { type LocalClock, realClock } from "./clock.ts";

/** `cpu`, `cuda:0`, `cuda:1`, … */
export type FakeDevice = "cpu" | `cuda:${number}`;

/** Claimed memory. */
export interface Claim {
  readonly device: FakeDevice;
  readonly bytes: number;
  /** Idempotent. */
  release(): void;
}

/** A claim beyond the free memory: a scheduler's fault. */
export interface Overcommit {
  readonly atMs: number;
  readonly device: FakeDevice;
  readonly backend: string;
  readonly what: string;
  readonly wantedBytes: number;
  readonly freeBytes: number;
}

export interface MachineEvent {
  readonly atMs: number;
  /**
   * `load`: started. `reload`: its backend replaces it, for other load options. `unload`: no longer in its backend's
   * list. `freed`: its memory is free. `rubbish`: it served garbage.
   */
  readonly kind:
    | "load"
    | "loaded"
    | "reload"
    | "unload"
    | "freed"
    | "out-of-memory"
    | "job"
    | "rubbish"
    | "crash";
  readonly backend: string;
  readonly model: string;
}

export interface FakeMachineOptions {
  /** Bytes of each device. */
  readonly devices: Readonly<Partial<Record<FakeDevice, number>>>;
  readonly clock?: LocalClock;
}

interface Device {
  readonly totalBytes: number;
  readonly held: Map<Claim, string>;
  peakBytes: number;
}

const EXTERNAL = "external";

export class FakeMachine {
  readonly clock: LocalClock;
  /** Empty at the end of a test in which nothing was overcommitted. */
  readonly overcommits: Overcommit[] = [];
  /** All events, in order. */
  readonly events: MachineEvent[] = [];
  readonly #devices = new Map<FakeDevice, Device>();

  constructor({ devices, clock = realClock }: FakeMachineOptions) {
    this.clock = clock;
    for (const [name, totalBytes = 0] of Object.entries(devices)) {
      this.#devices.set(name as FakeDevice, { totalBytes, held: new Map(), peakBytes: 0 });
    }
  }

  get devices(): readonly FakeDevice[] {
    return [...this.#devices.keys()].sort();
  }

  totalBytes(device: FakeDevice): number {
    return this.#device(device).totalBytes;
  }

  usedBytes(device: FakeDevice): number {
    return sum(this.#device(device).held.keys());
  }

  freeBytes(device: FakeDevice): number {
    return this.totalBytes(device) - this.usedBytes(device);
  }

  /** Peak usage. */
  peakBytes(device: FakeDevice): number {
    return this.#device(device).peakBytes;
  }

  /** Bytes of a device by holder; other programs are `external`. */
  holders(device: FakeDevice): ReadonlyMap<string, number> {
    const holders = new Map<string, number>();
    for (const [claim, holder] of this.#device(device).held) {
      holders.set(holder, (holders.get(holder) ?? 0) + claim.bytes);
    }
    return holders;
  }

  /** @returns `undefined`, and an overcommit on record, when less is free. */
  claim(device: FakeDevice, bytes: number, backend: string, what: string): Claim | undefined {
    const freeBytes = this.freeBytes(device);
    if (bytes <= freeBytes) return this.#hold(device, bytes, backend);
    const atMs = this.clock.nowMs();
    this.overcommits.push({ atMs, device, backend, what, wantedBytes: bytes, freeBytes });
    this.record("out-of-memory", backend, what);
    return undefined;
  }

  /** Other programs claim memory, at most the free amount. @returns the claim, to be released. */
  grow(device: FakeDevice, bytes: number): Claim {
    return this.#hold(device, Math.min(bytes, this.freeBytes(device)), EXTERNAL);
  }

  record(kind: MachineEvent["kind"], backend: string, model: string): void {
    this.events.push({ atMs: this.clock.nowMs(), kind, backend, model });
  }

  #hold(device: FakeDevice, bytes: number, holder: string): Claim {
    const of = this.#device(device);
    const claim: Claim = { device, bytes, release: () => void of.held.delete(claim) };
    of.held.set(claim, holder);
    of.peakBytes = Math.max(of.peakBytes, sum(of.held.keys()));
    return claim;
  }

  #device(name: FakeDevice): Device {
    const device = this.#devices.get(name);
    if (device === undefined) throw new Error(`the fake machine has no device ${name}`);
    return device;
  }
}

const sum = (claims: Iterable<Claim>): number => {
  let bytes = 0;
  for (const claim of claims) bytes += claim.bytes;
  return bytes;
};
