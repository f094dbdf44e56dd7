/** Runs a surface's requests through the exchange, and answers errors in the surface's envelope. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import {
  type ChatEvent,
  type JsonObject,
  MASTER,
  present,
  type RecordedBodies,
  type UsageRecord,
} from "@headgate/contract";
import type { RequestFacts } from "@headgate/router";
import type { Batches } from "../batches/batches.ts";
import { type LineRun, PATIENCE_MS } from "../batches/pace.ts";
import type { Cache } from "../cache/cache.ts";
import type { ActiveClient } from "../clients/active-client.ts";
import type { Admitted, ClientAdmissions } from "../clients/admission.ts";
import { type AnyRequest, isChat } from "../codec/any-request.ts";
import { Sealer } from "../codec/sealer.ts";
import type { SurfaceRequest } from "../codec/surface-request.ts";
import type { BackgroundQueue } from "../exchange/background.ts";
import { type CompletedFacts, completeFacts, readControls } from "../exchange/controls.ts";
import { exchange } from "../exchange/exchange.ts";
import type { ExchangeContext } from "../exchange/exchange-state.ts";
import { controlled, findRoute } from "../exchange/lookup.ts";
import { policyOf } from "../exchange/policy.ts";
import { Trace, type Traces } from "../exchange/trace.ts";
import { type ExchangeEnd, usageRecordOf, usdOf } from "../exchange/usage-record.ts";
import { canSearch, noSearch, sendEvents } from "../exchange/web-search/answer.ts";
import { searchLoop } from "../exchange/web-search/loop.ts";
import { BodyCopy } from "../http/body-copy.ts";
import { badRequest, bodyTooLarge, ClientError } from "../http/client-error.ts";
import { type ClientEnd, ClientSink, LITELLM_MONEY } from "../http/client-sink.ts";
import type { UploadFolder } from "../http/forms/form-files.ts";
import { readForm } from "../http/forms/read-form.ts";
import type { InFlight } from "../http/in-flight.ts";
import { parseJsonBody } from "../http/json-body.ts";
import type { KeepAlives } from "../http/keep-alive.ts";
import { type MemoryBudget, MemoryHold } from "../http/memory-budget.ts";
import { plainBody } from "../http/plain-body.ts";
import { QuietSink } from "../http/quiet-sink.ts";
import { uniqueId } from "../http/request-id.ts";
import type { Log } from "../log.ts";
import type { SearchEngine } from "../upstream/searx.ts";
import type { FastPath } from "./fast-path.ts";
import { servedFor } from "./for-client.ts";
import type { DirectRequest, Envelope, Incoming, Served, SurfaceHost } from "./surface.ts";

export interface HostInput extends Omit<ExchangeContext, "leases" | "live" | "random" | "memory"> {
  readonly leases: SurfaceHost["leases"];
  /** The operator's keys, the one in force first. */
  readonly secrets: () => readonly string[];
  readonly admissions: Pick<ClientAdmissions, "admit">;
  readonly background: Pick<BackgroundQueue, "turn">;
  /** Absent: no request is traced. */
  readonly tracing: Traces | undefined;
  readonly log: Log;
  readonly kept: SurfaceHost["kept"];
  readonly modelsChanged: SurfaceHost["modelsChanged"];
  /** What is served at this moment. */
  readonly serving: () => Served;
  readonly keepAlives: Pick<KeepAlives, "add" | "remove">;
  /** HEADGATE_SEARCH_URL; undefined: the gateway cannot search. */
  readonly searchEngine: SearchEngine | undefined;
  /** Counts the requests that are being answered. */
  readonly inFlight: Pick<InFlight, "track" | "enter" | "leave">;
  readonly batches: Batches | undefined;
  /** Answers that are given again; undefined: none are. */
  readonly cache: Cache | undefined;
  /** The bound of what requests hold in memory. */
  readonly memory: MemoryBudget;
  /** Where uploads are kept that find no room in memory. */
  readonly uploads: UploadFolder;
  /** Called once per request, after its last byte. */
  readonly onRecord: (record: UsageRecord, bodies?: RecordedBodies) => void;
}

const NOTHING_USED = { inputTokens: 0, outputTokens: 0 };

