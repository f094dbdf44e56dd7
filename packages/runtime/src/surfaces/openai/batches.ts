/** Batches: https://platform.openai.com/docs/api-reference/batch */
import { isObject } from "@headgate/adapter-kit";
import { type Batch, type BatchCounts, type JsonObject, type JsonValue, NO_COUNTS } from "@headgate/contract";
import type { FastifyInstance } from "fastify";
import { type Batches, ownerOf, planHeaders, windowMs } from "../../batches/batches.ts";
import { ENDPOINTS } from "../../batches/check-line.ts";
import { badRequest, ClientError } from "../../http/client-error.ts";
import { parseJsonBody } from "../../http/json-body.ts";
import { textField } from "../field-readers.ts";
import type { SurfaceHost } from "../surface.ts";
import { errorsId, fileRoutes, isOf, outputId, owned } from "./batch-files.ts";

const MAX_METADATA = 16;
const MAX_KEY_CHARS = 64;
const MAX_VALUE_CHARS = 512;
const MOST = 100;

type WithId = { Params: { id: string } };

export function batchRoutes(app: FastifyInstance, host: SurfaceHost): void {
  const { batches, nowMs } = host;
  if (batches === undefined) return;
  const { store } = batches;
  fileRoutes(app, host, batches);

  app.post("/v1/batches", async ({ body, client, headers }) => {
    const { json } = parseJsonBody(body);
    const file = required(json, "input_file_id");
    const endpoint = required(json, "endpoint");
    if (!ENDPOINTS.includes(endpoint))
      throw badRequest(`\`endpoint\` must be one of ${ENDPOINTS.join(", ")}.`, "endpoint");
    const window = required(json, "completion_window");
    windowMs(window);
    const metadata = metadataOf(json.metadata);
    const own = await store.file(file);
    if (own === undefined || !isOf(client, own.owner))
      throw badRequest(
        `There is no file ${JSON.stringify(file.slice(0, 100))}; upload it to /v1/files with the purpose batch.`,
        "input_file_id",
        "file_not_found",
      );
    const plan = {
      endpoint,
      file,
      window,
      ...(metadata === undefined ? {} : { metadata }),
      ...planHeaders(headers, nowMs()),
    };
    return shown(await batches.ofFile(ownerOf(client), plan), NO_COUNTS);
  });

  app.get<{ Querystring: { limit?: string; after?: string } }>("/v1/batches", async ({ client, query }) => {
    const limit = Math.min(Math.max(1, Number(query.limit ?? 20) || 20), MOST);
    const page = await store.batches({
      owner: owned(client),
      kind: "openai",
      limit,
      ...(query.after === undefined ? {} : { after: query.after }),
    });
    const data = await Promise.all(page.batches.map(async (one) => shown(one, await store.counts(one.id))));
    return {
      object: "list",
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: page.more,
    };
  });

  app.get<WithId>("/v1/batches/:id", async ({ client, params }) => {
    const batch = await batchOf(batches, client, params.id);
    return shown(batch, await store.counts(batch.id));
  });

  app.post<WithId>("/v1/batches/:id/cancel", async ({ client, params }) => {
    const batch = await batchOf(batches, client, params.id);
    if (batch.endedMs !== undefined)
      throw new ClientError({
        status: 409,
        type: "invalid_request_error",
        code: "batch_ended",
        message: `The batch ${batch.id} has ended already: it is ${batch.state}.`,
      });
    await batches.cancel(batch.id);
    const after = await batchOf(batches, client, params.id);
    return shown(after, await store.counts(batch.id));
  });
}

async function batchOf({ store }: Batches, client: Parameters<typeof isOf>[0], id: string): Promise<Batch> {
  const batch = await store.batch(id);
  if (batch !== undefined && batch.kind === "openai" && isOf(client, batch.owner)) return batch;
  throw new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "batch_not_found",
    param: "batch_id",
    message: `There is no batch ${JSON.stringify(id.slice(0, 100))} here.`,
  });
}

const STATES = { preparing: "validating", running: "in_progress" } as const;

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.floor(ms / 1000));

function shown(batch: Batch, counts: BatchCounts) {
  const { id, plan, state, createdMs, startedMs, expiresMs, cancelMs, endedMs, problems } = batch;
  const status = state === "preparing" || state === "running" ? STATES[state] : state;
  const at = (when: string): number | null => (status === when ? seconds(endedMs) : null);
  return {
    id,
    object: "batch",
    endpoint: plan.endpoint,
    errors:
      problems === undefined
        ? null
        : {
            object: "list",
            data: problems.map(({ code, message, line = null, param = null }) => ({
              code,
              message,
              line,
              param,
            })),
          },
    input_file_id: plan.file ?? "",
    completion_window: plan.window,
    status,
    output_file_id: endedMs !== undefined && counts.succeeded > 0 ? outputId(id) : null,
    error_file_id: endedMs !== undefined && counts.failed > 0 ? errorsId(id) : null,
    created_at: seconds(createdMs),
    in_progress_at: seconds(startedMs),
    expires_at: seconds(expiresMs),
    finalizing_at: status === "completed" ? seconds(endedMs) : null,
    completed_at: at("completed"),
    failed_at: at("failed"),
    expired_at: at("expired"),
    cancelling_at: seconds(cancelMs),
    cancelled_at: at("cancelled"),
    request_counts: { total: counts.total, completed: counts.succeeded, failed: counts.failed },
    metadata: plan.metadata ?? null,
  };
}

function required(json: JsonObject, name: string): string {
  const value = textField(json, name);
  if (value === undefined || value === "") throw badRequest(`\`${name}\` is missing.`, name);
  return value;
}

function metadataOf(value: JsonValue | undefined): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = isObject(value) ? Object.entries(value) : undefined;
  const sound = entries?.every(
    ([name, text]) =>
      name.length <= MAX_KEY_CHARS && typeof text === "string" && text.length <= MAX_VALUE_CHARS,
  );
  if (entries === undefined || sound !== true || entries.length > MAX_METADATA)
    throw badRequest(
      `\`metadata\` must hold at most ${MAX_METADATA} texts: names of ${MAX_KEY_CHARS} characters, values of ${MAX_VALUE_CHARS}.`,
      "metadata",
    );
  return Object.fromEntries(entries) as Record<string, string>;
}
