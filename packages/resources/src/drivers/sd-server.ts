/**
 * stable-diffusion.cpp's own sd-server: the process is the model. It serves one model from its start to its end, so
 * loading is starting it and unloading is stopping it, which the process's owner does.
 * https://github.com/leejet/stable-diffusion.cpp/tree/master/examples/server
 */
import { type Driver, DriverError, type LoadedModel } from "../driver.ts";
import { Backend } from "./backend.ts";
import type { DriverOptions } from "./options.ts";
import { fields, list } from "./read.ts";

/** The owner of the backend's process. Both may be called again without harm. */
export interface ProcessControl {
  /** Resolves when the process runs; it may still be loading. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when the process, with all its children, has ended. */
  stop(signal: AbortSignal): Promise<void>;
}

export interface SdServerOptions extends DriverOptions {
  /** The model that it was, or will be, started with. */
  readonly model: string;
  /** Without it (a backend that another program runs) nothing can be loaded or unloaded. */
  readonly process?: ProcessControl | undefined;
}

const LIST = "/v1/models";

export function sdServerDriver(options: SdServerOptions): Driver {
  const backend = new Backend(options);
  const { model } = options;
  const served: LoadedModel = {
    model,
    options: {},
    bytes: undefined,
    gpuBytes: undefined,
    busy: undefined,
    loading: false,
  };

  /** A refused connection means no process, and so no model; any other silence means nothing. */
  const loaded = async (signal: AbortSignal): Promise<readonly LoadedModel[]> => {
    try {
      if (list(fields(await backend.look(LIST, signal)).data) !== undefined) return [served];
    } catch (error) {
      if (error instanceof DriverError && /connection refused$/.test(error.message)) return [];
      throw error;
    }
    throw backend.error("unreachable", `GET ${LIST}: its answer lists no models`);
  };

  const control = (what: string): ProcessControl => {
    if (options.process !== undefined) return options.process;
    throw backend.error(
      "failed",
      `${what}: sd-server holds its model while it runs, and it is not run by Headgate`,
    );
  };

  return {
    backend: options.backend,
    health: (signal) => backend.health(LIST, signal, (json) => list(fields(json).data) !== undefined),
    loaded,

    async load(spec, signal) {
      const what = `load ${spec.model}`;
      if (spec.model !== model)
        throw backend.error("missing", `${what}: it serves ${model} and nothing else`);
      const [running] = await loaded(signal);
      if (running !== undefined) return running;
      await control(what).start(signal);
      const look = async () => (await loaded(signal))[0];
      const seen = await backend.until(backend.loadMs, look, signal);
      if (seen === undefined) throw backend.error("unverified", `${what}: started, but it does not answer`);
      return seen;
    },

    async unload(spec, signal) {
      const what = `unload ${spec.model}`;
      if ((await loaded(signal)).length === 0 || spec.model !== model) return;
      await control(what).stop(signal);
      const look = async () => ((await loaded(signal)).length === 0 ? true : undefined);
      if ((await backend.until(backend.unloadMs, look, signal)) === undefined) {
        throw backend.error("unverified", `${what}: stopped, but it still answers`);
      }
    },
  };
}
