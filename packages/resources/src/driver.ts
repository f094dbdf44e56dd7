/**
 * What the resource manager needs of a local backend, and of the machine. A driver verifies where its backend's reports
 * are wrong; it decides nothing. The scheduler decides; it does no I/O.
 */

/** Where memory is taken: `cpu` (RAM) or one GPU, `cuda:0`, `cuda:1`, … in nvidia-smi's order. */
export type DeviceId = "cpu" | `cuda:${number}`;

/** Load options that make another residency of the same model, such as Ollama's num_ctx. */
export type ResidencyOptions = Readonly<Record<string, number | boolean>>;

/** One model with its load options at one backend: what is loaded and unloaded as a whole. */
export interface ResidencySpec {
  /** `<backend>/<model>` and the options, canonically ordered; equal keys share one residency. */
  readonly key: string;
  /** The provider's id, such as `ollama-cuda`. */
  readonly backend: string;
  /** The backend's own name of the model. */
  readonly model: string;
  readonly options: ResidencyOptions;
}

/** One residency as its backend reports it. */
export interface LoadedModel {
  readonly model: string;
  /** Known load options; those that the backend does not report are absent. */
  readonly options: ResidencyOptions;
  /** All memory it takes. `undefined`: not reported. */
  readonly bytes: number | undefined;
  /** The part of `bytes` on the GPU; less than `bytes` means that it spilled to RAM. `undefined`: not reported. */
  readonly gpuBytes: number | undefined;
  /** The GPU it is on, where the backend reports it. */
  readonly device?: DeviceId | undefined;
  /** Requests it is working on. `undefined`: not reported. */
  readonly busy: number | undefined;
  /** Jobs that it runs at a time, where the backend reports it. */
  readonly concurrency?: number | undefined;
  /** True while it is being loaded: it takes memory and serves nothing. */
  readonly loading: boolean;
}

export type Health = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Why a driver's call failed, so that the scheduler can separate a full device from a backend that is down. */
export class DriverError extends Error {
  /**
   * - `out-of-memory`: the model did not fit.
   * - `busy`: it works on something that cannot be interrupted.
   * - `missing`: the backend has no such model.
   * - `orphaned`: it was deleted while it was loaded. Its backend cannot unload it any more, and frees its memory by itself
   *   when another load needs it.
   * - `unreachable`: the backend does not answer; what it holds is unknown.
   * - `unverified`: it reported success, and a look shows none.
   * - `failed`: anything else.
   */
  readonly kind: "out-of-memory" | "busy" | "missing" | "orphaned" | "unreachable" | "unverified" | "failed";
  constructor(kind: DriverError["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DriverError";
    this.kind = kind;
  }
}

export interface Driver {
  /** The provider's id. */
  readonly backend: string;
  /** `load` only makes sure that the model could be loaded: its first job loads it. */
  readonly loadsOnFirstJob?: true;
  health(signal: AbortSignal): Promise<Health>;
  /** What is loaded now. @throws {DriverError} `unreachable` */
  loaded(signal: AbortSignal): Promise<readonly LoadedModel[]>;
  /**
   * Loads and resolves when a look shows it loaded. `device` is where memory was set aside for it, for backends that can
   * be directed; absent for a model that the backend is to split over several. @throws {DriverError}
   */
  load(spec: ResidencySpec, signal: AbortSignal, device?: DeviceId): Promise<LoadedModel>;
  /** Unloads and resolves when the backend shows it gone. The probe shows whether memory came back. @throws {DriverError} */
  unload(spec: ResidencySpec, signal: AbortSignal): Promise<void>;
}

/** One device's memory as the machine reports it. `undefined` is unknown, never zero. */
export interface DeviceReading {
  readonly device: DeviceId;
  readonly totalBytes: number | undefined;
  readonly usedBytes: number | undefined;
}

export interface MemoryProbe {
  read(signal: AbortSignal): Promise<readonly DeviceReading[]>;
}
