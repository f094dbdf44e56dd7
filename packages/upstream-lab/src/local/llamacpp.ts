/**
 * llama-server in router mode, with memory that runs out.
 * https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
 *
 * Loads and unloads are answered before they are finished; a failed load shows in the list only.
 */
import { asText, type JsonObject } from "../json.ts";
import {
  type LocalBackend,
  type LocalBackendOptions,
  type LocalReply,
  Refusal,
  startBackend,
} from "./backend.ts";
import { chatReply, embeddingReply } from "./chat.ts";
import { BackendKilled, OutOfMemory } from "./residents.ts";

export interface FakeLlamacppOptions extends LocalBackendOptions {
  /** `--no-models-autoload` is false: a chat loads its model. Default true. */
  readonly autoload?: boolean;
  /** `--parallel`. */
  readonly slots?: number;
}

const ARGS = ["llama-server", "-ctx", "4096"];

const error = (code: number, message: string, type: string): Refusal =>
  new Refusal(code, { error: { code, message, type } });
const invalid = (message: string): Refusal => error(400, message, "invalid_request_error");

export function startLlamacpp(options: FakeLlamacppOptions): Promise<LocalBackend> {
  const { autoload = true, slots = 1 } = options;
  return startBackend(options, {
    kind: "llamacpp",
    outOfMemory: ({ model }) => ({
      status: 500,
      body: { error: { code: 500, message: `model name=${model} failed to load`, type: "server_error" } },
    }),
    route: ({ residents }) => {
      const failed = new Set<string>();
      const asleep = new Set<string>();
      let stale: JsonObject | undefined;

      const load = async (model: string): Promise<void> => {
        failed.delete(model);
        asleep.delete(model);
        await residents.load(model).catch((cause: unknown) => {
          failed.add(model);
          throw cause;
        });
      };

      const status = (model: string): JsonObject => {
        if (asleep.has(model)) return { value: "sleeping", args: ARGS };
        const resident = residents.get(model);
        if (resident !== undefined) return { value: resident.loaded ? "loaded" : "loading", args: ARGS };
        if (failed.has(model)) return { value: "unloaded", args: ARGS, failed: true, exit_code: 1 };
        return { value: "unloaded" };
      };

      const listing = (): JsonObject => ({
        object: "list",
        data: [...residents.models.keys()].map((id) => ({
          id,
          object: "model",
          owned_by: "llamacpp",
          status: status(id),
        })),
      });

      const order = (path: string, model: string): LocalReply => {
        if (!residents.models.has(model)) throw error(404, "model not found", "not_found_error");
        if (path === "/models/load") {
          if (residents.get(model) !== undefined || asleep.has(model))
            throw invalid("model is already loaded");
          if (residents.lies.load !== "nothing") load(model).catch(notRaised);
        } else {
          if (residents.get(model) === undefined && !asleep.delete(model))
            throw invalid("model is not running");
          residents.unload(model);
        }
        return { status: 200, body: { success: true } };
      };

      return async (call) => {
        const { method, path } = call;
        const model = asText(call.body.model);
        if (path === "/health") return { status: 200, body: { status: "ok" } };
        if (method === "GET" && (path === "/models" || path === "/v1/models")) {
          stale = residents.lies.list === "stale" ? (stale ?? listing()) : undefined;
          return { status: 200, body: stale ?? listing() };
        }
        // Of the model's own process. https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md#get-props
        if (method === "GET" && path === "/props") {
          const asked = call.query.get("model") ?? "";
          if (residents.get(asked)?.loaded !== true) throw invalid("model is not loaded");
          return { status: 200, body: { total_slots: slots, default_generation_settings: { n_ctx: 4096 } } };
        }
        if (method !== "POST") throw error(404, "File Not Found", "not_found_error");
        if (path === "/models/load" || path === "/models/unload") return order(path, model);
        // The effect of `--sleep-idle-seconds`.
        if (path === "/fake/sleep") {
          residents.remove(model);
          asleep.add(model);
          return { status: 200, body: { success: true } };
        }
        if (path !== "/v1/chat/completions" && path !== "/v1/embeddings") {
          throw error(404, "File Not Found", "not_found_error");
        }
        if (!residents.models.has(model)) throw error(404, "model not found", "not_found_error");
        if (residents.get(model) === undefined && !autoload) throw invalid("model is not loaded");
        await load(model);
        const resident = await residents.load(model);
        const reply = path === "/v1/chat/completions" ? chatReply(call, "openai-chat") : embeddingReply(call);
        await residents.job(resident, call.gone, () => call.send(reply));
        return undefined;
      };
    },
  });
}

/** A load that was answered early is not awaited, so its expected failures are ignored. */
function notRaised(cause: unknown): void {
  if (!(cause instanceof OutOfMemory || cause instanceof BackendKilled)) throw cause;
}
