/**
 * Ollama. https://docs.ollama.com/api
 *
 * It holds one residency of a model: a request with other load options reloads it, so that unloading any residency of a
 * model unloads it. An unload is answered before it has happened; only /api/ps shows when the model is gone, and
 * only the machine shows when its memory is.
 */
import type { Driver, LoadedModel, ResidencySpec } from "../driver.ts";
import { Backend } from "./backend.ts";
import type { DriverOptions } from "./options.ts";
import { count, fields, list, text } from "./read.ts";

export interface OllamaOptions extends DriverOptions {
  /** Models as the caller spells them: `phi4-mini` is reported under that name and not as `phi4-mini:latest`. */
  readonly models?: readonly string[] | undefined;
  /** How long an idle model stays loaded, as Ollama writes it. Default -1, for ever: Headgate decides. */
  readonly keepAlive?: string | number | undefined;
}

export function ollamaDriver(options: OllamaOptions): Driver {
  const backend = new Backend(options);
  const spellings = new Map<string, string>();
  const learn = (model: string): void => void spellings.set(full(model), model);
  for (const model of options.models ?? []) learn(model);

  /**
   * By model, a requested context and the one it got: no more than the model was trained for. /api/ps shows the
   * latter, and a request with another context reloads.
   */
  const contexts = new Map<string, { readonly requested: number; readonly got: number }>();

  const loaded = async (signal: AbortSignal): Promise<readonly LoadedModel[]> => {
    const models = list(fields(await backend.look("/api/ps", signal)).models);
    if (models === undefined) throw backend.error("unreachable", "GET /api/ps: its answer lists no models");
    return models.flatMap((entry) => {
      const { name, model, size, size_vram, context_length } = fields(entry);
      const id = text(name) ?? text(model);
      if (id === undefined) return [];
      const got = count(context_length);
      const context = contexts.get(full(id));
      const num_ctx = context?.got === got ? context?.requested : got;
      return {
        model: spellings.get(full(id)) ?? id,
        options: num_ctx === undefined || num_ctx === 0 ? {} : { num_ctx },
        bytes: count(size),
        gpuBytes: count(size_vram),
        busy: undefined,
        loading: false,
      };
    });
  };

  const find = async (spec: ResidencySpec, signal: AbortSignal): Promise<LoadedModel | undefined> =>
    (await loaded(signal)).find(({ model }) => model === spec.model);

  return {
    backend: options.backend,
    health: (signal) =>
      backend.health("/api/version", signal, (json) => text(fields(json).version) !== undefined),
    loaded,

    async load(spec, signal) {
      learn(spec.model);
      contexts.delete(full(spec.model));
      const order = {
        model: spec.model,
        keep_alive: options.keepAlive ?? -1,
        stream: false,
        options: spec.options,
      };
      let reply = await backend.order("POST", "/api/generate", order, signal, backend.loadMs);
      // A model that only embeds refuses to generate; without input, /api/embed does nothing but load.
      if (reply.status === 400 && /does not support generate/i.test(reply.text)) {
        reply = await backend.order("POST", "/api/embed", { ...order, input: [] }, signal, backend.loadMs);
      }
      const what = `load ${spec.model}`;
      if (reply.status === 404) throw backend.refused(what, reply, "missing");
      if (reply.status === 503) throw backend.refused(what, reply, "busy");
      // An error may also come in the body of a 200.
      if (reply.status !== 200 || text(fields(reply.json).error) !== undefined) {
        throw backend.refused(what, reply);
      }
      const seen = await find(spec, signal);
      if (seen === undefined)
        throw backend.error("unverified", `${what}: it reported success, /api/ps does not show it`);
      const { num_ctx: requested } = spec.options;
      const { num_ctx: got } = seen.options;
      if (typeof requested !== "number" || typeof got !== "number" || requested === got) return seen;
      contexts.set(full(spec.model), { requested, got });
      return { ...seen, options: { ...seen.options, num_ctx: requested } };
    },

    async unload(spec, signal) {
      learn(spec.model);
      const order = { model: spec.model, keep_alive: 0, stream: false };
      const reply = await backend.order("POST", "/api/generate", order, signal);
      const what = `unload ${spec.model}`;
      if (reply.status !== 200 && reply.status !== 404) {
        throw backend.refused(what, reply, reply.status === 503 ? "busy" : "failed");
      }
      // Deleted while it was loaded: it stays in memory, whatever is asked, until another load needs its place.
      if (reply.status === 404 && (await find(spec, signal)) !== undefined)
        throw backend.refused(what, reply, "orphaned");
      const look = async () => ((await find(spec, signal)) === undefined ? true : undefined);
      if ((await backend.until(backend.unloadMs, look, signal)) === undefined) {
        throw backend.error("unverified", `${what}: /api/ps still shows it after ${backend.unloadMs} ms`);
      }
    },
  };
}

/** Ollama's tag for a name that has none; only the last part of a name can carry one. */
const full = (model: string): string => (/:[^/:]*$/.test(model) ? model : `${model}:latest`);
