/** Batches as surfaces meet them. */
import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import {
  type Batch,
  type BatchFile,
  type BatchKind,
  type BatchPlan,
  BatchRefusal,
  type BatchStore,
  MASTER,
  type NewLine,
  type Options,
} from "@headgate/contract";
import type { ActiveClient } from "../clients/active-client.ts";
import { badRequest, ClientError, quoted } from "../http/client-error.ts";
import type { Log } from "../log.ts";
import type { LineRules } from "./check-line.ts";
import { prepare } from "./prepare.ts";
import { BatchRunner, type RunnerInput } from "./runner.ts";

const DAY_MS = 86_400_000;
const ID_BYTES = 18;
const LONGEST_WINDOW_MS = 30 * DAY_MS;

export interface BatchesInput {
  readonly store: BatchStore;
  readonly options: Options;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly send: RunnerInput["send"];
  /** Why an owner may not use a model; undefined: it may. */
  readonly refused: (owner: string, model: string, endpoint: string) => string | undefined;
}

export const ownerOf = (client: ActiveClient | undefined): string => client?.stored.id ?? MASTER;

export class Batches {
  readonly store: BatchStore;
  readonly #input: BatchesInput;
  readonly #runner: BatchRunner;

  constructor(input: BatchesInput) {
    const { store, options, nowMs, log, send } = input;
    this.store = store;
    this.#input = input;
    this.#runner = new BatchRunner({
      store,
      nowMs,
      log,
      concurrency: options.batchConcurrency,
      send,
      prepare: (batch) => this.#prepare(batch),
    });
  }

  begin(): void {
    this.#runner.begin();
  }

  end(): Promise<void> {
    return this.#runner.end();
  }

  /** @throws {ClientError} 413 for a file that is too large, 507 where there is no room */
  async writeFile(
    owner: string,
    name: string,
    keepMs: number | undefined,
    bytes: AsyncIterable<Buffer>,
  ): Promise<BatchFile> {
    const { nowMs, options } = this.#input;
    const createdMs = nowMs();
    const expiresMs =
      createdMs + Math.min(keepMs ?? Number.POSITIVE_INFINITY, options.batchKeepDays * DAY_MS);
    return taken(() =>
      this.store.writeFile(
        { id: newId("file-"), owner, name: name.slice(0, 255), createdMs, expiresMs },
        bytes,
      ),
    );
  }

  /** A batch of a file; its lines are read behind the answer. */
  async ofFile(owner: string, plan: BatchPlan): Promise<Batch> {
    const batch = await this.#create("openai", owner, plan);
    // A kill at any moment leaves it to the next look.
    this.#prepare(batch)
      .catch((error: unknown) =>
        this.#input.log.warn("a batch could not be prepared; it begins anew", {
          batch: batch.id,
          why: String(error),
        }),
      )
      .finally(() => this.#runner.wake());
    return batch;
  }

  /** A batch of lines that are at hand; it exists wholly or not at all. */
  async ofLines(owner: string, plan: BatchPlan, lines: readonly NewLine[]): Promise<Batch> {
    const { nowMs } = this.#input;
    const batch = await this.#create("anthropic", owner, plan);
    for (let from = 0; from < lines.length; from += LINES_AT_ONCE)
      await this.store
        .addLines(batch.id, from, lines.slice(from, from + LINES_AT_ONCE), nowMs())
        .then(() => turn());
    await this.store.prepared(batch.id, nowMs());
    this.#runner.wake();
    return { ...batch, state: "running" };
  }

  async cancel(id: string): Promise<void> {
    await this.store.cancel(id, this.#input.nowMs());
    await this.store.settle(this.#input.nowMs());
    this.#runner.wake();
  }

  refused(owner: string, endpoint: string): LineRules["refused"] {
    return (model) => this.#input.refused(owner, model, endpoint);
  }

  async #create(kind: BatchKind, owner: string, plan: BatchPlan): Promise<Batch> {
    const createdMs = this.#input.nowMs();
    const id = newId(kind === "openai" ? "batch_" : "msgbatch_");
    const expiresMs = createdMs + windowMs(plan.window);
    const batch = { id, kind, owner, plan, createdMs, expiresMs };
    await taken(() => this.store.create(batch));
    return { ...batch, state: "preparing" };
  }

  async #prepare(batch: Batch): Promise<void> {
    const { nowMs, options } = this.#input;
    // Without a file its lines came with the request, which was cut off: its client knows of no batch.
    if (batch.plan.file === undefined) return this.store.delete(batch.id);
    await prepare(batch, {
      store: this.store,
      nowMs,
      maxLineBytes: options.maxBodyBytes,
      refused: this.refused(batch.owner, batch.plan.endpoint),
    });
  }
}

const LINES_AT_ONCE = 25;

export const newId = (prefix: string): string => prefix + randomBytes(ID_BYTES).toString("base64url");

/** `24h`, or another number of hours or days up to 30 days. @throws {ClientError} 400 */
export function windowMs(text: string): number {
  const [, amount, unit] = /^([0-9]{1,4})([hd])$/.exec(text) ?? [];
  const ms = Number(amount) * (unit === "d" ? DAY_MS : 3_600_000);
  if (ms >= 3_600_000 && ms <= LONGEST_WINDOW_MS) return ms;
  throw badRequest(
    "`completion_window` must be 24h, or another number of hours or days up to 30d.",
    "completion_window",
  );
}

const SPEND = "x-headgate-spend";
const BY = "x-headgate-by";
const INVALID = "x-headgate-invalid-lines";

/** What a batch's headers say. @throws {ClientError} 400 that names the header */
export function planHeaders(
  headers: IncomingHttpHeaders,
  nowMs: number,
): Pick<BatchPlan, "invalid" | "spendNanoUsd" | "byMs"> {
  const { [SPEND]: spend, [BY]: by, [INVALID]: invalid = "fail" } = headers;
  if (invalid !== "fail" && invalid !== "skip")
    throw badRequest(`\`${INVALID}\` must be fail or skip, not ${quoted(invalid)}.`, INVALID);
  return { invalid, ...spendOf(spend), ...byOf(by, nowMs) };
}

function spendOf(spend: string | readonly string[] | undefined): { spendNanoUsd?: number } {
  if (spend === undefined) return {};
  const usd =
    typeof spend === "string" && /^[0-9]{1,7}(\.[0-9]{1,6})?$/.test(spend) ? Number(spend) : Number.NaN;
  if (Number.isNaN(usd))
    throw badRequest(
      `\`${SPEND}\` must be an amount of US dollars such as 2.5, not ${quoted(spend)}.`,
      SPEND,
    );
  return { spendNanoUsd: Math.round(usd * 1e9) };
}

function byOf(by: string | readonly string[] | undefined, nowMs: number): { byMs?: number } {
  if (by === undefined) return {};
  const ms = typeof by === "string" ? Date.parse(by) : Number.NaN;
  if (!(ms > nowMs))
    throw badRequest(
      `\`${BY}\` must be a moment to come such as 2027-03-01T08:00:00Z, not ${quoted(by)}.`,
      BY,
    );
  return { byMs: ms };
}

async function taken<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof BatchRefusal)) throw error;
    throw new ClientError({
      status: error.code === "file_too_large" ? 413 : 507,
      type: "invalid_request_error",
      code: error.code,
      message: error.message,
    });
  }
}
