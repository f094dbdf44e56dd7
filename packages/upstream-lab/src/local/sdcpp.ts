/**
 * The wrapper around stable-diffusion.cpp, with memory that runs out.
 * https://github.com/psyb0t/aigate/blob/master/docs/services/sdcpp.md
 *
 * One model and one image at a time; any other request is refused with 503.
 */
import { asText, type JsonObject } from "../json.ts";
import {
  type LocalBackend,
  type LocalBackendOptions,
  type LocalReply,
  Refusal,
  startBackend,
} from "./backend.ts";
import { imagesDocument } from "./image.ts";
import { OutOfMemory } from "./residents.ts";

export function startSdcpp(options: LocalBackendOptions): Promise<LocalBackend> {
  return startBackend(options, {
    kind: "sdcpp",
    outOfMemory: ({ model, message }) => ({
      status: 503,
      body: { error: { message: `failed to load model "${model}": load failed: ${model}: ${message}` } },
    }),
    route: ({ residents }) => {
      const state = { current: "", loading: false, generating: false, locked: false };
      let working = new AbortController();
      let stale: JsonObject | undefined;

      const loaded = (): boolean => residents.get(state.current)?.loaded === true;

      const ensure = async (id: string): Promise<void> => {
        if (loaded() && state.current === id) return;
        residents.remove(state.current);
        state.loading = true;
        state.current = id;
        try {
          await residents.load(id);
        } finally {
          state.loading = false;
        }
      };

      const unknown = (id: string): string =>
        `unknown model "${id}"; available: ${[...residents.models.keys()].join(", ")}`;

      const load = async (id: string): Promise<LocalReply> => {
        if (!residents.models.has(id)) throw new Refusal(400, { error: unknown(id) });
        if (residents.lies.load === "nothing") return { status: 200, body: { loaded: true, model: id } };
        if (loaded() && state.current === id)
          return { status: 200, body: { already_loaded: true, model: id } };
        if (state.locked) throw new Refusal(503, { error: "load failed: another operation is in progress" });
        state.locked = true;
        try {
          await ensure(id);
        } catch (error) {
          if (!(error instanceof OutOfMemory)) throw error;
          throw new Refusal(503, { error: `load failed: ${id}: ${error.message}` });
        } finally {
          state.locked = false;
        }
        return { status: 200, body: { loaded: true, model: id } };
      };

      const unload = (): LocalReply => {
        if (state.loading || state.generating || !loaded())
          return { status: 200, body: { already_unloaded: true } };
        residents.unload(state.current);
        return { status: 200, body: { unloaded: true, model: state.current } };
      };

      const cancel = (): LocalReply => {
        if (!state.generating) return { status: 200, body: { cancelled: false, reason: "not generating" } };
        residents.remove(state.current);
        working.abort();
        return { status: 200, body: { cancelled: true } };
      };

      const status = (): JsonObject => ({
        loaded: loaded(),
        loading: state.loading,
        current_model: state.current,
        generating: state.generating,
        process_running: residents.get(state.current) !== undefined,
        process_pid: residents.get(state.current) === undefined ? 0 : 4242,
        idle_timeout: 300,
        supports_img: true,
        models: [...residents.models.keys()],
      });

      const begin = (): void => {
        if (state.locked) {
          const message = "another load or generation is in progress, try again later";
          throw new Refusal(503, { error: { message } });
        }
        state.locked = true;
      };

      return async (call) => {
        const { method, path, body } = call;
        if (path === "/health") return { status: 200, body: { status: "ok" } };
        if (method === "GET" && path === "/v1/models") {
          const data = [...residents.models.keys()].map((id) => ({ id, object: "model", owned_by: "local" }));
          return { status: 200, body: { object: "list", data } };
        }
        if (method === "GET" && path === "/sdcpp/v1/status") {
          stale = residents.lies.list === "stale" ? (stale ?? status()) : undefined;
          return { status: 200, body: stale ?? status() };
        }
        if (method === "POST" && path === "/sdcpp/v1/load") return load(call.query.get("model") ?? "");
        if (method === "POST" && path === "/sdcpp/v1/unload") return unload();
        if (method === "POST" && path === "/sdcpp/v1/cancel") return cancel();
        if (method !== "POST" || path !== "/v1/images/generations")
          return { status: 404, body: { error: "not found" } };
        const id = asText(body.model);
        if (!residents.models.has(id)) throw new Refusal(400, { error: { message: unknown(id) } });
        begin();
        try {
          await ensure(id);
          state.generating = true;
          working = new AbortController();
          const resident = await residents.load(id);
          const document = imagesDocument(body);
          // A client that leaves does not stop the process.
          await residents.job(resident, working.signal, async () => {
            if (working.signal.aborted) throw new Refusal(502, { error: { message: "bad gateway" } });
            await call.send({ status: 200, body: document });
          });
          return undefined;
        } finally {
          state.generating = false;
          state.locked = false;
        }
      };
    },
  });
}
