/** Message batches: https://platform.claude.com/docs/en/api/creating-message-batches */
import { Readable } from "node:stream";
import { isObject } from "@headgate/adapter-kit";
import type { Batch, BatchCounts, EndedLine, JsonObject, JsonValue, NewLine } from "@headgate/contract";
import type { FastifyInstance, FastifyRequest, RouteShorthandOptions } from "fastify";
import { type Batches, ownerOf, planHeaders } from "../../batches/batches.ts";
import { bodyProblem } from "../../batches/check-line.ts";
import { badRequest, ClientError } from "../../http/client-error.ts";
import { isArray, parseJsonBody } from "../../http/json-body.ts";
import type { SurfaceHost } from "../surface.ts";
import { wireHeaders } from "./messages.ts";

const ENDPOINT = "/v1/messages";
const MAX_REQUESTS = 100_000;
const ID = /^[a-zA-Z0-9_-]{1,64}$/;
const MOST = 1_000;

type WithId = { Params: { id: string } };
type Client = FastifyRequest["client"];

export function messageBatchRoutes(
  app: FastifyInstance,
  host: SurfaceHost,
  options: RouteShorthandOptions,
): void {
  const { batches, nowMs } = host;
  if (batches === undefined) return;
  const { store } = batches;

  app.post("/v1/messages/batches", options, async (request) => {
    const { json } = parseJsonBody(request.body);
    const owner = ownerOf(request.client);
    const lines = linesOf(json.requests, batches.refused(owner, ENDPOINT));
    const plan = {
      endpoint: ENDPOINT,
      window: "24h",
      ...planHeaders(request.headers, nowMs()),
      headers: wireHeaders(request.headers),
    };
    const batch = await batches.ofLines(owner, plan, lines);
    return shown(batch, await store.counts(batch.id), request);
  });

  app.get<{ Querystring: { limit?: string; after_id?: string; before_id?: string } }>(
    "/v1/messages/batches",
    options,
    async (request) => {
      const { client, query } = request;
      const limit = Math.min(Math.max(1, Number(query.limit ?? 20) || 20), MOST);
      const page = await store.batches({
        owner: client === undefined ? undefined : ownerOf(client),
        kind: "anthropic",
        limit,
        ...(query.after_id === undefined ? {} : { after: query.after_id }),
        ...(query.before_id === undefined ? {} : { before: query.before_id }),
      });
      const data = await Promise.all(
        page.batches.map(async (one) => shown(one, await store.counts(one.id), request)),
      );
      return {
        data,
        has_more: page.more,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
      };
    },
  );

  app.get<WithId>("/v1/messages/batches/:id", options, async (request) => {
    const batch = await batchOf(batches, request.client, request.params.id);
    return shown(batch, await store.counts(batch.id), request);
  });

  app.post<WithId>("/v1/messages/batches/:id/cancel", options, async (request) => {
    const { client, params } = request;
    const batch = await batchOf(batches, client, params.id);
    if (batch.endedMs === undefined) await batches.cancel(batch.id);
    return shown(await batchOf(batches, client, params.id), await store.counts(batch.id), request);
  });

  app.delete<WithId>("/v1/messages/batches/:id", options, async ({ client, params }) => {
    const batch = await batchOf(batches, client, params.id);
    if (batch.endedMs === undefined)
      throw new ClientError({
        status: 400,
        type: "invalid_request_error",
        message: `The batch ${batch.id} is not over yet; cancel it first.`,
      });
    await store.delete(batch.id);
    return { id: batch.id, type: "message_batch_deleted" };
  });

  app.get<WithId>("/v1/messages/batches/:id/results", options, async ({ client, params }, reply) => {
    const batch = await batchOf(batches, client, params.id);
    if (batch.endedMs === undefined)
      throw new ClientError({
        status: 404,
        type: "not_found_error",
        message: `The batch ${batch.id} is not over yet; its results come with its end.`,
      });
    return reply.type("application/x-jsonl").send(Readable.from(messageLines(batch, store.ended(batch.id))));
  });
}

