/** `headgate batch run`: uploads, watches and writes what came back. The gateway goes on without the command. */

import { createHash, randomUUID } from "node:crypto";
import {
  createWriteStream,
  existsSync,
  openAsBlob,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { setTimeout as wait } from "node:timers/promises";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { GatewayAway, type GatewayWhere, type RunningGateway, runningGateway } from "../running-gateway.ts";
import { writeLines } from "./read-lines.ts";
import { type BatchCounts, type Forecast, forecastText, momentMs, progressText } from "./words.ts";

export interface RunOptions extends GatewayWhere {
  readonly out: string;
  readonly model?: string;
  readonly by?: string;
  readonly spend: string;
  readonly endpoint?: string;
  readonly skipInvalid?: true;
}

export interface ShownBatch {
  readonly id: string;
  readonly status: string;
  readonly created_at: number;
  readonly input_file_id: string;
  readonly output_file_id: string | null;
  readonly error_file_id: string | null;
  readonly request_counts: BatchCounts;
  readonly errors: { readonly data: readonly { readonly message: string }[] } | null;
}

const FINAL: readonly string[] = ["completed", "failed", "expired", "cancelled"];
/** Names the run of the command that made a batch. */
const RUN = "headgate_run";
const POLL_MS = 1_000;
/** How long a gateway may be away. */
const AWAY_MS = 120_000;
const MOST_FORECASTS = 20;
const MOST_PROBLEMS = 20;

export async function runBatch(cli: Cli, file: string, options: RunOptions): Promise<number> {
  const gateway = runningGateway(cli, options);
  const input = resolve(cli.cwd, file);
  const out = resolve(cli.cwd, options.out);
  const note = `${out}.headgate-batch`;
  const known = readNote(note);
  let id: string;
  if (known !== undefined && known.input === digestOf(input)) {
    id = known.id;
    cli.err(`headgate: goes on with ${id}, which an earlier run of this command began`);
  } else {
    id = await begin(cli, gateway, input, options);
    writeFileSync(note, JSON.stringify({ id, input: digestOf(input) }), { mode: 0o600 });
  }
  const batch = await watch(cli, gateway, id);
  if (batch.status === "failed") {
    rmSync(note, { force: true });
    const told = batch.errors?.data.slice(0, MOST_PROBLEMS).map(({ message }) => message) ?? [];
    throw new Failure(
      `the batch was not run:\n${told.join("\n")}\nMend the lines, or leave them out with --skip-invalid.`,
    );
  }
  await throughRestarts(cli, () => download(gateway, batch, out));
  rmSync(note, { force: true });
  const { total, completed, failed } = batch.request_counts;
  cli.err(
    `headgate: ${completed} of ${total} lines are in ${options.out}${failed > 0 ? `, and the ${failed} that failed with their causes` : ""}`,
  );
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

async function begin(cli: Cli, gateway: RunningGateway, input: string, options: RunOptions): Promise<string> {
  const nowMs = cli.nowMs();
  const byMs = options.by === undefined ? undefined : momentMs(options.by, nowMs);
  if (options.by !== undefined && byMs === undefined)
    throw new Failure(
      `--by must be a time such as 08:00, or a moment to come such as 2027-03-01T08:00; not ${JSON.stringify(options.by)}`,
      EXIT.usage,
    );
  if (!/^[0-9]{1,7}(\.[0-9]{1,6})?$/.test(options.spend))
    throw new Failure(
      `--spend must be an amount of US dollars such as 0 or 2.50, not ${JSON.stringify(options.spend)}`,
      EXIT.usage,
    );
  const folder = await mkdtemp(join(tmpdir(), "headgate-batch-"));
  try {
    const whole = join(folder, "lines.jsonl");
    const written = await writeLines(input, whole, { model: options.model, endpoint: options.endpoint });
    if (written.lines === 0) throw new Failure(`${input} holds no line`);
    const forecasts: Forecast[] = [];
    for (const { model, requests, inputTokens, outputTokens } of written.work.slice(0, MOST_FORECASTS)) {
      const query = new URLSearchParams({
        model,
        requests: String(requests),
        input_tokens: String(Math.round(inputTokens)),
        output_tokens: String(Math.round(outputTokens)),
      });
      // An unknown model is told with its lines.
      const forecast = await gateway
        .request("GET", `/admin/batch-forecast?${query}`)
        .catch((error: unknown) => {
          if (error instanceof Failure && /does not exist here/.test(error.message)) return undefined;
          throw error;
        });
      if (forecast !== undefined) forecasts.push(forecast as Forecast);
    }
    cli.err(`headgate: ${forecastText(written.lines, forecasts, { nowMs, byMs, by: options.by })}`);
    const run = randomUUID();
    return await throughRestarts(cli, async (again) => {
      // The answer to the first try may have been lost, and not the batch.
      const made = again ? await madeBy(gateway, run) : undefined;
      if (made !== undefined) return made;
      const form = new FormData();
      form.set("purpose", "batch");
      form.set("file", await openAsBlob(whole), basename(input));
      const uploaded = (await gateway.send("POST", "/v1/files", { form })) as { id: string };
      const batch = (await gateway.send("POST", "/v1/batches", {
        json: {
          input_file_id: uploaded.id,
          endpoint: written.endpoint,
          completion_window: "30d",
          metadata: { [RUN]: run },
        },
        headers: {
          "x-headgate-spend": options.spend,
          ...(byMs === undefined ? {} : { "x-headgate-by": new Date(byMs).toISOString() }),
          ...(options.skipInvalid === true ? { "x-headgate-invalid-lines": "skip" } : {}),
        },
      })) as ShownBatch;
      return batch.id;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Until the batch has ended. Ctrl-C ends the command alone. */
async function watch(cli: Cli, gateway: RunningGateway, id: string): Promise<ShownBatch> {
  const interrupted = (): void => {
    cli.progress("");
    cli.err(
      `headgate: ${id} goes on in the gateway; the same command watches it again, headgate batch cancel ${id} ends it`,
    );
    process.exit(130);
  };
  process.once("SIGINT", interrupted);
  try {
    for (;;) {
      const batch = await throughRestarts(
        cli,
        () => gateway.request("GET", `/v1/batches/${id}`) as Promise<ShownBatch>,
      );
      cli.progress(progressText(batch.request_counts, batch.created_at * 1_000, cli.nowMs()));
      if (FINAL.includes(batch.status)) return batch;
      await wait(POLL_MS);
    }
  } finally {
    cli.progress("");
    process.removeListener("SIGINT", interrupted);
  }
}

/** The gateway may be restarted meanwhile: a call that is cut off, or finds none, is made again. */
async function throughRestarts<T>(cli: Cli, call: (again: boolean) => Promise<T>): Promise<T> {
  const sinceMs = cli.nowMs();
  for (let again = false; ; again = true) {
    try {
      return await call(again);
    } catch (error) {
      const cut = error instanceof GatewayAway || (error instanceof Error && CUT.test(error.message));
      if (!cut || cli.nowMs() - sinceMs > AWAY_MS) throw error;
      if (!again) cli.err("headgate: the gateway does not answer; waiting for it");
      await wait(POLL_MS);
    }
  }
}

/** How Node words a body that ends early, and the gateway its end. */
const CUT = /terminated|aborted|premature close|is stopping/i;

async function madeBy(gateway: RunningGateway, run: string): Promise<string | undefined> {
  const { data } = (await gateway.request("GET", "/v1/batches?limit=100")) as {
    data: readonly (ShownBatch & { readonly metadata: Readonly<Record<string, string>> | null })[];
  };
  return data.find(({ metadata }) => metadata?.[RUN] === run)?.id;
}

/** Both files of the batch as one: what failed comes after what did not. It appears whole. */
async function download(gateway: RunningGateway, batch: ShownBatch, out: string): Promise<void> {
  const draft = `${out}.part`;
  writeFileSync(draft, "", { mode: 0o600 });
  for (const file of [batch.output_file_id, batch.error_file_id]) {
    if (file === null) continue;
    const body = await gateway.download(`/v1/files/${file}/content`);
    await pipeline(Readable.fromWeb(body as ReadableStream), createWriteStream(draft, { flags: "a" }));
  }
  renameSync(draft, out);
}

function readNote(path: string): { readonly id: string; readonly input: string } | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { id: string; input: string };
  } catch {
    return undefined;
  }
}

/** A file that has changed is another batch. */
function digestOf(path: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch (error) {
    throw new Failure(
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? `there is no file ${path}`
        : `${path} cannot be read: ${(error as Error).message}`,
    );
  }
}
