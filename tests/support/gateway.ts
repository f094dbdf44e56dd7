/** A gateway in this process over a hand-made table, for tests over HTTP. */
import {
  type Capability,
  type Deployment,
  type ErrorRule,
  type Limit,
  type LogLevel,
  type ModelMemory,
  memoryOfSize,
  type Options,
  present,
  ROUTING_FORMAT,
  type Route,
  type RoutedProvider,
  type RoutePolicy,
  type RoutingTable,
  readOptions,
  type Strategy,
} from "@headgate/contract";
import { createGateway, createLog, type Gateway, type GatewayInput } from "@headgate/runtime";

export const CLIENT_KEY = "hg-test-client-key-0123456789-abcdefghij";
export const UPSTREAM_KEY = "test-upstream-key";

export interface ModelSketch {
  readonly alias: string;
  readonly upstream?: string;
  readonly capabilities?: readonly Capability[];
  readonly contextTokens?: number;
  readonly chain?: readonly string[];
  readonly contextChain?: readonly string[];
  readonly operation?: Deployment["operation"];
  readonly served?: boolean;
  readonly limits?: readonly Limit[];
  readonly tier?: Deployment["tier"];
  readonly price?: NonNullable<Deployment["price"]>;
  readonly intelligence?: number;
  readonly policy?: RoutePolicy;
  readonly retires?: string;
  /** Its alias has its chain alone. */
  readonly retired?: string;
  /** Of a local model. */
  readonly memory?: Pick<ModelMemory, "device" | "bytes"> & Partial<ModelMemory>;
}

/** A group of aliases. */
export interface GroupSketch {
  readonly name: string;
  readonly members: readonly string[];
  readonly strategy?: Strategy;
}

export interface ProviderSketch {
  readonly id: string;
  readonly adapter?: string;
  /** Absent for adapters that answer in-process. */
  readonly baseUrl?: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly ErrorRule[];
  readonly limits?: readonly Limit[];
  readonly timeouts?: RoutedProvider["timeouts"];
  readonly dialect?: Partial<RoutedProvider["dialect"]>;
  readonly headers?: RoutedProvider["headers"];
  /** Default: the key as a bearer token. */
  readonly auth?: NonNullable<RoutedProvider["auth"]>;
  readonly local?: NonNullable<RoutedProvider["local"]>;
  readonly webSearch?: NonNullable<RoutedProvider["webSearch"]>;
  readonly trains?: boolean;
  readonly models: readonly ModelSketch[];
}

const ALL: readonly Capability[] = ["tools", "vision", "json", "reasoning", "audio-input"];

export function tableOf(
  providers: readonly ProviderSketch[],
  groups: readonly GroupSketch[] = [],
): RoutingTable {
  const flat = providers.flatMap((provider, index) =>
    provider.models.map((model) => ({ provider, index, model })),
  );
  const at = (alias: string): number => flat.findIndex(({ model }) => model.alias === alias);
  return {
    format: ROUTING_FORMAT,
    fingerprint: JSON.stringify(providers).length.toString(16),
    providers: providers.map(
      ({
        id,
        adapter = "openai-compatible",
        baseUrl,
        keys = [`${id.toUpperCase()}_API_KEY`],
        ...rest
      }): RoutedProvider => ({
        id,
        name: id,
        adapter,
        tier: "free",
        ...present({ baseUrl, local: rest.local, webSearch: rest.webSearch, trains: rest.trains }),
        ...(keys.length === 0 ? {} : { auth: rest.auth ?? { scheme: "bearer" } }),
        keyVars: keys,
        headers: rest.headers ?? {},
        dialect: { drop: [], rename: {}, stripToolSchema: [], ...rest.dialect },
        timeouts: rest.timeouts ?? {},
        errors: rest.errors ?? [],
        limits: rest.limits ?? [],
      }),
    ),
    deployments: flat.map(
      ({ provider, index, model }): Deployment => ({
        provider: index,
        alias: model.alias,
        upstream: model.upstream ?? model.alias,
        operation: model.operation ?? "chat",
        tier: model.tier ?? "free",
        served: model.served ?? true,
        capabilities: model.capabilities ?? ALL,
        limits: model.limits ?? [],
        ...present({
          memory: model.memory && {
            ...memoryOfSize(provider.local?.driver, model.memory.device, model.memory.bytes),
            ...model.memory,
          },
          price: model.price,
          retires: model.retires,
          retired: model.retired,
          intelligence: model.intelligence,
          contextTokens: model.contextTokens,
        }),
      }),
    ),
    routes: [
      ...flat.map(
        ({ model }): Route => ({
          name: model.alias,
          kind: "alias",
          operation: model.operation ?? "chat",
          chain: (model.retired === undefined
            ? [model.alias, ...(model.chain ?? [])]
            : (model.chain ?? [model.alias])
          ).map(at),
          contextChain: (model.contextChain ?? []).map(at),
          ...present({ policy: model.policy, retired: model.retired }),
        }),
      ),
      ...groups.map(
        ({ name, members, strategy }): Route => ({
          name,
          kind: "group",
          operation: "chat",
          chain: members.map(at),
          contextChain: [],
          ...present({ strategy }),
        }),
      ),
    ].sort((a, b) => (a.name < b.name ? -1 : 1)),
    inactive: [{ alias: "sleeping-model", provider: "sleeper", fix: "set SLEEPER=1 in .env" }],
  };
}

