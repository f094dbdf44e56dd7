/** Files of batches: https://platform.openai.com/docs/api-reference/files. Outputs are read out of their batch. */
import { Readable } from "node:stream";
import type { Batch, BatchCounts, BatchFile, EndedLine } from "@headgate/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Batches, ownerOf } from "../../batches/batches.ts";
import { badRequest, ClientError } from "../../http/client-error.ts";
import type { SurfaceHost } from "../surface.ts";

const OUTPUT = /^file-(batch_[A-Za-z0-9_-]+)-(output|errors)$/;
const LEAST_KEEP_S = 3_600;
const LONGEST_KEEP_S = 2_592_000;
const PAGE = 10_000;

export const outputId = (batch: string): string => `file-${batch}-output`;
export const errorsId = (batch: string): string => `file-${batch}-errors`;

type WithId = { Params: { id: string } };

export function fileRoutes(app: FastifyInstance, host: SurfaceHost, batches: Batches): void {
  const { store } = batches;
  app.post("/v1/files", async (request) => {
    const form = await host.form(request, host.options.batchFileBytes);
    try {
      const field = (name: string): string | undefined => form.fields.find(([one]) => one === name)?.[1];
      const purpose = field("purpose");
      if (purpose !== "batch")
        throw badRequest(
          `\`purpose\` must be batch: files for other purposes are not kept here${purpose === undefined ? "" : `, and not ${JSON.stringify(purpose.slice(0, 40))}`}.`,
          "purpose",
        );
      const file = form.files.find(({ name }) => name === "file");
      if (file === undefined) throw badRequest("`file` is missing.", "file");
      const keepMs = keepOf(field("expires_after[anchor]"), field("expires_after[seconds]"));
      return shown(await batches.writeFile(ownerOf(request.client), file.filename, keepMs, file.open()));
    } finally {
      await form.discard();
    }
  });

  app.get<{ Querystring: { purpose?: string; limit?: string; after?: string; order?: string } }>(
    "/v1/files",
    async ({ client, query }) => {
      const limit = Math.min(Math.max(1, Number(query.limit ?? PAGE) || PAGE), PAGE);
      const listed = query.purpose !== undefined && query.purpose !== "batch";
      const files = listed ? [] : await store.files(owned(client), limit + 1, query.after);
      const data = files.slice(0, limit).map(shown);
      return {
        object: "list",
        data,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
        has_more: files.length > limit,
      };
    },
  );

  app.get<WithId>("/v1/files/:id", async (request) => {
    const output = await outputOf(request);
    if (output === undefined) return shown(await fileOf(request));
    const counts = await store.counts(output.batch.id);
    return shownOutput(output.batch, output.ok, counts);
  });

  app.get<WithId>("/v1/files/:id/content", async (request, reply) => {
    const output = await outputOf(request);
    reply.type("application/octet-stream");
    if (output === undefined) return reply.send(Readable.from(store.readFile((await fileOf(request)).id)));
    const { batch, ok } = output;
    return reply.send(Readable.from(openAiLines(batch, store.ended(batch.id, ok))));
  });

  app.delete<WithId>("/v1/files/:id", async (request) => {
    const { id } = request.params;
    if ((await outputOf(request)) !== undefined)
      throw badRequest(
        "An output belongs to its batch and is deleted with it: HEADGATE_BATCH_KEEP_DAYS says when.",
        "file_id",
      );
    await fileOf(request);
    await store.deleteFile(id);
    return { id, object: "file", deleted: true };
  });

  async function fileOf({ client, params }: FastifyRequest<WithId>): Promise<BatchFile> {
    const file = await store.file(params.id);
    if (file === undefined || !isOf(client, file.owner)) throw noFile(params.id);
    return file;
  }

  async function outputOf({
    client,
    params,
  }: FastifyRequest<WithId>): Promise<{ batch: Batch; ok: boolean } | undefined> {
    const [, id, which] = OUTPUT.exec(params.id) ?? [];
    if (id === undefined) return undefined;
    const batch = await store.batch(id);
    if (batch === undefined || !isOf(client, batch.owner) || batch.endedMs === undefined)
      throw noFile(params.id);
    return { batch, ok: which === "output" };
  }
}

type Client = FastifyRequest["client"];

/** The operator sees everything. */
export const owned = (client: Client): string | undefined =>
  client === undefined ? undefined : ownerOf(client);
export const isOf = (client: Client, owner: string): boolean =>
  client === undefined || ownerOf(client) === owner;

const noFile = (id: string): ClientError =>
  new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "file_not_found",
    param: "file_id",
    message: `There is no file ${JSON.stringify(id.slice(0, 100))} here.`,
  });

const seconds = (ms: number): number => Math.floor(ms / 1000);

const shown = ({ id, name, bytes, createdMs, expiresMs }: BatchFile) => ({
  id,
  object: "file",
  bytes,
  created_at: seconds(createdMs),
  expires_at: seconds(expiresMs),
  filename: name,
  purpose: "batch",
  status: "processed",
  status_details: null,
});

const shownOutput = ({ id, endedMs = 0 }: Batch, ok: boolean, counts: BatchCounts) => ({
  id: ok ? outputId(id) : errorsId(id),
  object: "file",
  bytes: ok ? counts.succeededBytes : counts.failedBytes,
  created_at: seconds(endedMs),
  filename: `${id}_${ok ? "output" : "error"}.jsonl`,
  purpose: "batch_output",
  status: "processed",
  status_details: null,
});

function keepOf(anchor: string | undefined, text: string | undefined): number | undefined {
  if (anchor === undefined && text === undefined) return undefined;
  const s = Number(text);
  if (anchor !== "created_at" || !Number.isInteger(s) || s < LEAST_KEEP_S || s > LONGEST_KEEP_S)
    throw badRequest(
      `\`expires_after\` must be {"anchor":"created_at","seconds":…} with ${LEAST_KEEP_S} to ${LONGEST_KEEP_S} seconds.`,
      "expires_after",
    );
  return s * 1_000;
}

/** A line of the output, or of the errors, in the order of the input. */
async function* openAiLines(batch: Batch, lines: AsyncIterable<EndedLine>): AsyncGenerator<string> {
  for await (const { at, customId, result } of lines) {
    const id = `batch_req_${batch.id.slice("batch_".length)}_${at}`;
    const head = `{"id":${JSON.stringify(id)},"custom_id":${JSON.stringify(customId)},`;
    const made = result === undefined ? { problem: unrun(batch) } : (JSON.parse(result) as LineResult);
    if (made.problem !== undefined) {
      const { code, message } = made.problem;
      yield `${head}"response":null,"error":${JSON.stringify({ code, message })}}\n`;
      continue;
    }
    // The body's text stays as it was made: numbers keep their digits.
    const body = result?.slice(result.indexOf('"body":') + '"body":'.length, -1) ?? "null";
    const request = JSON.stringify(made.requestId);
    yield `${head}"response":{"status_code":${made.status},"request_id":${request},"body":${body}},"error":null}\n`;
  }
}

export interface LineResult {
  readonly status?: number;
  readonly requestId?: string;
  readonly body?: unknown;
  readonly problem?: { readonly code: string; readonly message: string };
}

const unrun = ({ state }: Batch): { readonly code: string; readonly message: string } =>
  state === "expired"
    ? { code: "batch_expired", message: "This request could not be run before the completion window ended." }
    : { code: "batch_cancelled", message: "This request was not run: its batch was cancelled before." };