interface Decoded {
  readonly request: AnyRequest | DirectRequest | Promise<AnyRequest | DirectRequest>;
  readonly json?: JsonObject;
}

export function surfaceHost(input: HostInput, fastPath: Pick<FastPath, "add">): SurfaceHost {
  const {
    secrets,
    admissions,
    background,
    tracing,
    options,
    log,
    nowMs,
    serving,
    inFlight,
    reservations,
    leases,
    onAttempt,
    refused: refusedFields,
    kept,
  } = input;
  const { keepAlives, modelsChanged, onRecord, searchEngine, memory, uploads, cache } = input;
  /** Decodes, finds the route and runs the exchange. Errors are answered in the envelope. */
  const respond = async (
    envelope: Envelope,
    incoming: Incoming,
    response: ServerResponse,
    decode: (copy: BodyCopy | undefined) => Decoded | Promise<Decoded>,
  ): Promise<void> => {
    const { id, headers, client } = incoming;
    const { live } = servedTo(client);
    const held = incoming.memory ?? new MemoryHold(memory);
    const names = options.litellmHeaders === "1" ? LITELLM_MONEY : undefined;
    const sink = new ClientSink(response, id, names, held);
    if (envelope.idHeader !== undefined) sink.header(envelope.idHeader, id);
    let decoded: AnyRequest | undefined;
    const copy = options.recordBodies === "off" ? undefined : new BodyCopy();
    if (copy !== undefined) sink.copyTo(copy);
    const trace = new Trace(nowMs());
    if (tracing !== undefined) trace.span = tracing.begin(headers);
    let end: ExchangeEnd | undefined;
    let direct = false;
    let admitted: Admitted | undefined;
    const cut = (): void => {
      const error = stopping();
      if (sink.committed) sink.cut(decoded?.errorFrame(error) ?? NOTHING);
      else if (!sink.gone) {
        sink.header("connection", "close");
        sink.send(error.status, envelope.headers(error, id), envelope.body(error, id));
        sink.gone = true;
        sink.onGone?.();
      }
    };
    const place = inFlight.enter(cut);
    let silent: number | undefined;
    try {
      // Only compressed bodies, and requests that read stored responses, are decoded asynchronously.
      const decoding = decode(copy);
      const { request, json } = decoding instanceof Promise ? await decoding : decoding;
      const read = request instanceof Promise ? await request : request;
      direct = "direct" in read;
      if ("direct" in read) return await read.direct(sink);
      decoded = read;
      if (decoded.stream && isChat(decoded)) {
        silent = fillSilence(sink, decoded);
        if (decoded.comment !== undefined) sink.allowComments();
      }
      const controls = readControls(headers, json);
      const facts = completeFacts(decoded.facts, headers, json, client);
      if (incoming.line !== undefined) applyLine(facts, incoming.line);
      trace.facts = facts;
      trace.stream = decoded.stream;
      const named = findRoute(live.index, facts.model, facts.operation);
      const route = controlled(named, controls, live.index);
      const policy = policyOf(named.policy, headers);
      const admit = async (to: Pick<ClientEnd, "gone" | "onGone">): Promise<void> => {
        if (client !== undefined && client.meters.length > 0 && admitted === undefined)
          admitted = await admissions.admit(client, route, facts);
        if (facts.priority !== "background") return;
        const turn = await background.turn(route, facts, to, incoming.line && PATIENCE_MS);
        if (turn === "aged") delete facts.priority;
        trace.waitedMs = trace.elapsedMs();
      };
      const run = (asked: AnyRequest, its: RequestFacts, to: ClientEnd): Promise<ExchangeEnd> =>
        exchange(
          {
            live,
            options,
            nowMs,
            random: Math.random,
            reservations,
            leases,
            onAttempt,
            refused: refusedFields,
            memory: held,
          },
          route,
          {
            request: asked,
            facts: its,
            policy,
            timeoutMs: controls.timeoutMs,
            pastFilter: (controls.contentFilter ?? options.contentFilter) === "next",
          },
          to,
          trace,
        );
      const wish =
        cache !== undefined && !decoded.mockFallback
          ? cache.wish({ headers, json, operation: route.operation, client, rule: named.policy?.cache })
          : undefined;
      if (cache !== undefined && wish !== undefined) {
        const { timeoutMs } = controls;
        const inner = (asked: AnyRequest, to: ClientEnd, itsJson?: JsonObject): Promise<ExchangeEnd> =>
          run(
            asked,
            itsJson === undefined ? facts : completeFacts(asked.facts, headers, itsJson, client),
            to,
          );
        end = await cache.answer(decoded, {
          route,
          controls,
          facts,
          timeoutMs,
          sink,
          trace,
          wish,
          admit,
          run: inner,
        });
        if (end !== undefined) {
          if (end.outcome === "answered") await decoded.onAnswered?.();
          return;
        }
      }
      if (needsAdmission(client, facts)) await admit(sink);
      if (isChat(decoded) && decoded.searchRequired === true && !canSearch(decoded, route, live)) {
        if (searchEngine === undefined) throw noSearch(decoded, route, live.index);
        const turn = async (inner: SurfaceRequest, events: () => readonly ChatEvent[]) => {
          end = await run(inner, completeFacts(inner.facts, headers, json, client), new QuietSink(sink));
          return events();
        };
        const events = await searchLoop({ request: decoded, search: searchEngine, turn });
        if (!sink.gone) sendEvents(decoded, events, sink, Math.floor(nowMs() / 1000));
        return;
      }
      end = await run(decoded, facts, sink);
      if (end.outcome === "answered") await decoded.onAnswered?.();
    } catch (error) {
      const shown = toClientError(error, incoming, log);
      end ??= sink.gone ? { outcome: "aborted", status: 499 } : refused(shown);
      // An error's headers include their own id.
      if (envelope.idHeader !== undefined) sink.removeHeader(envelope.idHeader);
      sink.charge(usdOf(trace));
      const instead = decoded !== undefined && isChat(decoded) ? decoded.answerInstead?.(shown) : undefined;
      if (sink.committed) sink.end(instead?.body ?? decoded?.errorFrame(shown));
      else if (sink.gone) return;
      else if (instead !== undefined) sink.send(200, { "content-type": instead.contentType }, instead.body);
      else sink.send(shown.status, envelope.headers(shown, id), envelope.body(shown, id));
    } finally {
      inFlight.leave(place);
      if (silent !== undefined) keepAlives.remove(silent);
      if (end !== undefined && !direct) {
        const caller = {
          uid: uniqueId(),
          id,
          client: client?.name ?? MASTER,
          surface: envelope.surface,
          userAgent: headers["user-agent"],
        };
        const record = usageRecordOf(trace, end, caller);
        logUsageRecord(record, log);
        const asked = options.recordBodies === "all" || end.outcome !== "answered";
        onRecord(record, asked ? copy?.bodies(record.uid) : undefined);
        if (trace.span !== undefined) tracing?.end(trace.span, trace, record);
        // What a client left early may have cost stays counted as estimated.
        admitted?.settle(record.usage ?? (end.outcome === "aborted" ? undefined : NOTHING_USED));
      }
      admitted?.settle(NOTHING_USED);
    }
  };
  const servedTo = (client: ActiveClient | undefined): Served =>
    client === undefined ? serving() : servedFor(serving(), client);
  const fillSilence = (
    sink: ClientSink,
    { keepAlive, streamContentType }: SurfaceRequest,
  ): number | undefined => {
    if (keepAlive === undefined) return undefined;
    sink.fillSilence({ keepAlive, streamContentType });
    return keepAlives.add(sink);
  };

  return {
    options,
    nowMs,
    sealer: new Sealer(secrets),
    kept,
    leases,
    modelsChanged,
    batches: input.batches,
    form(request, maxBytes) {
      if (!(request.body instanceof Readable)) throw badRequest("The body must be multipart/form-data.");
      return readForm(request.body, request.headers, { maxBytes, memory, folder: uploads });
    },
    serving: servedTo,
    answer: (envelope, decode) => (request, reply) => {
      reply.hijack();
      return inFlight.track(() =>
        respond(envelope, request, reply.raw, (copy) => {
          if (Buffer.isBuffer(request.body)) copy?.request(request.body);
          const body = parseJsonBody(request.body);
          return { request: decode(body, request), json: body.json };
        }),
      );
    },
    answerForm: (envelope, decode) => (request, reply) =>
      inFlight.track(async () => {
        if (!(request.body instanceof Readable)) throw badRequest("The body must be multipart/form-data.");
        const form = await readForm(request.body, request.headers, {
          maxBytes: options.maxBodyBytes,
          memory,
          folder: uploads,
        });
        try {
          reply.hijack();
          await respond(envelope, request, reply.raw, () => ({ request: decode(form, request) }));
        } finally {
          await form.discard();
        }
      }),
    fastPath(path, envelope, decode) {
      fastPath.add(path, envelope, (bytes, incoming, response) =>
        inFlight.track(() =>
          respond(envelope, incoming, response, (copy) => {
            const read = (whole: Buffer): Decoded => {
              copy?.request(whole);
              const body = parseJsonBody(whole);
              return { request: decode(body, incoming), json: body.json };
            };
            const plain = plainBody(bytes, incoming.headers["content-encoding"], options.maxBodyBytes);
            return plain instanceof Promise ? plain.then(read) : read(plain);
          }),
        ),
      );
    },
  };
}

