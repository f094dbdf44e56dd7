/**
 * vLLM in sleep mode: one model for the whole run of the process, put to sleep instead of unloaded.
 * https://docs.vllm.ai/en/latest/features/sleep_mode/ — it needs `--enable-sleep-mode` and VLLM_SERVER_DEV_MODE=1.
 *
 * Level 1 moves the weights to RAM, which they go on taking; level 2 drops them, and a wake-up alone then brings back
 * memory with undefined content: the weights must be read again. Sleep and wake-up may answer before they are done.
 */
import { type Driver, DriverError, type LoadedModel, type ResidencySpec } from "../driver.ts";
import { Backend } from "./backend.ts";
import type { DriverOptions } from "./options.ts";
import { fields, list } from "./read.ts";

export interface VllmOptions extends DriverOptions {
  /** The model that it was started with (or its --served-model-name). */
  readonly model: string;
  /** Default 1. */
  readonly sleepLevel?: 1 | 2 | undefined;
}

export function vllmDriver(options: VllmOptions): Driver {
  const backend = new Backend(options);
  const level = options.sleepLevel ?? 1;
  const awake: LoadedModel = {
    model: options.model,
    options: {},
    bytes: undefined,
    gpuBytes: undefined,
    busy: undefined,
    loading: false,
  };

  const sleeping = async (signal: AbortSignal): Promise<boolean> => {
    const reply = await backend.get("/is_sleeping", signal).catch((error: unknown) => {
      throw error instanceof DriverError ? new DriverError("unreachable", error.message) : error;
    });
    if (reply.status === 404) {
      const how = "start it with --enable-sleep-mode and VLLM_SERVER_DEV_MODE=1";
      throw backend.error("unreachable", `GET /is_sleeping: it is not in sleep mode; ${how}`);
    }
    if (reply.status !== 200) throw backend.refused("GET /is_sleeping", reply, "unreachable");
    const { is_sleeping } = fields(reply.json);
    if (typeof is_sleeping === "boolean") return is_sleeping;
    throw backend.error("unreachable", "GET /is_sleeping: its answer is neither true nor false");
  };

  const order = async (what: string, path: string, body: unknown, signal: AbortSignal): Promise<void> => {
    const reply = await backend.order("POST", path, body, signal, backend.loadMs);
    if (reply.status !== 200) throw backend.refused(`${what}: POST ${path}`, reply);
  };

  const becomes = async (
    what: string,
    wanted: boolean,
    boundMs: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const look = async () => ((await sleeping(signal)) === wanted ? true : undefined);
    if ((await backend.until(boundMs, look, signal)) !== undefined) return;
    throw backend.error(
      "unverified",
      `${what}: it is still ${wanted ? "awake" : "asleep"} after ${boundMs} ms`,
    );
  };

  const serves = async (spec: ResidencySpec, signal: AbortSignal): Promise<boolean> => {
    const data = list(fields(await backend.look("/v1/models", signal)).data) ?? [];
    return spec.model === options.model && data.some((entry) => fields(entry).id === spec.model);
  };

  return {
    backend: options.backend,
    async health(signal) {
      // Its 200 has no body. Without sleep mode it serves, but nothing here can move it.
      const health = await backend.health("/health", signal, () => true);
      if (!health.ok) return health;
      return backend.health("/is_sleeping", signal, (json) => typeof fields(json).is_sleeping === "boolean");
    },
    loaded: async (signal) => ((await sleeping(signal)) ? [] : [awake]),

    async load(spec, signal) {
      const what = `load ${spec.model}`;
      if (!(await serves(spec, signal))) {
        throw backend.error("missing", `${what}: it was started with another model`);
      }
      if (!(await sleeping(signal))) return awake;
      await order(what, "/wake_up", undefined, signal);
      if (level === 2) await order(what, "/collective_rpc", { method: "reload_weights" }, signal);
      await becomes(what, false, backend.loadMs, signal);
      return awake;
    },

    async unload(spec, signal) {
      const what = `unload ${spec.model}`;
      if (await sleeping(signal)) return;
      await order(what, `/sleep?level=${level}`, undefined, signal);
      await becomes(what, true, backend.unloadMs, signal);
    },
  };
}