export interface TestGateway extends AsyncDisposable {
  readonly url: string;
  readonly gateway: Gateway;
  readonly logged: string[];
  /** The gateway's clock; tests move it. */
  clock: { nowMs: number };
  /** Its first table. */
  table(): RoutingTable;
  swap(providers: readonly ProviderSketch[]): Promise<void>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** POSTs a chat completion. */
  chat(body: Record<string, unknown>, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export interface GatewayTestOptions {
  readonly options?: Partial<Options>;
  readonly logLevel?: LogLevel;
  /** Keys by their variables, in place of generated ones. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly groups?: readonly GroupSketch[];
  /** In place of the sketches. */
  readonly table?: RoutingTable;
  /** How memory is measured. */
  readonly memory?: GatewayInput["local"];
  /** Where the router's memory is kept. */
  readonly store?: NonNullable<GatewayInput["store"]>;
  /** How long a request waits for room in the memory budget. */
  readonly memoryWaitMs?: number;
  /** Where files of uploads are kept. */
  readonly stateDir?: string;
  readonly proxies?: NonNullable<GatewayInput["proxies"]>;
  /** Where usage records are kept; the test closes it. */
  readonly records?: NonNullable<GatewayInput["records"]>;
  /** Where cached answers are kept; the test closes it. */
  readonly cacheStore?: NonNullable<GatewayInput["cacheStore"]>;
  /** Where batches are kept; the test closes it. */
  readonly batchStore?: NonNullable<GatewayInput["batchStore"]>;
  /** Clients with keys of their own. */
  readonly clients?: NonNullable<GatewayInput["clients"]>;
  /** What calls at intervals. */
  readonly ticker?: NonNullable<GatewayInput["ticker"]>;
  /** Where the page's files are. */
  readonly pageDir?: string;
}

export const secretsOf = (table: RoutingTable): Record<string, string> =>
  Object.fromEntries(
    table.providers.flatMap((provider) => provider.keyVars).map((name) => [name, `${UPSTREAM_KEY}-${name}`]),
  );

export async function startGateway(
  providers: readonly ProviderSketch[],
  {
    options = {},
    logLevel = "debug",
    secrets = {},
    groups = [],
    table = tableOf(providers, groups),
    memory,
    store,
    stateDir,
    memoryWaitMs,
    proxies,
    records,
    cacheStore,
    batchStore,
    clients,
    ticker,
    pageDir,
  }: GatewayTestOptions = {},
): Promise<TestGateway> {
  const logged: string[] = [];
  const clock = { nowMs: Date.UTC(2026, 10, 21, 12) };
  const gateway = await createGateway({
    options: { ...readOptions({}).options, port: 0, drainTimeoutMs: 2_000, probes: "off", ...options },
    clientKey: CLIENT_KEY,
    table,
    secrets: { ...secretsOf(table), ...secrets },
    log: createLog(logLevel, (line) => logged.push(line)),
    version: "0.0.0-test",
    nowMs: () => clock.nowMs,
    ...present({
      local: memory,
      store,
      stateDir,
      memoryWaitMs,
      proxies,
      records,
      cacheStore,
      batchStore,
      clients,
      ticker,
      pageDir,
    }),
  });
  const { url } = await gateway.listen();
  const headers = { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" };
  const request = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string> | undefined) },
    });
  return {
    url,
    gateway,
    logged,
    clock,
    table: () => table,
    async swap(next) {
      const nextTable = tableOf(next);
      await gateway.swap(nextTable, secretsOf(nextTable));
    },
    fetch: request,
    chat: (body, init) =>
      request("/v1/chat/completions", {
        method: "POST",
        body: JSON.stringify({ messages: [{ role: "user", content: "Hello" }], ...body }),
        ...init,
      }),
    close: () => gateway.close(),
    [Symbol.asyncDispose]: () => gateway.close(),
  };
}

/** The text of a streamed answer, its error if any, and whether it ended like OpenAI's streams. */
export async function readStream(
  response: Response,
): Promise<{ text: string; error: unknown; done: boolean; frames: unknown[]; raw: string }> {
  const raw = await response.text();
  const frames: unknown[] = [];
  let text = "";
  let error: unknown;
  let done = false;
  for (const block of raw.split("\n\n")) {
    if (!block.startsWith("data: ")) continue;
    const data = block.slice(6);
    if (data === "[DONE]") {
      done = true;
      continue;
    }
    const frame = JSON.parse(data) as {
      error?: unknown;
      choices?: { delta?: { content?: string }; text?: string }[];
    };
    frames.push(frame);
    if (frame.error !== undefined) error = frame.error;
    text += frame.choices?.[0]?.delta?.content ?? frame.choices?.[0]?.text ?? "";
  }
  return { text, error, done, frames, raw };
}
