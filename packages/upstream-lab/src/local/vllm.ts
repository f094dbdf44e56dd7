/**
 * vLLM with sleep mode, with memory that runs out. https://docs.vllm.ai/en/latest/features/sleep_mode/
 *
 * One model per process, loaded at its start. In sleep level 1 its weights are in RAM; in level 2 they are dropped, and
 * until they are reloaded after a wake-up it answers garbage.
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
import type { Claim } from "./machine.ts";

export interface FakeVllmOptions extends LocalBackendOptions {
  /** Started with --enable-sleep-mode and VLLM_SERVER_DEV_MODE=1. Default true. */
  readonly sleepMode?: boolean;
  /** Duration of a start; a model's `loadMs` is that of a wake-up. Default 0. */
  readonly startMs?: number;
}

/** Serves the first of `models`. @throws when it does not fit at the start. */
export async function startVllm(options: FakeVllmOptions): Promise<LocalBackend> {
  const { machine, sleepMode = true, startMs = 0 } = options;
  const [model] = Object.keys(options.models);
  if (model === undefined) throw new Error("vLLM serves a model");
  const error = (code: number, message: string, type: string): Refusal =>
    new Refusal(code, { error: { message, type, param: null, code } });

  const backend = await startBackend(options, {
    kind: "vllm",
    outOfMemory: ({ message }) => ({
      status: 500,
      body: { error: { message: `${message}. Tried to allocate`, type: "InternalServerError", code: 500 } },
    }),
    route: ({ residents }) => {
      const inRam: Claim[] = [];
      let rubbish = false;
      let stale: boolean | undefined;
      const leaveRam = (): void => {
        for (const claim of inRam.splice(0)) claim.release();
      };
      residents.lifetime.addEventListener("abort", leaveRam);

      const isSleeping = (): boolean => {
        const now = residents.get(model)?.loaded !== true;
        stale = residents.lies.list === "stale" ? (stale ?? now) : undefined;
        return stale ?? now;
      };

      const sleep = (level: string): LocalReply => {
        if (level !== "1" && level !== "2")
          throw error(500, `level ${level} is not 1 or 2`, "InternalServerError");
        const resident = residents.get(model);
        if (resident === undefined || residents.lies.unload === "nothing") return { status: 200 };
        if (level === "1" && machine.devices.includes("cpu")) {
          const claim = machine.claim("cpu", resident.spec.bytes, residents.backend, `${model} (asleep)`);
          if (claim === undefined)
            throw error(500, "unable to allocate pinned memory", "InternalServerError");
          inRam.push(claim);
        }
        rubbish ||= level === "2";
        residents.unload(model);
        return { status: 200 };
      };

      const wakeUp = async (): Promise<LocalReply> => {
        if (residents.lies.load === "nothing") return { status: 200 };
        await residents.load(model);
        leaveRam();
        return { status: 200 };
      };

      const dev = async (path: string, level: string, body: JsonObject): Promise<LocalReply | undefined> => {
        if (path === "GET /is_sleeping") return { status: 200, body: { is_sleeping: isSleeping() } };
        if (path === "POST /sleep") return sleep(level);
        if (path === "POST /wake_up") return wakeUp();
        if (path !== "POST /collective_rpc") return undefined;
        if (asText(body.method) === "reload_weights" && residents.get(model) !== undefined) rubbish = false;
        return { status: 200, body: { results: [null] } };
      };

      return async (call) => {
        const { method, path } = call;
        if (path === "/health") return { status: 200 };
        if (method === "GET" && path === "/v1/models") {
          const entry = { id: model, object: "model", owned_by: "vllm", max_model_len: 8192 };
          return { status: 200, body: { object: "list", data: [entry] } };
        }
        const level = call.query.get("level") ?? "1";
        const done = sleepMode ? await dev(`${method} ${path}`, level, call.body) : undefined;
        if (done !== undefined) return done;
        if (path !== "/v1/chat/completions" && path !== "/v1/embeddings")
          return { status: 404, body: { detail: "Not Found" } };
        if (asText(call.body.model) !== model) {
          throw error(404, `The model \`${asText(call.body.model)}\` does not exist.`, "NotFoundError");
        }
        const resident = residents.get(model);
        if (resident?.loaded !== true) throw error(500, "EngineCore is asleep", "InternalServerError");
        if (rubbish) machine.record("rubbish", residents.backend, model);
        const reply = path === "/v1/chat/completions" ? chatReply(call, "openai-chat") : embeddingReply(call);
        await residents.job(resident, call.gone, () => call.send(reply));
        return undefined;
      };
    },
  });
  const restart = backend.restart.bind(backend);
  const begin = async (): Promise<void> => {
    await backend.residents.load(model, {}, startMs);
  };
  await begin().catch(async (cause: unknown) => {
    await backend.close();
    throw cause;
  });
  return Object.assign(backend, {
    async restart() {
      await begin();
      await restart();
    },
  });
}
