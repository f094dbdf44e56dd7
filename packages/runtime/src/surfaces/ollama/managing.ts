/** Pulls and deletions of models, at an Ollama of one's own: https://docs.ollama.com/api/pull */
import type { NativeBody } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import type { IndexedDeployment, IndexedRoute } from "@headgate/router";
import { ClientError } from "../../http/client-error.ts";
import type { ClientSink } from "../../http/client-sink.ts";
import type { LiveTable } from "../../upstream/live-table.ts";
import { type RelayTo, relayReply } from "../../upstream/relay-reply.ts";
import type { DirectRequest, SurfaceHost } from "../surface.ts";
import { modelOf } from "./decode.ts";
import { askEngine, checked, type Engine, engineOf, enginesOf } from "./engines.ts";
import { unloadModel } from "./loading.ts";
import { plainName } from "./names.ts";

type Host = Pick<SurfaceHost, "leases" | "modelsChanged" | "options" | "serving">;

/** How long a pull's answer waits for the gateway to take up the new model. */
const TAKE_UP_MS = 15_000;
const UNLOAD_MS = 15_000;
const POLL_MS = 50;
const LEAVING: ReadonlySet<string> = new Set(["draining", "unloading"]);
/** A registry may be silent for a while between two layers. */
const PULL_SILENCE_MS = 300_000;
const DELETE_MS = 30_000;

interface Place {
  readonly engine: Engine;
  /** The engine's name of the model. */
  readonly upstream: string;
  /** Absent for a model that the table does not have. */
  readonly entry?: IndexedDeployment;
}

/** A name of the table means its server's model; any other is the first Ollama's. @throws {ClientError} 404 */
function placeOf(live: LiveTable, name: string, route: IndexedRoute | undefined): Place {
  const entry = route?.chain[0];
  const engine = entry === undefined ? enginesOf(live)[0] : engineOf(live, entry);
  if (engine !== undefined)
    return entry === undefined
      ? { engine, upstream: name }
      : { engine, upstream: entry.deployment.upstream, entry };
  throw new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "model_not_found",
    param: "model",
    message:
      entry === undefined
        ? "No Ollama of your own is on, which could pull models. Set OLLAMA=1 in .env."
        : `${name} is served by ${entry.provider.id}, whose models are not stored here.`,
  });
}

/** The engine's own progress, line by line. The answer ends once the model can be requested. */
export function pullRequest(host: Host, { json }: NativeBody): DirectRequest {
  const name = modelOf(json);
  return {
    async direct(sink) {
      const { live } = host.serving();
      const route = live.index.find(plainName(live.index, name));
      const { engine, upstream } = placeOf(live, name, route);
      const { model: _, name: __, ...others } = json;
      await relayed(engine, { ...others, model: upstream }, sink, async () => {
        host.modelsChanged();
        if (route === undefined) await known(host, name, sink);
      });
    },
  };
}

async function relayed(
  engine: Engine,
  order: JsonObject,
  sink: ClientSink,
  after: () => Promise<void>,
): Promise<void> {
  const { pool, basePath, headers } = engine.http;
  const request = {
    method: "POST",
    path: `${basePath}/api/pull`,
    headers: [...headers, "content-type", "application/json"],
    body: Buffer.from(JSON.stringify(order)),
  } as const;
  const lines = new HeldSuccess(sink);
  const relayed = await relayReply(pool, request, lines, PULL_SILENCE_MS);
  if (relayed.kind === "refused") {
    checked(engine, relayed.reply);
    return;
  }
  if (relayed.kind === "broken") {
    const message = `${engine.provider} broke off: ${relayed.failure.message}`;
    sink.end(Buffer.from(`${JSON.stringify({ error: message })}\n`));
    return;
  }
  if (lines.succeeded) await after();
  sink.end(lines.held);
}

const LINE_FEED = 10;

/** Passes whole lines on, without the one that says success: clients leave when they see it. */
class HeldSuccess implements RelayTo {
  readonly #sink: ClientSink;
  /** What is not passed on yet: the line of success, or a line that is not whole. */
  held: Buffer = Buffer.alloc(0);

  constructor(sink: ClientSink) {
    this.#sink = sink;
  }

  get succeeded(): boolean {
    return this.held.includes('"success"');
  }

  get onGone(): (() => void) | undefined {
    return this.#sink.onGone;
  }

  set onGone(callback: (() => void) | undefined) {
    this.#sink.onGone = callback;
  }

  begin(headers: Record<string, string>): void {
    this.#sink.begin(headers);
  }

  write(bytes: Buffer): boolean {
    const all = Buffer.concat([this.held, bytes]);
    const last = all.lastIndexOf(LINE_FEED) + 1;
    const success = all.indexOf('{"status":"success"');
    const end = success === -1 ? last : Math.min(last, success);
    this.held = all.subarray(end);
    return end === 0 || this.#sink.write(all.subarray(0, end));
  }

  whenDrained(resume: () => void): void {
    this.#sink.whenDrained(resume);
  }
}

/** Resolves when the table has the model, or when it is clear that it gets none of that name. */
async function known(host: Host, name: string, sink: ClientSink): Promise<void> {
  const untilMs = performance.now() + TAKE_UP_MS;
  while (!sink.gone && performance.now() < untilMs) {
    const { index } = host.serving().live;
    if (index.find(plainName(index, name)) !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Resolves when no copy of the model is on its way out any more. */
async function left({ leases }: Host, { provider, deployment }: IndexedDeployment): Promise<void> {
  const untilMs = performance.now() + UNLOAD_MS;
  while (performance.now() < untilMs) {
    const state = await leases.state();
    const leaves = state?.residencies.some(
      (one) => one.backend === provider.id && one.model === deployment.upstream && LEAVING.has(one.state),
    );
    if (leaves !== true) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** @throws {ClientError} 404 for a model that the engine does not have */
export async function deleteModel(host: Host, json: JsonObject): Promise<void> {
  const name = modelOf(json);
  const { live } = host.serving();
  const { engine, upstream, entry } = placeOf(live, name, live.index.find(plainName(live.index, name)));
  // Deleted first, it could not be unloaded by its name.
  if (entry !== undefined) {
    await unloadModel(host, entry);
    await left(host, entry);
  }
  const order: JsonValue = { model: upstream };
  checked(engine, await askEngine(engine, "DELETE", "/api/delete", order, DELETE_MS));
  host.modelsChanged();
}
