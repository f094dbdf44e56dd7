/**
 * Ollama, with memory that runs out. https://docs.ollama.com/api
 *
 * Unlike the real one it unloads nothing to make room: with Headgate's scheduler that must not be needed.
 */
import { asObject, asText, type JsonObject } from "../json.ts";
import {
  type LocalBackend,
  type LocalBackendOptions,
  type LocalCall,
  modelOf,
  Refusal,
  startBackend,
} from "./backend.ts";
import { chatReply, embeddingReply } from "./chat.ts";
import { BackendKilled, type FakeModel, type Resident, type Residents } from "./residents.ts";

export interface FakeOllamaOptions extends LocalBackendOptions {
  /** OLLAMA_MAX_QUEUE: requests that wait beyond it are refused with 503. Default 512. */
  readonly maxQueue?: number;
  /** OLLAMA_NUM_PARALLEL, for models without their own. Default 1. */
  readonly parallel?: number;
  /** OLLAMA_CONTEXT_LENGTH. Default 4096. */
  readonly contextLength?: number;
  /** What it can pull beside the models that it has. */
  readonly registry?: Readonly<Record<string, FakeModel>>;
}

const RELOADING = ["num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread"];
const QUEUE_FULL = "server busy, please try again.  maximum pending requests exceeded";
const AT = "2026-01-01T00:00:00Z";

const missing = (model: string) => () => new Refusal(404, { error: `model '${model}' not found` });
const full = (model: string): string => (/:[^/:]*$/.test(model) ? model : `${model}:latest`);

export function startOllama(options: FakeOllamaOptions): Promise<LocalBackend> {
  const { maxQueue = 512, parallel = 1, contextLength = 4096, registry = {} } = options;
  const pullable = new Map(Object.entries(registry).map(([id, model]) => [full(id), model]));
  const models = Object.fromEntries(Object.entries(options.models).map(([id, model]) => [full(id), model]));
  const { machine } = options;

  return startBackend(
    { ...options, models },
    {
      kind: "ollama",
      outOfMemory: ({ model }) => ({
        status: 500,
        body: {
          error: `model ${model}: llama runner process has terminated: cudaMalloc failed: out of memory`,
        },
      }),
      route: ({ residents }) => {
        let queued = 0;
        let stale: JsonObject | undefined;

        /** Requests with a slot, or with a runner that is being loaded for them. */
        const admitted = new Map<string, number>();

        /** Waits for a slot, and for the runner to be idle when it was loaded with other options. */
        const run = async <T>(
          call: LocalCall,
          id: string,
          work: (resident: Resident) => Promise<T>,
        ): Promise<T> => {
          // An absent option means its default.
          const wanted: Readonly<Record<string, unknown>> = {
            num_ctx: contextLength,
            ...reloading(call.body),
          };
          const context = contextOf(wanted, residents.models.get(id));
          const bytes = bytesOf(residents.models.get(id), context, contextLength);
          const slots = residents.models.get(id)?.parallel ?? parallel;
          const at = (): number => admitted.get(id) ?? 0;
          const same = (resident: Resident | undefined): boolean =>
            resident === undefined || RELOADING.every((name) => resident.options[name] === wanted[name]);
          const ready = (): boolean => {
            const resident = residents.get(id);
            return same(resident) && resident?.doomed !== true ? at() < slots : at() === 0;
          };
          if (!ready() && queued >= maxQueue) throw new Refusal(503, { error: QUEUE_FULL });
          queued += 1;
          while (!ready() && !call.gone.aborted) await residents.when(() => ready() || call.gone.aborted);
          queued -= 1;
          if (call.gone.aborted) throw new BackendKilled();
          admitted.set(id, at() + 1);
          try {
            if (!same(residents.get(id))) {
              machine.record("reload", "ollama", id);
              residents.remove(id);
            }
            return await work(await residents.load(id, wanted, undefined, bytes));
          } finally {
            admitted.set(id, at() - 1);
            residents.changed();
          }
        };

        const generate = async (call: LocalCall, id: string, model: FakeModel) => {
          const { prompt, keep_alive } = call.body;
          const empty = asText(prompt) === "";
          const done = { model: asText(call.body.model), created_at: AT, response: "", done: true };
          if (empty && isZero(keep_alive)) {
            residents.unloadWhenIdle(id);
            return { status: 200, body: { ...done, done_reason: "unload" } };
          }
          if (model.operation === "embedding") {
            throw new Refusal(400, { error: `"${asText(call.body.model)}" does not support generate` });
          }
          if (empty && residents.lies.load === "nothing")
            return { status: 200, body: { ...done, done_reason: "load" } };
          if (empty)
            return run(call, id, async () => ({ status: 200, body: { ...done, done_reason: "load" } }));
          const body = { ...done, response: `Hello from ${id}.`, done_reason: "stop", eval_count: 3 };
          await run(call, id, (resident) =>
            residents.job(resident, call.gone, () => call.send({ status: 200, body })),
          );
          return undefined;
        };

        return async (call) => {
          const { method, path } = call;
          if (method === "GET" && path === "/api/version")
            return { status: 200, body: { version: "0.40.12" } };
          if (method === "GET" && path === "/api/tags") return { status: 200, body: tags(residents) };
          if (method === "GET" && path === "/api/ps") {
            const now = running(residents, machine.clock.nowMs());
            stale = residents.lies.list === "stale" ? (stale ?? now) : undefined;
            return { status: 200, body: stale ?? now };
          }
          if (method === "POST" && path === "/api/pull") return pull(call, residents, pullable);
          if (method === "DELETE" && path === "/api/delete") {
            const name = asText(call.body.model) || asText(call.body.name);
            modelOf(residents, full(name), missing(name));
            residents.models.delete(full(name));
            return { status: 200, body: {} };
          }
          if (method !== "POST") return { status: 404, body: { error: "404 page not found" } };
          const id = full(asText(call.body.model));
          const model = modelOf(residents, id, missing(asText(call.body.model)));
          if (path === "/api/show") return { status: 200, body: shown(model) };
          if (path === "/api/generate") return generate(call, id, model);
          if (path !== "/api/chat" && path !== "/api/embed")
            return { status: 404, body: { error: "404 page not found" } };
          const { input } = call.body;
          if (path === "/api/embed" && Array.isArray(input) && input.length === 0) {
            const body = { model: asText(call.body.model), embeddings: [] };
            if (residents.lies.load === "nothing") return { status: 200, body };
            return run(call, id, async () => ({ status: 200, body }));
          }
          if (path === "/api/chat" && model.operation === "embedding") {
            throw new Refusal(400, { error: `"${asText(call.body.model)}" does not support chat` });
          }
          const reply = path === "/api/chat" ? chatReply(call, "ollama-chat") : embeddingReply(call);
          await run(call, id, (resident) => residents.job(resident, call.gone, () => call.send(reply)));
          return undefined;
        };
      },
    },
  );
}