/** Most requests have neither limits of their own nor a queue, and wait for nothing. */
const needsAdmission = (client: ActiveClient | undefined, { priority }: RequestFacts): boolean =>
  (client !== undefined && client.meters.length > 0) || priority === "background";

/** A batch's line runs as its batch says, whatever its headers. */
function applyLine(facts: CompletedFacts, { background, freeOnly }: LineRun): void {
  if (background) facts.priority = "background";
  else delete facts.priority;
  if (!freeOnly) return;
  const { client = { name: MASTER } } = facts;
  const tiers = new Set(FREE_TIERS.filter((tier) => client.tiers?.has(tier) !== false));
  facts.client = { ...client, tiers };
}

/** Tiers that cost nothing more. */
const FREE_TIERS = ["free", "subscription", "local"] as const;

const NOTHING = Buffer.alloc(0);

/** For requests that are still running at the end of the drain time. */
const stopping = (): ClientError =>
  new ClientError({
    status: 503,
    type: "server_error",
    code: "gateway_stopping",
    message: "The gateway is stopping, and the time that running requests have to finish is over.",
    retryAfterMs: 1_000,
  });

const refused = ({ status, code, message }: ClientError): ExchangeEnd => ({
  outcome: "refused",
  status,
  error: { ...present({ code }), message },
});

