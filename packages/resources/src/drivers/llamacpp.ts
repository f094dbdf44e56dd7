/**
 * llama-server in router mode. https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
 *
 * It answers loads and unloads before they are done. A load that fails shows as `unloaded` with `failed` and an exit
 * code; why it failed (mostly too little memory) is in llama-server's own log only. Load options are set where the
 * router is started, not by the caller.
 */
import type { Driver, DriverError, LoadedModel, ResidencySpec } from "../driver.ts";
import { Backend } from "./backend.ts";
import type { DriverOptions } from "./options.ts";
import { count, fields, list, text } from "./read.ts";

interface Entry {
  readonly model: string;
  /** `sleeping`: its process runs, its weights and cache are freed, and the next request loads them again. */
  readonly state: string;
  readonly failed: boolean;
  readonly exitCode: number | undefined;
}

export function llamacppDriver(options: DriverOptions): Driver {
  const backend = new Backend(options);

  const entries = async (signal: AbortSignal): Promise<readonly Entry[]> => {
    const data = list(fields(await backend.look("/models", signal)).data);
    const found = data?.flatMap((entry): readonly Entry[] => {
      const model = text(fields(entry).id);
      const { value, failed, exit_code } = fields(fields(entry).status);
      const state = text(value);
      if (model === undefined || state === undefined) return [];
      return [{ model, state, failed: failed === true, exitCode: count(exit_code) }];
    });
    if (found === undefined || (found.length === 0 && data?.length !== 0)) {
      throw backend.error(
        "unreachable",
        "GET /models: no model has a status; is it in router mode (without -m)?",
      );
    }
    return found;
  };

  const find = async (spec: ResidencySpec, signal: AbortSignal): Promise<Entry | undefined> =>
    (await entries(signal)).find(({ model }) => model === spec.model);

  /** By model, since it was loaded: a running process does not change them. */
  const slots = new Map<string, number | undefined>();

  /** Jobs at a time. An older llama-server does not tell. */
  const slotsOf = async (model: string, signal: AbortSignal): Promise<number | undefined> => {
    if (!slots.has(model)) {
      const path = `/props?model=${encodeURIComponent(model)}&autoload=false`;
      const seen = await backend.look(path, signal).catch((error: unknown) => {
        if (signal.aborted) throw error;
        return undefined;
      });
      slots.set(model, count(fields(seen).total_slots));
    }
    return slots.get(model);
  };

  const asLoaded = async ({ model, state }: Entry, signal: AbortSignal): Promise<LoadedModel> => ({
    model,
    options: {},
    bytes: undefined,
    gpuBytes: undefined,
    busy: undefined,
    concurrency: state === "loaded" ? await slotsOf(model, signal) : undefined,
    loading: state === "loading",
  });

  const unload = async (spec: ResidencySpec, signal: AbortSignal): Promise<void> => {
    const what = `unload ${spec.model}`;
    const reply = await backend.order("POST", "/models/unload", { model: spec.model }, signal);
    // 400 "model is not running" and 404 are answers to a model that is gone: the look decides.
    if (reply.status !== 200 && reply.status !== 400 && reply.status !== 404)
      throw backend.refused(what, reply);
    const look = async () => {
      const state = (await find(spec, signal))?.state;
      return state === undefined || state === "unloaded" || state === "downloading" ? true : undefined;
    };
    if ((await backend.until(backend.unloadMs, look, signal)) === undefined) {
      throw backend.error("unverified", `${what}: GET /models still shows it after ${backend.unloadMs} ms`);
    }
  };

  const ended = (what: string, { exitCode }: Entry): DriverError => {
    const code = exitCode === undefined ? "" : ` (exit code ${exitCode})`;
    return backend.error(
      "failed",
      `${what}: its process ended${code}; the log of llama-server has the reason`,
    );
  };

  return {
    backend: options.backend,
    health: (signal) => backend.health("/health", signal, (json) => fields(json).status === "ok"),
    async loaded(signal) {
      const found = (await entries(signal)).filter(({ state }) => state === "loaded" || state === "loading");
      for (const model of slots.keys())
        if (!found.some((entry) => entry.model === model && entry.state === "loaded")) slots.delete(model);
      return Promise.all(found.map((entry) => asLoaded(entry, signal)));
    },
    unload,

    async load(spec, signal) {
      const what = `load ${spec.model}`;
      const before = await find(spec, signal);
      if (before === undefined) throw backend.error("missing", `${what}: GET /models does not list it`);
      if (before.state === "loaded") return asLoaded(before, signal);
      slots.delete(spec.model);
      // A sleeping model can only be woken by a job; unloaded first, it can be loaded.
      if (before.state === "sleeping") await unload(spec, signal);
      if (before.state !== "loading") {
        const reply = await backend.order("POST", "/models/load", { model: spec.model }, signal);
        if (reply.status === 404) throw backend.refused(what, reply, "missing");
        if (reply.status === 503) throw backend.refused(what, reply, "busy");
        // 400 is also the answer when another client was faster: then it shows.
        if (reply.status === 400 && (await find(spec, signal))?.state === "unloaded") {
          throw backend.refused(what, reply);
        }
        if (reply.status !== 200 && reply.status !== 400) throw backend.refused(what, reply);
      }
      const look = async () => {
        const now = await find(spec, signal);
        if (now?.state === "loaded") return now;
        if (now?.failed === true && now.state === "unloaded") throw ended(what, now);
        return undefined;
      };
      const seen = await backend.until(backend.loadMs, look, signal);
      if (seen === undefined) {
        throw backend.error(
          "unverified",
          `${what}: GET /models does not show it loaded after ${backend.loadMs} ms`,
        );
      }
      return asLoaded(seen, signal);
    },
  };
}
