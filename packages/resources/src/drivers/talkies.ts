/**
 * talkies: speech and transcription. https://github.com/psyb0t/docker-talkies/blob/master/docs/api.md
 *
 * It has no load call: the first job loads its model, and unloads whatever else is idle. It reports no memory.
 */
import type { Driver, LoadedModel, ResidencySpec } from "../driver.ts";
import { Backend } from "./backend.ts";
import type { DriverOptions } from "./options.ts";
import { count, fields, list, text } from "./read.ts";

export interface TalkiesDriver extends Driver {
  /** `load` only makes sure that it could be loaded; `loaded` shows the model once its first job has run. */
  readonly loadsOnFirstJob: true;
  /** Unloads all models. @throws {DriverError} `busy` while one works, `unverified` when a look still shows one. */
  unloadAll(signal: AbortSignal): Promise<void>;
}

export function talkiesDriver(options: DriverOptions): TalkiesDriver {
  const backend = new Backend(options);

  const loaded = async (signal: AbortSignal): Promise<readonly LoadedModel[]> => {
    const models = list(fields(await backend.look("/api/ps", signal)).models);
    if (models === undefined) throw backend.error("unreachable", "GET /api/ps: its answer lists no models");
    return models.flatMap((entry) => {
      const { id, loaded, active_requests } = fields(entry);
      const model = text(id);
      if (model === undefined || loaded === false) return [];
      return {
        model,
        options: {},
        bytes: undefined,
        gpuBytes: undefined,
        busy: count(active_requests),
        loading: false,
      };
    });
  };

  const gone = async (what: string, model: string | undefined, signal: AbortSignal): Promise<void> => {
    const look = async () => {
      const left = await loaded(signal);
      return left.some((one) => model === undefined || one.model === model) ? undefined : true;
    };
    if ((await backend.until(backend.unloadMs, look, signal)) === undefined) {
      throw backend.error("unverified", `${what}: /api/ps still shows it after ${backend.unloadMs} ms`);
    }
  };

  return {
    backend: options.backend,
    loadsOnFirstJob: true,
    health: (signal) => backend.health("/healthz", signal, (json) => fields(json).ok === true),
    loaded,

    async load(spec: ResidencySpec, signal) {
      const seen = (await loaded(signal)).find(({ model }) => model === spec.model);
      if (seen !== undefined) return seen;
      const known = list(fields(await backend.look("/v1/models", signal)).data) ?? [];
      if (!known.some((entry) => fields(entry).id === spec.model)) {
        throw backend.error("missing", `load ${spec.model}: it is not among its enabled models`);
      }
      const { model } = spec;
      return { model, options: {}, bytes: undefined, gpuBytes: undefined, busy: 0, loading: false };
    },

    async unload(spec, signal) {
      // Ids such as `Systran/faster-whisper-large-v3` carry a slash.
      const path = `/api/ps/${encodeURIComponent(spec.model)}`;
      const reply = await backend.order("DELETE", path, undefined, signal);
      const what = `unload ${spec.model}`;
      if (reply.status === 409) throw backend.refused(what, reply, "busy");
      if (reply.status !== 200 && reply.status !== 404) throw backend.refused(what, reply);
      await gone(what, spec.model, signal);
    },

    async unloadAll(signal) {
      const reply = await backend.order("POST", "/unload", undefined, signal);
      if (reply.status === 409) throw backend.refused("unload all", reply, "busy");
      if (reply.status !== 200) throw backend.refused("unload all", reply);
      await gone("unload all", undefined, signal);
    },
  };
}
