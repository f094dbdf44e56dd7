/** A machine whose memory really runs out, shared by the fake backends that run on it. */
import { type LocalClock, realClock } from "./clock.ts";

/** `cpu`, `cuda:0`, `cuda:1`, … */
export type FakeDevice = "cpu" | `cuda:${number}`;

/** Memory that somebody holds. */
export interface Claim {
  readonly device: FakeDevice;
  readonly bytes: number;
  /** May be called again without harm. */
  release(): void;
}

/** Somebody wanted more than there was: what a scheduler must never let happen. */
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
   * `load`: begun. `reload`: its backend replaces it by itself, for other load options. `unload`: gone from its backend's
   * list. `freed`: its memory is back. `rubbish`: it served nonsense.
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
  /** What happened, in order. */
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

  /** The most that was ever used. */
  peakBytes(device: FakeDevice): number {
    return this.#device(device).peakBytes;
  }

  /** Who holds how much of a device; what others took is `external`. */
  holders(device: FakeDevice): ReadonlyMap<string, number> {
    const holders = new Map<string, number>();
    for (const [claim, who] of this.#device(device).held) {
      holders.set(who, (holders.get(who) ?? 0) + claim.bytes);
    }
    return holders;
  }

  /** @returns `undefined`, and an overcommit on record, when there is not as much left. */
  claim(device: FakeDevice, bytes: number, backend: string, what: string): Claim | undefined {
    const freeBytes = this.freeBytes(device);
    if (bytes <= freeBytes) return this.#hold(device, bytes, backend);
    const atMs = this.clock.nowMs();
    this.overcommits.push({ atMs, device, backend, what, wantedBytes: bytes, freeBytes });
    this.record("out-of-memory", backend, what);
    return undefined;
  }

  /** Others take memory; they too get no more than there is. @returns what they got, to be released. */
  grow(device: FakeDevice, bytes: number): Claim {
    return this.#hold(device, Math.min(bytes, this.freeBytes(device)), EXTERNAL);
  }

  record(kind: MachineEvent["kind"], backend: string, model: string): void {
    this.events.push({ atMs: this.clock.nowMs(), kind, backend, model });
  }

  #hold(device: FakeDevice, bytes: number, who: string): Claim {
    const of = this.#device(device);
    const claim: Claim = { device, bytes, release: () => void of.held.delete(claim) };
    of.held.set(claim, who);
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
