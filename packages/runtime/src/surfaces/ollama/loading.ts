/** Loads and unloads of a model, which Ollama's clients request by an empty prompt: https://docs.ollama.com/api/generate */
import { EncodeError, type LoadOptions } from "@headgate/adapter-kit";
import { DEFAULT_TIMEOUTS, type Failure, type JsonObject, present } from "@headgate/contract";
import type { IndexedDeployment, IndexedRoute } from "@headgate/router";
import { badRequest, ClientError } from "../../http/client-error.ts";
import type { ClientSink } from "../../http/client-sink.ts";
import { LeaderGone } from "../../local/local-memory.ts";
import type { DirectRequest, SurfaceHost } from "../surface.ts";
import { unloads } from "./decode.ts";
import type { Form } from "./encode.ts";
import { engineOf, orderEngine } from "./engines.ts";

type Host = Pick<SurfaceHost, "leases" | "options" | "serving">;

/** A request without a prompt: it loads the model, or unloads it. */
export function emptyRequest(
  host: Host,
  form: Form | "embed",
  route: IndexedRoute,
  json: JsonObject,
  shown: string,
): DirectRequest {
  return {
    async direct(sink) {
      const [entry] = route.chain;
      const unload = form !== "embed" && unloads(json);
      if (entry !== undefined) await (unload ? unloadModel(host, entry) : loadModel(host, entry, json, sink));
      const done = { done: true, done_reason: unload ? "unload" : "load" };
      const head = { model: shown, created_at: new Date().toISOString() };
      const empty = form === "chat" ? { message: { role: "assistant", content: "" } } : { response: "" };
      const body = form === "embed" ? { model: shown, embeddings: [] } : { ...head, ...empty, ...done };
      if (!sink.gone)
        sink.send(200, { "content-type": "application/json; charset=utf-8" }, JSON.stringify(body));
    },
  };
}

/** @throws {ClientError} in the words of the scheduler, or of the engine */
async function loadModel(
  { leases, options, serving }: Host,
  entry: IndexedDeployment,
  json: JsonObject,
  sink: ClientSink,
): Promise<void> {
  const [candidate] = entry.candidates;
  if (candidate === undefined) return;
  const { live } = serving();
  if (!leases.needs(candidate)) {
    const engine = engineOf(live, entry);
    if (engine !== undefined)
      await orderEngine(engine, entry, present({ options: json.options, keep_alive: json.keep_alive }));
    return;
  }
  const chosen = chosenOptions(entry, json, live.endpoint(candidate).adapter);
  const leaving = new AbortController();
  sink.onGone = () => leaving.abort();
  try {
    const waitMs = options.requestTimeoutMs ?? DEFAULT_TIMEOUTS.requestMs;
    const lease = await leases.acquire(candidate, leaving.signal, { waitMs }, chosen);
    if (!("granted" in lease)) throw loadError(lease);
    lease.release("done");
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  } finally {
    sink.onGone = undefined;
  }
}

/** The load options of the request, as the adapter would send them. @throws {ClientError} */
function chosenOptions(
  { deployment, provider }: IndexedDeployment,
  json: JsonObject,
  { chat, embedding }: ReturnType<ReturnType<Host["serving"]>["live"]["endpoint"]>["adapter"],
): LoadOptions | undefined {
  const target = { deployment, provider };
  const { options = {} } = json;
  try {
    if (deployment.operation === "embedding")
      return embedding?.encode({ inputs: [], extra: { options } }, target).chosen;
    const body = { options };
    return chat?.native?.encode({ bytes: Buffer.from(JSON.stringify(body)), json: body }, target).chosen;
  } catch (error) {
    throw error instanceof EncodeError ? badRequest(`${error.message}.`, error.param) : error;
  }
}

const loadError = ({ status, message, code, retryAfterMs }: Failure): ClientError =>
  new ClientError({
    status: status === 404 ? 404 : 503,
    type: status === 404 ? "invalid_request_error" : "upstream_error",
    message,
    ...present({ code, retryAfterMs }),
  });

/**
 * Unloads every copy of a model, whatever its load options. One that is not loaded is none to unload.
 * @throws {ClientError} 409 for a pinned model
 */
export async function unloadModel({ leases, serving }: Host, entry: IndexedDeployment): Promise<void> {
  const [candidate] = entry.candidates;
  if (candidate === undefined) return;
  if (!leases.needs(candidate)) {
    const engine = engineOf(serving().live, entry);
    if (engine !== undefined) await orderEngine(engine, entry, { keep_alive: 0 });
    return;
  }
  const { provider, deployment } = entry;
  const state = await leases.state().catch(asUnavailable);
  for (const { key, backend, model, state: now } of state?.residencies ?? []) {
    if (backend !== provider.id || model !== deployment.upstream || now !== "ready") continue;
    const done = await leases.command("evict", key).catch(asUnavailable);
    if (!done.ok)
      throw new ClientError({
        status: 409,
        type: "invalid_request_error",
        code: "not_possible",
        message: `${done.why}.`,
      });
  }
}

/** There is no leader at the moment. */
function asUnavailable(error: unknown): never {
  if (!(error instanceof LeaderGone)) throw error;
  throw new ClientError({
    status: 503,
    type: "server_error",
    code: "not_possible",
    message: `${error.message}; try again in some seconds.`,
  });
}
