/**
 * The wrapper around stable-diffusion.cpp: one model at a time, swapped by starting another sd-server.
 * https://github.com/psyb0t/aigate/blob/master/docs/services/sdcpp.md
 *
 * It answers `already_unloaded` to an unload while it loads or generates, when it has done nothing; only its status
 * shows that. It refuses with 503 whatever it cannot do at once, a failed load and a busy model alike.
 */
import type { Driver, LoadedModel } from "../driver.ts";
import { Backend } from "./backend.ts";
import type { DriverOptions } from "./options.ts";
import { fields, text } from "./read.ts";

export interface SdcppDriver extends Driver {
  /**
   * Breaks off the image that is being made by killing its process, which unloads the model. A client that goes away
   * does not: the process works on, though the status is idle. @returns false when nothing was being made.
   */
  cancel(signal: AbortSignal): Promise<boolean>;
}

interface Status {
  readonly model: string | undefined;
  readonly loaded: boolean;
  readonly loading: boolean;
  readonly generating: boolean;
  /** Its sd-server runs, and so takes memory. */
  readonly running: boolean;
}

export function sdcppDriver(options: DriverOptions): SdcppDriver {
  const backend = new Backend(options);

  const status = async (signal: AbortSignal): Promise<Status> => {
    const status = fields(await backend.look("/sdcpp/v1/status", signal));
    if (typeof status.loaded !== "boolean") {
      throw backend.error("unreachable", "GET /sdcpp/v1/status: its answer is no status");
    }
    return {
      model: text(status.current_model),
      loaded: status.loaded,
      loading: status.loading === true,
      generating: status.generating === true,
      running: status.process_running === true,
    };
  };

  const resident = ({ model, loaded, loading, generating, running }: Status): readonly LoadedModel[] =>
    model === undefined || !(loaded || loading || running)
      ? []
      : [
          {
            model,
            options: {},
            bytes: undefined,
            gpuBytes: undefined,
            busy: generating ? 1 : 0,
            // A process that is neither loaded nor loading is starting or stopping: it takes memory and serves nothing.
            loading: !loaded,
          },
        ];

  const working = ({ model, loading }: Status): string =>
    `it is ${loading ? "loading" : "working with"} ${model}`;

  return {
    backend: options.backend,
    health: (signal) => backend.health("/health", signal, (json) => fields(json).status === "ok"),
    loaded: async (signal) => resident(await status(signal)),

    async load(spec, signal) {
      const what = `load ${spec.model}`;
      const before = await status(signal);
      if ((before.loading || before.generating) && !(before.loaded && before.model === spec.model)) {
        throw backend.error("busy", `${what}: ${working(before)}`);
      }
      const path = `/sdcpp/v1/load?model=${encodeURIComponent(spec.model)}`;
      const reply = await backend.order("POST", path, undefined, signal, backend.loadMs);
      if (reply.status === 400) throw backend.refused(what, reply, "missing");
      const after = await status(signal);
      if (reply.status !== 200) {
        const busy = reply.status === 503 && (after.loading || after.generating);
        throw backend.refused(what, reply, busy ? "busy" : "failed");
      }
      const [seen] = resident(after);
      if (seen === undefined || seen.loading || seen.model !== spec.model) {
        throw backend.error("unverified", `${what}: it reported success, its status does not show it loaded`);
      }
      return seen;
    },

    async unload(spec, signal) {
      const what = `unload ${spec.model}`;
      // With another model loaded this one is gone, and an unload would hit the other.
      const held = (now: Status): boolean => now.model === spec.model && resident(now).length > 0;
      const before = await status(signal);
      if (!held(before)) return;
      if (before.loading || before.generating) throw backend.error("busy", `${what}: ${working(before)}`);
      const reply = await backend.order("POST", "/sdcpp/v1/unload", undefined, signal);
      if (reply.status !== 200) throw backend.refused(what, reply);
      const look = async () => {
        const now = await status(signal);
        if (!held(now)) return true;
        if (now.loading || now.generating) throw backend.error("busy", `${what}: ${working(now)}`);
        return undefined;
      };
      if ((await backend.until(backend.unloadMs, look, signal)) === undefined) {
        throw backend.error("unverified", `${what}: its status still shows it after ${backend.unloadMs} ms`);
      }
    },

    async cancel(signal) {
      const reply = await backend.order("POST", "/sdcpp/v1/cancel", undefined, signal);
      if (reply.status !== 200) throw backend.refused("cancel", reply);
      return fields(reply.json).cancelled === true;
    },
  };
}
