/**
 * GET /admin/events: finished requests and the gateway's state, as server-sent events. They are read from the usage records,
 * so that requests cost nothing more, every process of a port sees those of all, and a restart loses none. Nothing runs
 * while no client is connected.
 */
import type { ServerResponse } from "node:http";
import type { Records, UsageRecord } from "@headgate/contract";
import type { RouteIndex } from "@headgate/router";
import { allCandidates, cooldownsOf } from "../cooldowns.ts";
import { requestRow } from "../request-row.ts";

export interface EventsInput {
  readonly nowMs: () => number;
  readonly index: () => RouteIndex;
  readonly records: Records | undefined;
  readonly draining: () => boolean;
  readonly inFlight: { readonly count: number };
  readonly startedAtMs: number;
}

interface Client {
  readonly response: ServerResponse;
  /** Rejects once the session has ended. */
  readonly admit: () => Promise<void>;
  checkedAtMs: number;
}

const POLL_MS = 500;
/** A record is stored this long after its end at most; those of two processes are stored in any order. */
const LATE_MS = 4_000;
/** State is sent when it changes, and at least this often, so that a tab that came later knows it. */
const STATE_MS = 5_000;
const CHECK_MS = 30_000;
const MOST = 1_000;
/** A client that was away for longer reads its lists anew. */
const MOST_AWAY_MS = 600_000;
/** A client that reads slowly is cut off, and resumes. */
const MOST_WAITING_BYTES = 1_000_000;

const endOf = ({ atMs, durationMs }: UsageRecord): number => Math.round(atMs + durationMs);

export class EventHub {
  readonly #input: EventsInput;
  readonly #clients = new Set<Client>();
  #timer: NodeJS.Timeout | undefined;
  #polling = false;
  /** The latest end of a record that was sent, ms since the epoch: the id of events. */
  #sentMs = 0;
  /** The records of the last moments that were sent, with their ends. */
  #sent = new Map<string, number>();
  #state = "";
  #stateAtMs = 0;

  constructor(input: EventsInput) {
    this.#input = input;
  }

  /** @param after the id of the last event that the client has; undefined: it has just read its lists */
  async attach(
    response: ServerResponse,
    after: string | undefined,
    admit: () => Promise<void>,
  ): Promise<void> {
    const { nowMs } = this.#input;
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
    });
    response.write("retry: 1000\n\n");
    const client: Client = { response, admit, checkedAtMs: nowMs() };
    if (this.#clients.size === 0) this.#begin();
    await this.#catchUp(client, after);
    if (response.destroyed) return;
    this.#clients.add(client);
    response.on("close", () => this.#leave(client));
    send(client, "state", this.#readState());
    this.#timer ??= setInterval(() => void this.#poll(), POLL_MS);
  }

  #begin(): void {
    this.#sentMs = this.#input.nowMs();
    this.#sent = new Map();
  }

  #leave(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** What ended since the client's last event. What it has already is sent again where it is so young that others may lack. */
  async #catchUp(client: Client, after: string | undefined): Promise<void> {
    if (after === undefined) return;
    const { records, nowMs } = this.#input;
    const sinceMs = Number(after);
    if (!/^[0-9]{1,15}$/.test(after) || nowMs() - sinceMs > MOST_AWAY_MS) return send(client, "resync", {});
    const missed = await records?.list({ sinceMs: sinceMs - LATE_MS, limit: MOST }).catch(() => undefined);
    if (missed === undefined || missed.length === MOST) return send(client, "resync", {});
    if (missed.length > 0) sendRows([client], missed, Math.max(sinceMs, ...missed.map(endOf)));
  }

  async #poll(): Promise<void> {
    const { draining, nowMs } = this.#input;
    if (draining()) {
      for (const { response } of this.#clients) response.end();
      return;
    }
    if (this.#polling) return;
    this.#polling = true;
    try {
      await this.#sendRecords();
      const state = this.#readState();
      const text = JSON.stringify(state);
      if (text !== this.#state || nowMs() - this.#stateAtMs >= STATE_MS) {
        this.#state = text;
        this.#stateAtMs = nowMs();
        for (const client of this.#clients) send(client, "state", state);
      }
      await this.#checkSessions();
    } finally {
      this.#polling = false;
    }
  }

  async #sendRecords(): Promise<void> {
    const sinceMs = this.#sentMs - LATE_MS;
    const found = await this.#input.records?.list({ sinceMs, limit: MOST }).catch(() => undefined);
    const fresh = found?.filter(({ uid }) => !this.#sent.has(uid)) ?? [];
    if (fresh.length === 0) return;
    for (const record of fresh) {
      const endMs = endOf(record);
      this.#sent.set(record.uid, endMs);
      if (endMs > this.#sentMs) this.#sentMs = endMs;
    }
    for (const [uid, endMs] of this.#sent) if (endMs < this.#sentMs - LATE_MS) this.#sent.delete(uid);
    // More than fit into one answer may have ended: the lists are right again after a reading of their own.
    if (found?.length === MOST) for (const client of this.#clients) send(client, "resync", {});
    sendRows(this.#clients, fresh, this.#sentMs);
  }

  async #checkSessions(): Promise<void> {
    const nowMs = this.#input.nowMs();
    for (const client of this.#clients) {
      if (nowMs - client.checkedAtMs < CHECK_MS) continue;
      client.checkedAtMs = nowMs;
      await client.admit().catch(() => client.response.end());
    }
  }

  #readState() {
    const { index, inFlight, nowMs, startedAtMs } = this.#input;
    const current = index();
    const cooldowns = cooldownsOf(allCandidates(current), nowMs());
    return {
      started_at: new Date(startedAtMs).toISOString(),
      table: current.table.fingerprint,
      in_flight: inFlight.count,
      cooldowns: cooldowns.length,
      /** Another value when other cooldowns hold. */
      settled: cooldowns
        .map(({ provider, key, model, until }) => `${provider} ${key} ${model} ${until}`)
        .join("\n"),
    };
  }
}

function sendRows(clients: Iterable<Client>, records: readonly UsageRecord[], id: number): void {
  const rows = records.map(requestRow);
  for (const client of clients) send(client, "requests", { rows }, id);
}

function send({ response }: Client, event: string, data: object, id?: number): void {
  if (response.writableLength > MOST_WAITING_BYTES) return void response.destroy();
  response.write(
    `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`,
  );
}
