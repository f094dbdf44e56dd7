/** The gateway: one routing table, one port. */
import { hkdfSync } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { Adapter } from "@headgate/adapter-kit";
import {
  type BatchStore,
  type CacheStore,
  type LiveClients,
  type Operation,
  type Options,
  type ProxySettings,
  parseSpendLimit,
  type Records,
  type RoutingTable,
  type SettingsOperator,
  type StateStore,
} from "@headgate/contract";
import { Memory, spendSpec } from "@headgate/router";
import { createApp } from "./app.ts";
import { Batches } from "./batches/batches.ts";
import { LineSender } from "./batches/line-sender.ts";
import type { ActiveClient } from "./clients/active-client.ts";
import { ClientAdmissions } from "./clients/admission.ts";
import { ClientDirectory } from "./clients/directory.ts";
import { BackgroundQueue } from "./exchange/background.ts";
import { findRoute } from "./exchange/lookup.ts";
import { RefusedFields } from "./exchange/refused-fields.ts";
import { KeyChecker, type OperatorKey } from "./http/auth.ts";
import { UploadFolder } from "./http/forms/form-files.ts";
import { InFlight } from "./http/in-flight.ts";
import { KeepAlives, realTicker, type Ticker } from "./http/keep-alive.ts";
import { guardListening } from "./http/listen-guard.ts";
import { MemoryBudget } from "./http/memory-budget.ts";
import { watchClock } from "./limits/clock-watch.ts";
import { Remembering } from "./limits/remember.ts";
import { Reservations } from "./limits/reservations.ts";
import { Leases, type LeasesInput } from "./local/leases.ts";
import type { Log } from "./log.ts";
import type { MetricsSnapshot } from "./ops/exposition.ts";
import { Health } from "./ops/health.ts";
import { Metrics, measure } from "./ops/metrics.ts";
import { Probes } from "./ops/probes.ts";
import { namedKeys } from "./ops/shared-accounts.ts";
import { servedFor } from "./surfaces/for-client.ts";
import { modelList } from "./surfaces/openai/models.ts";
import type { Served } from "./surfaces/surface.ts";
import { liveTable, type Secrets } from "./upstream/live-table.ts";
import { loadAdapters } from "./upstream/load-adapters.ts";
import { Pools } from "./upstream/pools.ts";
import { proxyRoutes } from "./upstream/proxies.ts";
import { searxEngine } from "./upstream/searx.ts";

const SWEEP_MS = 50;
/** Before connections are closed at the end of the drain time, in ms: open streams get an error frame then. */
const CUT_GRACE_MS = 500;

export interface GatewayInput {
  readonly options: Options;
  /** The operator's key. */
  readonly clientKey: string;
  /** Clients with keys of their own; absent: there are none. The caller closes their store. */
  readonly clients?: LiveClients;
  readonly table: RoutingTable;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly version: string;
  readonly nowMs?: () => number;
  /** Between the gateway and its upstreams; absent: there is none. */
  readonly proxies?: ProxySettings;
  /** For tests: what calls at intervals. */
  readonly ticker?: Ticker;
  /** Where the router's memory is kept; absent: in this process only. The caller closes it. */
  readonly store?: StateStore;
  /** With a store: the state directory, through which this machine's processes share local models. */
  readonly stateDir?: string;
  /** Where cached answers are kept beside memory; the caller closes it. Absent: in this process only. */
  readonly cacheStore?: CacheStore;
  /** Where batches are kept; the caller closes it. Absent: there are none. */
  readonly batchStore?: BatchStore;
  /** Where usage records are kept; absent: nowhere. The caller closes it. */
  readonly records?: Records;
  /** The metrics of the other processes that serve this port; absent: there are none. */
  readonly siblings?: () => Promise<readonly MetricsSnapshot[]>;
  /** The folder of the page's files; absent: there is no page. */
  readonly pageDir?: string;
  /** Reads and changes the operator's files for the page; absent: it cannot. */
  readonly operator?: SettingsOperator;
  /** Called when a client pulled or deleted a model at a server of one's own. */
  readonly onModelsChanged?: () => void;
  /** For tests: how long a request waits for room in the memory budget. */
  readonly memoryWaitMs?: number;
  /** For tests: what measures memory, and its clock. */
  readonly local?: Pick<LeasesInput, "probe" | "clock">;
}