function logUsageRecord(record: UsageRecord, log: Log): void {
  const { id, model, outcome, status, served, attempts, usage, durationMs, error } = record;
  const via = served && `${served.provider}/${served.upstream}`;
  for (const one of attempts) {
    if (one.outcome !== "failed" || outcome !== "answered") continue;
    log.info("fallback", {
      request: id,
      from: `${one.provider}/${one.upstream}`,
      to: via,
      because: one.class,
      message: one.message,
    });
  }
  if (outcome === "broken") {
    const because = attempts.findLast(({ message }) => message !== undefined)?.message;
    log.warn("stream broken", { request: id, via, because });
  }
  if (!log.debugs) return;
  log.debug(outcome === "refused" ? "refused" : "settled", {
    request: id,
    model,
    via,
    outcome,
    status,
    in: usage?.inputTokens,
    out: usage?.outputTokens,
    ms: durationMs,
    why: error?.message,
  });
}

/** Turns what was thrown into a client's error. Details of an error that the client did not cause are logged only. */
export function toClientError(error: unknown, request: Pick<Incoming, "id" | "url">, log: Log): ClientError {
  if (error instanceof ClientError) return error;
  const status =
    error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
      ? error.statusCode
      : 500;
  if (status === 413) return bodyTooLarge();
  if (status >= 400 && status < 500 && error instanceof Error) {
    return new ClientError({ status, type: "invalid_request_error", message: error.message });
  }
  log.error("unexpected error", {
    request: request.id,
    url: request.url.split("?")[0],
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return new ClientError({
    status: 500,
    type: "server_error",
    code: "internal_error",
    message: `An error inside the gateway; its log has the details under request ${request.id}.`,
  });
}
