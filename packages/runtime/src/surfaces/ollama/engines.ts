/** The Ollama servers behind the gateway's models: the routes that are about models are answered by them. */
import { isObject, parseJson, readErrorText } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import type { IndexedDeployment } from "@headgate/router";
import { ClientError } from "../../http/client-error.ts";
import { fetchReply, type Reply } from "../../upstream/fetch-reply.ts";
import type { Endpoint, LiveTable } from "../../upstream/live-table.ts";

/** A look at a server of one's own, which answers from memory. */
const LOOK_MS = 3_000;
/** A load of a model that the gateway does not manage. */
const ORDER_MS = 600_000;

export interface Engine {
  /** The provider's id. */
  readonly provider: string;
  readonly http: NonNullable<Endpoint["http"]>;
}

/** Undefined for a model that no Ollama of one's own serves. */
export function engineOf(live: LiveTable, { provider, candidates }: IndexedDeployment): Engine | undefined {
  const [candidate] = candidates;
  if (provider.local?.driver !== "ollama" || candidate === undefined) return undefined;
  const { http } = live.endpoint(candidate);
  return http === undefined ? undefined : { provider: provider.id, http };
}

/** Each of them once. */
export function enginesOf(live: LiveTable): Engine[] {
  const engines = live.index.deployments.flatMap((entry) => engineOf(live, entry) ?? []);
  return [...new Map(engines.map((engine) => [engine.provider, engine])).values()];
}

export async function askEngine(
  { http }: Engine,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: JsonValue,
  timeoutMs = LOOK_MS,
): Promise<Reply> {
  const { pool, basePath, headers } = http;
  return fetchReply(
    pool,
    {
      method,
      path: basePath + path,
      headers: [...headers, "accept", "application/json", "content-type", "application/json"],
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
    },
    timeoutMs,
  );
}

/** A list of one engine; undefined where it does not answer with one. */
export async function lookAt(engine: Engine, path: string): Promise<readonly JsonObject[] | undefined> {
  const reply = await askEngine(engine, "GET", path);
  const body = reply.ok && reply.status === 200 ? parseJson(reply.body.toString("utf8")) : undefined;
  const models = isObject(body) ? body.models : undefined;
  return Array.isArray(models) ? models.filter(isObject) : undefined;
}

/** An order for a model: a load, or an unload. @throws {ClientError} in the engine's words */
export async function orderEngine(
  engine: Engine,
  { deployment }: IndexedDeployment,
  order: JsonObject,
): Promise<void> {
  const embeds = deployment.operation === "embedding" && order.keep_alive !== 0;
  const body = { ...order, model: deployment.upstream, stream: false, ...(embeds ? { input: [] } : {}) };
  const path = embeds ? "/api/embed" : "/api/generate";
  checked(engine, await askEngine(engine, "POST", path, body, ORDER_MS));
}

/** @throws {ClientError} with the engine's status and words, for an answer that is no success */
export function checked({ provider }: Engine, reply: Reply): Extract<Reply, { ok: true }> {
  if (!reply.ok) {
    const message = `${provider}: ${reply.failure.message}`;
    throw new ClientError({ status: 503, type: "upstream_error", code: reply.failure.class, message });
  }
  if (reply.status < 300) return reply;
  const words = readErrorText(reply.body.toString("utf8"))?.message ?? `HTTP ${reply.status}`;
  const client = reply.status < 500;
  throw new ClientError({
    status: client ? reply.status : 503,
    type: client ? "invalid_request_error" : "upstream_error",
    message: words,
  });
}