export interface Gateway {
  /** Starts listening. @throws {Error} with a readable message when the address is taken or not allowed. */
  listen(): Promise<{ readonly url: string }>;
  /** Serves another table from the next request on. Cooldowns and warm connections are kept. @throws {Error} and keeps the old one. */
  swap(table: RoutingTable, secrets: Secrets): Promise<void>;
  /** Other keys of the operator from the next request on, the one in force first. */
  setKeys(keys: readonly OperatorKey[]): void;
  /** This process's metrics, for the one that is scraped. */
  metrics(): Promise<MetricsSnapshot>;
  /** Stops accepting, lets running requests finish (at most the drain timeout), and closes everything. */
  close(): Promise<void>;
}

export async function createGateway(input: GatewayInput): Promise<Gateway> {
  const { options, log, clientKey, version } = input;
  const memory = new Memory();
  const spendLimit = options.spendLimit === undefined ? undefined : parseSpendLimit(options.spendLimit);
  if (spendLimit !== undefined) memory.spendLimit = spendSpec(spendLimit);
  // A clock that is passed in cannot be set by the user, so it is not watched.
  const clock =
    input.nowMs === undefined ? watchClock((deltaMs) => shift(deltaMs)) : { nowMs: input.nowMs, end() {} };
  const { nowMs } = clock;
  const remembering =
    input.store === undefined
      ? undefined
      : await Remembering.begin(memory, input.store, nowMs, { responses: options.responsesMaxBytes });
  const health = new Health();
  const metrics = new Metrics();
  const pools = new Pools(options.connectTimeoutMs, await proxyRoutes(input.proxies));
  const userAgent = `headgate/${version}`;
  const loaded = new Map<string, Adapter>();

  /** Makes a table ready to serve. It is replaced as a whole; a request keeps the one it began with. */
  const prepare = async (table: RoutingTable, secrets: Secrets): Promise<Served> => {
    await loadAdapters(table, loaded);
    const live = liveTable({ table, secrets, adapters: loaded, memory, pools, userAgent });
    return { live, models: modelList(live.index, Math.floor(nowMs() / 1000)) };
  };

  const state = {
    serving: await prepare(input.table, input.secrets),
    served: { table: input.table, secrets: input.secrets },
    draining: false,
    inFlight: new InFlight(),
  };
  const probes = new Probes({
    options,
    memory,
    version,
    log,
    nowMs,
    serving: () => state.served,
    accountOf: (provider, variable) => accountOf(state.serving, provider, variable),
    onRound: () => remembering?.attempted(),
  });
  const { store, stateDir } = input;
  const shared = store === undefined || stateDir === undefined ? undefined : { store, stateDir };
  const budget = new MemoryBudget(options.memoryBudget, input.memoryWaitMs);
  const uploads = new UploadFolder(stateDir);
  await uploads.sweep();
  const leases = new Leases({ options, log, shared, ...input.local });
  await leases.serve(input.table, input.secrets);
  const kept = { kept: input.store?.kept, shared: input.store?.shared !== undefined };
  const reservations = new Reservations(nowMs, Math.random, input.store?.shared);
  function shift(deltaMs: number): void {
    memory.shift(deltaMs);
    reservations.shift(deltaMs);
    log.warn("the clock was set; cooldowns and limits keep their durations", { by_ms: deltaMs });
  }
  memory.sharedAccounts.tell = (pair) => {
    const keys = namedKeys(pair, state.serving.live.index);
    if (keys !== undefined)
      log.warn("two keys probably belong to one account", { ...keys, keys: keys.keys.join(", ") });
  };
  const directory = new ClientDirectory(memory, nowMs);
  const known = input.clients?.current();
  if (known !== undefined || input.clients === undefined) directory.apply(known ?? []);
  input.clients?.onChange((clients) => directory.apply(clients));
  let operatorKeys: readonly OperatorKey[] = [{ key: clientKey }];
  const keys = new KeyChecker<ActiveClient>(operatorKeys, { nowMs, client: (key) => directory.find(key) });
  const refused = new RefusedFields((model, field) =>
    log.warn("a model refused a field; requests to it go without the field for a day", {
      model,
      field,
      remedy: "add the field to `drop` of the provider's dialect, or report it",
    }),
  );
  const tracing = options.tracesOtlp === undefined ? undefined : await openTracing(options.tracesOtlp);
  /** Loaded only where traces are on. */
  async function openTracing(url: string) {
    const { Tracing } = await import("./ops/tracing.ts");
    return new Tracing({ url, sample: options.tracesSample, version, log });
  }
  const webhook = options.webhookUrl === undefined ? undefined : await openWebhook(options.webhookUrl);
  /** Loaded only where an address is named. */
  async function openWebhook(url: string) {
    const [{ Webhook }, { Events }] = await Promise.all([
      import("./ops/webhook.ts"),
      import("./ops/events.ts"),
    ]);
    const secret = (): string => options.webhookSecret ?? derivedSecret(operatorKeys[0]?.key ?? "");
    const hook = new Webhook({ url, form: options.webhookForm, secret, log });
    const events = new Events({
      nowMs,
      index: () => state.serving.live.index,
      memory,
      clients: () => directory.all(),
      local: () => leases.state(),
      tell: (event) => hook.send(event),
    });
    return { hook, events };
  }
  /** Loaded only where it is on. */
  async function openCache({ cacheStore: store }: GatewayInput) {
    const { Cache } = await import("./cache/cache.ts");
    return new Cache({ maxBytes: options.cacheMaxBytes, ttlMs: options.cacheTtlMs, nowMs, store });
  }
  const admissions = new ClientAdmissions(nowMs, input.store?.shared);
  const sender =
    input.batchStore === undefined ? undefined : new LineSender({ app: () => app, directory, nowMs });
  const batches = input.batchStore && sender && batchesOf(input.batchStore, sender);
  function batchesOf(store: BatchStore, lines: LineSender): Batches {
    return new Batches({
      store,
      options,
      nowMs,
      log,
      send: (...line) => lines.send(...line),
      refused(id, model, endpoint) {
        const client = lines.owner(id);
        const { live } = client === undefined ? state.serving : servedFor(state.serving, client);
        try {
          findRoute(live.index, model, OPERATIONS[endpoint] ?? "chat");
          return undefined;
        } catch (error) {
          return error instanceof Error ? error.message : String(error);
        }
      },
    });
  }
  const app: ReturnType<typeof createApp> = createApp({
    options,
    batches,
    ticketOf: sender && ((headers) => sender.ticketOf(headers)),
    keys,
    secrets: () => operatorKeys.map(({ key }) => key),
    admissions,
    tracing,
    background: new BackgroundQueue({ nowMs, maxWaitMs: options.backgroundWaitMs }),
    clients: { store: input.clients, directory },
    indexFor: (client) =>
      (client === undefined ? state.serving : servedFor(state.serving, client)).live.index,
    version,
    log,
    health,
    nowMs,
    serving: () => state.serving,
    index: () => state.serving.live.index,
    draining: () => state.draining,
    inFlight: state.inFlight,
    memory: budget,
    cache: options.cache === "off" ? undefined : await openCache(input),
    uploads,
    searchEngine: options.searchUrl === undefined ? undefined : searxEngine(options.searchUrl, pools),
    keepAlives: new KeepAlives(options.keepAliveMs, input.ticker ?? realTicker),
    reservations,
    refused,
    leases,
    clear(ids) {
      const forgotten = memory.clear(ids, nowMs());
      remembering?.flush();
      return forgotten;
    },
    onAttempt(record) {
      health.record(record, nowMs());
      remembering?.attempted();
    },
    kept,
    spendMeter: () => (memory.spendLimit === undefined ? undefined : memory.meter(memory.spendLimit)),
    pageDir: input.pageDir,
    operator: input.operator,
    served: () => state.served,
    records: input.records,
    metrics,
    siblings: input.siblings ?? (async () => []),
    onRecord(record, bodies) {
      metrics.add(record);
      input.records?.write(record, bodies);
    },
    modelsChanged: () => input.onModelsChanged?.(),
  });

  return {
    async listen() {
      guardListening(options.host, clientKey);
      try {
        await app.listen({ host: options.host, port: options.port });
      } catch (error) {
        throw listenError(error, options);
      }
      const { port } = app.server.address() as AddressInfo;
      probes.begin();
      webhook?.events.begin();
      batches?.begin();
      const host = options.host.includes(":") ? `[${options.host}]` : options.host;
      return { url: `http://${host}:${port}` };
    },
    async swap(table, secrets) {
      const serving = await prepare(table, secrets);
      state.serving = serving;
      state.served = { table, secrets };
      // Not awaited: held leases may last long.
      leases
        .serve(table, secrets)
        .catch((error: unknown) => log.error("local models cannot be managed", { why: String(error) }));
      const forgotten = memory.keepOnly(serving.live.index.identities);
      remembering?.forget(forgotten);
      // Not awaited: an unused pool closes when its last request is done.
      void pools.keepOnly(serving.live.pools);
    },
    setKeys(next) {
      operatorKeys = next;
      keys.setKeys(next);
    },
    async metrics() {
      const index = () => state.serving.live.index;
      return metrics.snapshot(await measure({ nowMs, index, inFlight: state.inFlight, leases }));
    },
    async close() {
      state.draining = true;
      const lastLines = batches?.end();
      const endsMs = performance.now() + options.drainTimeoutMs;
      const graceMs = Math.min(CUT_GRACE_MS, options.drainTimeoutMs / 5);
      const end = setTimeout(() => state.inFlight.cutAll(), options.drainTimeoutMs - graceMs);
      const cut = setTimeout(() => app.server.closeAllConnections(), options.drainTimeoutMs);
      // A connection that was busy when closing began stays open after its answer, though no client uses it again.
      const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
      await app.close();
      clearInterval(sweep);
      await within(state.inFlight.idle(), endsMs - performance.now() + graceMs);
      await lastLines;
      clearTimeout(end);
      clearTimeout(cut);
      await leases.close();
      clock.end();
      await probes.end();
      await metrics.end();
      webhook?.events.end();
      await webhook?.hook.close();
      await tracing?.close();
      remembering?.end();
      await pools.destroy();
      await uploads.remove();
    },
  };
}