const isZero = (keepAlive: unknown): boolean => keepAlive === 0 || keepAlive === "0" || keepAlive === "0s";

function reloading(body: JsonObject): Record<string, unknown> {
  const options = asObject(body.options);
  return Object.fromEntries(
    RELOADING.flatMap((name) => ((options[name] ?? undefined) === undefined ? [] : [[name, options[name]]])),
  );
}

/** No less than 4 tokens, and no more than the model was trained for. */
const contextOf = ({ num_ctx }: Readonly<Record<string, unknown>>, model: FakeModel | undefined): number =>
  Math.max(4, Math.min(Number(num_ctx), model?.contextTokens ?? Number.POSITIVE_INFINITY));

const bytesOf = (model: FakeModel | undefined, context: number, contextLength: number): number | undefined =>
  model && model.bytes + (context - Math.min(contextLength, context)) * (model.contextTokenBytes ?? 0);

/** A model of 10 layers, with 4 heads for keys of 64 numbers each. */
const shown = ({ operation, contextTokens = 8192 }: FakeModel): JsonObject => ({
  details: { family: "lab", parameter_size: "1B", quantization_level: "Q4_0" },
  model_info: {
    "general.architecture": "lab",
    "general.parameter_count": 1_000_000_000,
    "lab.context_length": contextTokens,
    "lab.embedding_length": 1024,
    "lab.block_count": 10,
    "lab.attention.head_count": 16,
    "lab.attention.head_count_kv": 4,
  },
  capabilities: operation === "embedding" ? ["embedding"] : ["completion", "tools"],
});

const tags = ({ models }: Residents): JsonObject => ({
  models: [...models].map(([name, { bytes }]) => ({
    name,
    model: name,
    size: bytes,
    digest: "0".repeat(64),
  })),
});

function running(residents: Residents, nowMs: number): JsonObject {
  const models = residents.residents
    .filter(({ loaded }) => loaded)
    .map(({ model, spec, claims, options }) => {
      const onGpu = claims.filter(({ device }) => device !== "cpu");
      const size = (list: typeof claims): number => list.reduce((bytes, claim) => bytes + claim.bytes, 0);
      return {
        name: model,
        model,
        size: size(claims),
        size_vram: size(onGpu),
        expires_at: new Date(nowMs + 300_000).toISOString(),
        context_length: contextOf(options, spec),
      };
    });
  return { models };
}

/** A download in three steps; `/api/pull` of an unknown model ends in an error line, as the registry's does. */
function pull(call: LocalCall, { models }: Residents, registry: ReadonlyMap<string, FakeModel>) {
  const name = asText(call.body.model) || asText(call.body.name);
  const found = models.get(full(name)) ?? registry.get(full(name));
  if (found !== undefined) models.set(full(name), found);
  const total = found?.bytes;
  const line = (fields: JsonObject): Buffer => Buffer.from(`${JSON.stringify(fields)}\n`);
  const status = `pulling ${"0".repeat(12)}`;
  const chunks =
    total === undefined
      ? [line({ status: "pulling manifest" }), line({ error: "pull model manifest: file does not exist" })]
      : [
          line({ status: "pulling manifest" }),
          line({ status, digest: `sha256:${"0".repeat(64)}`, total }),
          line({ status, digest: `sha256:${"0".repeat(64)}`, total, completed: Math.floor(total / 2) }),
          line({ status, digest: `sha256:${"0".repeat(64)}`, total, completed: total }),
          line({ status: "verifying sha256 digest" }),
          line({ status: "writing manifest" }),
          line({ status: "success" }),
        ];
  return { status: 200, headers: { "content-type": "application/x-ndjson" }, chunks };
}