/** @throws {ClientError} 400 that names the request */
function linesOf(
  requests: JsonValue | undefined,
  refused: (model: string) => string | undefined,
): readonly NewLine[] {
  if (!isArray(requests) || requests.length === 0)
    throw badRequest("A list that is not empty is needed.", "requests");
  if (requests.length > MAX_REQUESTS) throw badRequest(`There are more than ${MAX_REQUESTS}.`, "requests");
  const ids = new Set<string>();
  return requests.map((request, at) => {
    const path = `requests.${at}`;
    if (!isObject(request)) throw badRequest("It must be an object.", path);
    const { custom_id: id, params } = request;
    if (typeof id !== "string" || !ID.test(id))
      throw badRequest("It must be 1 to 64 letters, digits, underscores and hyphens.", `${path}.custom_id`);
    if (ids.has(id)) throw badRequest(`Another request has the id ${id} too.`, `${path}.custom_id`);
    ids.add(id);
    if (!isObject(params)) throw badRequest("It must be an object.", `${path}.params`);
    return lineOf(id, params, at, refused);
  });
}

function lineOf(
  customId: string,
  params: JsonObject,
  at: number,
  refused: (model: string) => string | undefined,
): NewLine {
  // As in Anthropic's API, what is wrong with one request is told in its result.
  const problem = bodyProblem(params, at + 1, refused);
  return { customId, body: JSON.stringify(params), ...(problem === undefined ? {} : { problem }) };
}

async function batchOf({ store }: Batches, client: Client, id: string): Promise<Batch> {
  const batch = await store.batch(id);
  const visible = client === undefined || batch?.owner === ownerOf(client);
  if (batch !== undefined && batch.kind === "anthropic" && visible) return batch;
  throw new ClientError({
    status: 404,
    type: "not_found_error",
    message: `There is no message batch ${JSON.stringify(id.slice(0, 100))} here.`,
  });
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

function shown(batch: Batch, counts: BatchCounts, { protocol, headers }: FastifyRequest) {
  const { id, state, createdMs, expiresMs, cancelMs, endedMs } = batch;
  const over = endedMs !== undefined;
  const unrun = state === "cancelled" || state === "expired" ? state : undefined;
  const { succeeded, failed, open, total } = counts;
  return {
    id,
    type: "message_batch",
    processing_status: over ? "ended" : state === "cancelling" ? "canceling" : "in_progress",
    // All are processing until the whole batch has ended, as in Anthropic's API.
    request_counts: over
      ? {
          processing: 0,
          succeeded,
          errored: failed - counts.unrun,
          canceled: unrun === "cancelled" ? counts.unrun : 0,
          expired: unrun === "expired" ? counts.unrun : 0,
        }
      : { processing: total === 0 ? open : total, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    ended_at: iso(endedMs),
    created_at: iso(createdMs),
    expires_at: iso(expiresMs),
    archived_at: null,
    cancel_initiated_at: iso(cancelMs),
    results_url: over
      ? `${protocol}://${headers.host ?? "localhost"}/v1/messages/batches/${id}/results`
      : null,
  };
}

async function* messageLines({ state }: Batch, lines: AsyncIterable<EndedLine>): AsyncGenerator<string> {
  for await (const { customId, ok, result } of lines) {
    const head = `{"custom_id":${JSON.stringify(customId)},"result":`;
    if (result === undefined) {
      yield `${head}{"type":"${state === "expired" ? "expired" : "canceled"}"}}\n`;
      continue;
    }
    const { problem } = JSON.parse(result) as { problem?: { code: string; message: string } };
    if (problem !== undefined) {
      const type = problem.code === "model_not_found" ? "not_found_error" : "invalid_request_error";
      const error = { type: "error", error: { type, message: problem.message }, request_id: null };
      yield `${head}${JSON.stringify({ type: "errored", error })}}\n`;
      continue;
    }
    // The body's text stays as it was made: numbers keep their digits.
    const body = result.slice(result.indexOf('"body":') + '"body":'.length, -1);
    yield ok
      ? `${head}{"type":"succeeded","message":${body}}}\n`
      : `${head}{"type":"errored","error":${body}}}\n`;
  }
}