/** What a batch's lines are for; the others are chats. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  "/v1/embeddings": "embedding",
  "/v1/moderations": "moderation",
  "/v1/rerank": "rerank",
};

/** Resolves with `work`, or without it once `ms` are over. */
async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms));
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** A key's identity in the router's memory. */
function accountOf({ live }: Served, provider: string, variable: string | undefined): string {
  for (const { candidates } of live.index.deployments) {
    for (const candidate of candidates)
      if (candidate.provider.id === provider && candidate.provider.keyVars[candidate.key] === variable)
        return candidate.keyCooldown.id;
  }
  return provider;
}

function listenError(error: unknown, { host, port }: Options): Error {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return new Error(
      `Port ${port} on ${host} is taken. Stop what runs there, or set HEADGATE_PORT to another port.`,
    );
  if (code === "EACCES")
    return new Error(`Port ${port} is not allowed to this user. Set HEADGATE_PORT to 1024 or more.`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new Error(`HEADGATE_HOST=${host} is no address of this machine.`);
  return error instanceof Error ? error : new Error(String(error));
}

/** What signs webhooks where the operator set no secret. */
const derivedSecret = (operatorKey: string): string =>
  Buffer.from(hkdfSync("sha256", operatorKey, "", "headgate webhooks", 32)).toString("hex");
