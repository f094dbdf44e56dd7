/**
 * The gateway's own options, as data: the single source of their names, defaults and descriptions.
 * .env.example, the docs and `readOptions` all come from here. For these the shell wins over .env.
 */
import { BATCH_OPTIONS } from "./batch-options.ts";
import { CACHE_OPTIONS } from "./cache-options.ts";
import { present } from "./present.ts";
import { parseSpendLimit } from "./spend-limit.ts";

export interface OptionSpec {
  readonly env: string;
  readonly kind:
    | "text"
    | "port"
    | "duration-ms"
    | "bytes"
    | "count"
    | "days"
    | "secret"
    | "path"
    | "level"
    | "choice"
    | "origins"
    | "hosts"
    | "url"
    | "spend"
    | "share"
    /** An address that is a secret itself. */
    | "hook";
  /** The values of a `choice`. */
  readonly choices?: readonly string[];
  /** As text, in the form that .env has; absent when there is none. */
  readonly default?: string;
  readonly description: string;
}

export const OPTIONS = {
  host: {
    env: "HEADGATE_HOST",
    kind: "text",
    default: "127.0.0.1",
    description:
      "Listen address. An address beyond loopback requires a strong key: at least 32 random characters.",
  },
  port: {
    env: "HEADGATE_PORT",
    kind: "port",
    default: "4000",
    description: "Listen port; 0 takes a free one.",
  },
  publish: {
    env: "HEADGATE_PUBLISH",
    kind: "text",
    default: "127.0.0.1",
    description:
      "The address of this machine on which `make up` publishes the gateway's container: 0.0.0.0 for the whole network. Only Docker Compose reads it; the container requires a strong key in any case.",
  },
  apiKey: {
    env: "HEADGATE_API_KEY",
    kind: "secret",
    description:
      "The key that clients send. Absent: a generated one, kept in the state directory; `headgate key` prints it.",
  },
  keysFile: {
    env: "HEADGATE_KEYS_FILE",
    kind: "path",
    description:
      "A file of keys outside .env: lines as in .env, or a label such as Groq and its key on the line below. Its keys win over .env and over the shell.",
  },
  secret: {
    env: "HEADGATE_SECRET",
    kind: "secret",
    description:
      "The secret that keys of `headgate secrets` and recorded bodies are encrypted with. Absent: a file `secret` in the user's configuration folder, made when it is needed, readable by its owner only.",
  },
  stateDir: {
    env: "HEADGATE_STATE_DIR",
    kind: "path",
    default: ".headgate",
    description: "Directory of everything that the gateway keeps across restarts.",
  },
  overlayDir: {
    env: "HEADGATE_OVERLAY_DIR",
    kind: "path",
    default: "overlay",
    description:
      "Directory of your own providers, models, chains and groups, which are merged over the catalogue: docs/overlay.md. It may be missing.",
  },
  redisUrl: {
    env: "HEADGATE_REDIS_URL",
    kind: "secret",
    description:
      "Redis or Valkey, for several gateways that share their limits: redis://user:password@host:6379/0, or rediss:// with TLS. Absent: limits and cooldowns are kept in the state directory.",
  },
  workers: {
    env: "HEADGATE_WORKERS",
    kind: "count",
    default: "1",
    description:
      "Number of processes that serve the port, 1 to 64; they share one memory of limits and cooldowns.",
  },
  probes: {
    env: "HEADGATE_PROBES",
    kind: "choice",
    choices: ["off", "free", "all"],
    default: "free",
    description:
      "Providers whose keys are checked in the background, with a request that costs nothing (a list of models): free leaves out paid providers. A provider without such a request is never checked.",
  },
  probeIntervalMs: {
    env: "HEADGATE_PROBE_INTERVAL_MS",
    kind: "duration-ms",
    default: "600000",
    description: "Interval between two rounds of probes.",
  },
  refresh: {
    env: "HEADGATE_REFRESH",
    kind: "choice",
    choices: ["off", "daily", "weekly"],
    default: "off",
    description:
      "How often headgate models refresh --update runs by itself: it reads the lists of the providers that are on, tests new models with one token each, and writes new, retired and re-priced models to the overlay.",
  },
  contextHandoff: {
    env: "HEADGATE_CONTEXT_HANDOFF",
    kind: "choice",
    choices: ["off", "on-switch"],
    default: "off",
    description:
      "on-switch: when another model continues a conversation, a short system message states that it continues the work of another model.",
  },
  contentFilter: {
    env: "HEADGATE_CONTENT_FILTER",
    kind: "choice",
    choices: ["stop", "next"],
    default: "stop",
    description:
      "What happens after a provider's content filter refuses a prompt: stop returns the refusal to the client, next tries the next candidate. The header x-headgate-content-filter overrides it for one request.",
  },
  dataDir: {
    env: "HEADGATE_DATA_DIR",
    kind: "path",
    default: ".data",
    description:
      "Directory of the models of local backends that Headgate starts, with a folder for each backend.",
  },
  vramBudget: {
    env: "HEADGATE_VRAM_BUDGET",
    kind: "text",
    description:
      "Memory that local models may use together: 0:16GiB,1:8GiB per GPU by nvidia-smi's index, cpu:32GiB for RAM. Absent: the measured memory. off: no limit; each backend loads as it likes.",
  },
  warm: {
    env: "HEADGATE_WARM",
    kind: "text",
    description:
      "Local models, by alias and comma-separated, that are loaded at the start, stay loaded without requests, and are loaded again when there is room after a bigger one left. They are still evicted for a waiting request.",
  },
  minLoadedMs: {
    env: "HEADGATE_MIN_LOADED_MS",
    kind: "duration-ms",
    description:
      "How long a local model stays loaded after its load before another may take its memory, unless that one has waited for 30 s. Absent: no such time.",
  },
  modelMap: {
    env: "HEADGATE_MODEL_MAP",
    kind: "text",
    description:
      "Model names that clients have built in, each with the alias or group that replaces it: claude-*=free-mode,gpt-4o=auto:fastest. An entry overrides the entries of fallbacks/model-map.json that it covers.",
  },
  ollamaNoKey: {
    env: "HEADGATE_OLLAMA_NOKEY",
    kind: "choice",
    choices: ["0", "1"],
    default: "0",
    description:
      "1: programs on this machine may use Ollama's routes (/api/…) without a key, since Ollama's own CLI sends none. Requests of other machines, through a proxy or from a web page need the key as before.",
  },
  logLevel: {
    env: "HEADGATE_LOG",
    kind: "level",
    default: "info",
    description: "Log level: silent, error, warn, info or debug. debug adds one line per request.",
  },
  databaseUrl: {
    env: "HEADGATE_DATABASE_URL",
    kind: "secret",
    description:
      "PostgreSQL, for the usage records of several machines together: postgres://user:password@host:5432/database. Absent: a SQLite file in the state directory.",
  },
  recordsOtlp: {
    env: "HEADGATE_RECORDS_OTLP",
    kind: "text",
    description:
      "OpenTelemetry collector that gets the usage records as logs (OTLP over HTTP) in place of a database: http://127.0.0.1:4318. Absent: a database keeps them.",
  },
  tracesOtlp: {
    env: "HEADGATE_TRACES_OTLP",
    kind: "url",
    description:
      "OpenTelemetry collector for traces, such as http://127.0.0.1:4318 (OTLP over HTTP, JSON): a span per request and per attempt, without texts. Absent: no traces.",
  },
  tracesSample: {
    env: "HEADGATE_TRACES_SAMPLE",
    kind: "share",
    default: "1",
    description:
      "Share of requests that are traced, 0 to 1. A request with a traceparent follows its own trace's choice.",
  },
  webhookUrl: {
    env: "HEADGATE_WEBHOOK_URL",
    kind: "hook",
    description:
      "Address that events are posted to: a dead key, a quota at 80 %, a spend limit near or met, a group without an open model, a local backend down and up. Slack, Discord and ntfy are recognised by their addresses.",
  },
  webhookForm: {
    env: "HEADGATE_WEBHOOK_FORM",
    kind: "choice",
    choices: ["auto", "json", "slack", "discord", "ntfy"],
    default: "auto",
    description: "Form of an event at HEADGATE_WEBHOOK_URL; auto goes by the address.",
  },
  webhookSecret: {
    env: "HEADGATE_WEBHOOK_SECRET",
    kind: "secret",
    description:
      "Signs events as Standard Webhooks do (header webhook-signature, HMAC-SHA256). Absent: they are signed with a key that is derived from the operator's.",
  },
  recordsKeepDays: {
    env: "HEADGATE_RECORDS_KEEP_DAYS",
    kind: "days",
    default: "30",
    description:
      "How long usage records are kept, in days, 1 to 3650. Sums by minute, hour and day are kept for 2, 90 and 1100 days: docs/usage.md.",
  },
  recordsMaxBytes: {
    env: "HEADGATE_RECORDS_MAX_BYTES",
    kind: "bytes",
    default: "1073741824",
    description: "Total size of usage records; beyond it the oldest are deleted.",
  },
  recordBodies: {
    env: "HEADGATE_RECORD_BODIES",
    kind: "choice",
    choices: ["off", "errors", "all"],
    default: "off",
    description:
      "Bodies in usage records, for headgate why: of no request, of requests that failed, or of all. At most 64 KiB of each are kept, without what looks like a key, encrypted with HEADGATE_SECRET or with the secret in the user's configuration folder.",
  },
  spendLimit: {
    env: "HEADGATE_SPEND_LIMIT",
    kind: "spend",
    description:
      "Ceiling over everything that costs, of all workers together: 5usd/day, also /hour or /month. A call reserves its highest cost before it is made; a paid model without a known price is not used. Absent: no ceiling.",
  },
  litellmHeaders: {
    env: "HEADGATE_LITELLM_HEADERS",
    kind: "choice",
    choices: ["0", "1"],
    default: "0",
    description:
      "1: answers also carry the request's id, cost and duration under LiteLLM's names: x-litellm-call-id, x-litellm-response-cost, x-litellm-response-duration-ms.",
  },
  logFormat: {
    env: "HEADGATE_LOG_FORMAT",
    kind: "choice",
    choices: ["auto", "json", "text"],
    default: "auto",
    description:
      "Form of log lines: json with time and level, or text. auto: text where stderr is a terminal, json elsewhere.",
  },
  connectTimeoutMs: {
    env: "HEADGATE_CONNECT_TIMEOUT_MS",
    kind: "duration-ms",
    default: "5000",
    description: "Connect timeout of a provider.",
  },
  firstTokenTimeoutMs: {
    env: "HEADGATE_FIRST_TOKEN_TIMEOUT_MS",
    kind: "duration-ms",
    description:
      "Timeout from sending a request to a stream's first content, for every provider; whole answers have five times as long. Absent: the rules in docs/routing.md.",
  },
  streamIdleTimeoutMs: {
    env: "HEADGATE_STREAM_IDLE_TIMEOUT_MS",
    kind: "duration-ms",
    default: "30000",
    description: "Timeout between two pieces of a provider's stream.",
  },
  keepAliveMs: {
    env: "HEADGATE_KEEPALIVE_MS",
    kind: "duration-ms",
    default: "15000",
    description:
      "Longest silence of a stream before its first token. Then it sends a comment, so that no proxy cuts it; this commits the status 200.",
  },
  requestTimeoutMs: {
    env: "HEADGATE_REQUEST_TIMEOUT_MS",
    kind: "duration-ms",
    default: "600000",
    description: "Timeout of a whole request, all attempts together.",
  },
  maxAttempts: {
    env: "HEADGATE_MAX_ATTEMPTS",
    kind: "count",
    default: "20",
    description: "Largest number of attempts for one request, second tries included, 1 to 64.",
  },
  backgroundWaitMs: {
    env: "HEADGATE_BACKGROUND_WAIT_MS",
    kind: "duration-ms",
    default: "600000",
    description:
      "Longest time that a background request (x-headgate-priority, or its client's priority) waits for quota that others leave over; then it goes on with what is open.",
  },
  drainTimeoutMs: {
    env: "HEADGATE_DRAIN_TIMEOUT_MS",
    kind: "duration-ms",
    default: "30000",
    description: "Time that running requests have to finish after SIGTERM.",
  },
  maxBodyBytes: {
    env: "HEADGATE_MAX_BODY_BYTES",
    kind: "bytes",
    default: "52428800",
    description: "Largest request body.",
  },
  corsOrigins: {
    env: "HEADGATE_CORS_ORIGINS",
    kind: "origins",
    description:
      "Origins of web pages that may send requests, separated by commas, or * for all: https://chat.example.org,http://localhost:3000. Absent: none. The admin routes are never opened.",
  },
  page: {
    env: "HEADGATE_PAGE",
    kind: "choice",
    choices: ["on", "off"],
    default: "on",
    description:
      "The gateway's web page at /: docs/page.md. off: it is not served, and the admin routes take the key only.",
  },
  allowedHosts: {
    env: "HEADGATE_ALLOWED_HOSTS",
    kind: "hosts",
    description:
      "Names under which browsers reach the page and the admin routes, separated by commas: gateway.example.org. Names of this machine, the listen address, and every IP address where the gateway listens on all of them, are always allowed.",
  },
  searchUrl: {
    env: "HEADGATE_SEARCH_URL",
    kind: "url",
    description:
      "A search engine with SearXNG's API, such as http://localhost:8080, that serves JSON. With it the gateway searches the web for models that cannot. Absent: such requests get a 400.",
  },
  memoryBudget: {
    env: "HEADGATE_MEMORY_BUDGET",
    kind: "bytes",
    default: "536870912",
    description:
      "Memory that the bodies and answers of all requests in progress may use together, in each process. Beyond it a request waits for up to 5 s, then gets a 503; uploads go to the disk.",
  },
  maxResponseBytes: {
    env: "HEADGATE_MAX_RESPONSE_BYTES",
    kind: "bytes",
    default: "104857600",
    description: "Largest answer that is not streamed and so held in memory.",
  },
  responsesTtlMs: {
    env: "HEADGATE_RESPONSES_TTL_MS",
    kind: "duration-ms",
    default: "86400000",
    description:
      "How long a stored response (/v1/responses with `store`) is kept after its last read, across restarts.",
  },
  responsesMaxBytes: {
    env: "HEADGATE_RESPONSES_MAX_BYTES",
    kind: "bytes",
    default: "67108864",
    description: "Total size of stored responses; beyond it the least recently read are deleted.",
  },
  ...CACHE_OPTIONS,
  ...BATCH_OPTIONS,
} as const satisfies Record<string, OptionSpec>;

/** The gateway's own timeouts, where neither the operator nor a fragment states one. */
export const DEFAULT_TIMEOUTS = {
  connectMs: Number(OPTIONS.connectTimeoutMs.default),
  streamIdleMs: Number(OPTIONS.streamIdleTimeoutMs.default),
  requestMs: Number(OPTIONS.requestTimeoutMs.default),
} as const;

export type OptionName = keyof typeof OPTIONS;

export type LogFormat = "json" | "text";
export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";
const LEVELS: readonly string[] = ["silent", "error", "warn", "info", "debug"] satisfies LogLevel[];

export interface Options {
  readonly host: string;
  readonly port: number;
  readonly apiKey?: string;
  readonly keysFile?: string;
  readonly secret?: string;
  readonly stateDir: string;
  readonly dataDir: string;
  readonly overlayDir: string;
  readonly logLevel: LogLevel;
  /** Of these four, absent: the operator set none, and a fragment's or the gateway's own counts. */
  readonly connectTimeoutMs?: number;
  readonly firstTokenTimeoutMs?: number;
  readonly streamIdleTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly keepAliveMs: number;
  /** Absent: the gateway cannot search the web. */
  readonly searchUrl?: string;
  /** Absent: no page may send requests. */
  readonly corsOrigins?: readonly string[];
  readonly page: "on" | "off";
  /** Lower case, without ports. Absent: the names that are always allowed. */
  readonly allowedHosts?: readonly string[];
  readonly maxAttempts: number;
  readonly backgroundWaitMs: number;
  readonly drainTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly memoryBudget: number;
  readonly maxResponseBytes: number;
  readonly responsesTtlMs: number;
  readonly responsesMaxBytes: number;
  readonly redisUrl?: string;
  readonly vramBudget?: string;
  readonly warm?: string;
  readonly minLoadedMs?: number;
  readonly workers: number;
  readonly probes: "off" | "free" | "all";
  readonly probeIntervalMs: number;
  readonly refresh: "off" | "daily" | "weekly";
  readonly contextHandoff: "off" | "on-switch";
  readonly contentFilter: "stop" | "next";
  readonly ollamaNoKey: "0" | "1";
  readonly databaseUrl?: string;
  readonly recordsOtlp?: string;
  /** Valid: `parseSpendLimit` reads it. */
  readonly spendLimit?: string;
  readonly litellmHeaders: "0" | "1";
  readonly recordBodies: "off" | "errors" | "all";
  readonly logFormat: "auto" | LogFormat;
  readonly tracesOtlp?: string;
  /** 0 to 1. */
  readonly tracesSample: number;
  readonly webhookUrl?: string;
  readonly webhookForm: "auto" | "json" | "slack" | "discord" | "ntfy";
  readonly webhookSecret?: string;
  readonly recordsKeepDays: number;
  readonly recordsMaxBytes: number;
  readonly cache: "off" | "memory" | "sqlite" | "redis";
  readonly cacheTtlMs: number;
  readonly cacheMaxBytes: number;
  readonly batches: "on" | "off";
  readonly batchConcurrency: number;
  readonly batchFileBytes: number;
  readonly batchMaxBytes: number;
  readonly batchKeepDays: number;
}

export interface OptionProblem {
  readonly env: string;
  /** What is wrong and what is valid; never the value of a secret. */
  readonly message: string;
}

/** Beyond this setTimeout fires immediately. */
const MAX_TIMER_MS = 2_147_483_647;

const RANGES: Partial<Record<OptionSpec["kind"], readonly [min: number, max: number]>> = {
  port: [0, 65_535],
  "duration-ms": [1, MAX_TIMER_MS],
  bytes: [1, Number.MAX_SAFE_INTEGER],
  count: [1, 64],
  days: [1, 3_650],
};

const splitList = (list: string): string[] =>
  list
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "");

/** A browser sends its page's origin in exactly this form. */
const isOrigin = (text: string): boolean =>
  text === "*" || (URL.canParse(text) && new URL(text).origin === text);

/** A name or an address, as it stands in a Host header, without its port. */
const isHost = (text: string): boolean => {
  const url = `http://${text}`;
  return (
    URL.canParse(url) &&
    new URL(url).host === text.toLowerCase() &&
    new URL(url).hostname === new URL(url).host
  );
};

/** Options from an environment. Every problem is reported; a problematic option keeps its default. */
export function readOptions(env: Readonly<Record<string, string | undefined>>): {
  options: Options;
  problems: OptionProblem[];
} {
  const problems: OptionProblem[] = [];
  const read = (name: OptionName): string | undefined => {
    const spec: OptionSpec = OPTIONS[name];
    const raw = env[spec.env]?.trim();
    if (raw === undefined || raw === "") return spec.default;
    const range = RANGES[spec.kind];
    if (range !== undefined) {
      const value = Number(raw);
      if (!/^[0-9]+$/.test(raw) || value < range[0] || value > range[1]) {
        problems.push({
          env: spec.env,
          message: `must be a whole number from ${range[0]} to ${range[1]}, not ${JSON.stringify(raw)}`,
        });
        return spec.default;
      }
    }
    if (spec.kind === "level" && !LEVELS.includes(raw)) {
      problems.push({
        env: spec.env,
        message: `must be one of ${LEVELS.join(", ")}, not ${JSON.stringify(raw)}`,
      });
      return spec.default;
    }
    if (spec.choices !== undefined && !spec.choices.includes(raw)) {
      problems.push({
        env: spec.env,
        message: `must be one of ${spec.choices.join(", ")}, not ${JSON.stringify(raw)}`,
      });
      return spec.default;
    }
    if (spec.kind === "url" && !(URL.canParse(raw) && /^https?:$/.test(new URL(raw).protocol))) {
      problems.push({
        env: spec.env,
        message: `must be an http or https address, not ${JSON.stringify(raw)}`,
      });
      return undefined;
    }
    if (spec.kind === "hook" && !(URL.canParse(raw) && /^https?:$/.test(new URL(raw).protocol))) {
      problems.push({ env: spec.env, message: "must be an http or https address" });
      return undefined;
    }
    if (spec.kind === "share" && !(/^[0-9]*\.?[0-9]+$/.test(raw) && Number(raw) <= 1)) {
      problems.push({
        env: spec.env,
        message: `must be a number from 0 to 1, such as 0.01, not ${JSON.stringify(raw)}`,
      });
      return spec.default;
    }
    if (spec.kind === "spend" && parseSpendLimit(raw) === undefined) {
      problems.push({
        env: spec.env,
        message: `must be an amount and a window such as 5usd/day, 0.5usd/hour or 100usd/month, not ${JSON.stringify(raw)}`,
      });
      return undefined;
    }
    if (spec.kind === "origins") {
      const wrong = splitList(raw).find((origin) => !isOrigin(origin));
      if (wrong !== undefined) {
        problems.push({
          env: spec.env,
          message: `must hold origins such as https://chat.example.org, without a path, or *; not ${JSON.stringify(wrong)}`,
        });
        return undefined;
      }
    }
    if (spec.kind === "hosts") {
      const wrong = splitList(raw).find((host) => !isHost(host));
      if (wrong !== undefined) {
        problems.push({
          env: spec.env,
          message: `must hold names such as gateway.example.org, without http:// and without a port; not ${JSON.stringify(wrong)}`,
        });
        return undefined;
      }
    }
    return raw;
  };
  const choice = <
    Name extends
      | "probes"
      | "refresh"
      | "contextHandoff"
      | "contentFilter"
      | "ollamaNoKey"
      | "page"
      | "logFormat"
      | "litellmHeaders"
      | "webhookForm"
      | "recordBodies"
      | "cache"
      | "batches",
  >(
    name: Name,
  ): Options[Name] => (read(name) ?? OPTIONS[name].default) as Options[Name];
  const redisUrl = read("redisUrl");
  const databaseUrl = read("databaseUrl");
  const spendLimit = read("spendLimit");
  const recordsOtlp = read("recordsOtlp");
  const vramBudget = read("vramBudget");
  const number = (name: OptionName): number => Number(read(name));
  /** A valid value that the operator set. */
  const set = (name: OptionName): number | undefined => {
    const spec: OptionSpec = OPTIONS[name];
    const before = problems.length;
    const value = read(name);
    return (env[spec.env]?.trim() ?? "") === "" || problems.length > before ? undefined : Number(value);
  };
  const apiKey = read("apiKey");
  const searchUrl = read("searchUrl");
  const origins = read("corsOrigins");
  const corsOrigins = origins === undefined ? undefined : splitList(origins);
  const hosts = read("allowedHosts");
  const allowedHosts = hosts === undefined ? undefined : splitList(hosts).map((host) => host.toLowerCase());
  return {
    options: {
      host: read("host") ?? OPTIONS.host.default,
      port: number("port"),
      ...present({ apiKey, keysFile: read("keysFile"), secret: read("secret") }),
      stateDir: read("stateDir") ?? OPTIONS.stateDir.default,
      dataDir: read("dataDir") ?? OPTIONS.dataDir.default,
      overlayDir: read("overlayDir") ?? OPTIONS.overlayDir.default,
      logLevel: (read("logLevel") ?? OPTIONS.logLevel.default) as LogLevel,
      ...present({
        connectTimeoutMs: set("connectTimeoutMs"),
        firstTokenTimeoutMs: set("firstTokenTimeoutMs"),
        streamIdleTimeoutMs: set("streamIdleTimeoutMs"),
        requestTimeoutMs: set("requestTimeoutMs"),
      }),
      keepAliveMs: number("keepAliveMs"),
      ...present({ corsOrigins, searchUrl, allowedHosts }),
      page: choice("page"),
      maxAttempts: number("maxAttempts"),
      backgroundWaitMs: number("backgroundWaitMs"),
      drainTimeoutMs: number("drainTimeoutMs"),
      maxBodyBytes: number("maxBodyBytes"),
      memoryBudget: number("memoryBudget"),
      maxResponseBytes: number("maxResponseBytes"),
      responsesTtlMs: number("responsesTtlMs"),
      responsesMaxBytes: number("responsesMaxBytes"),
      ...present({ redisUrl, databaseUrl, recordsOtlp, vramBudget }),
      ...present({ warm: read("warm"), minLoadedMs: set("minLoadedMs") }),
      workers: number("workers"),
      probes: choice("probes"),
      probeIntervalMs: number("probeIntervalMs"),
      refresh: choice("refresh"),
      contextHandoff: choice("contextHandoff"),
      contentFilter: choice("contentFilter"),
      ollamaNoKey: choice("ollamaNoKey"),
      ...present({ spendLimit }),
      litellmHeaders: choice("litellmHeaders"),
      recordBodies: choice("recordBodies"),
      logFormat: choice("logFormat"),
      ...present({
        tracesOtlp: read("tracesOtlp"),
        webhookUrl: read("webhookUrl"),
        webhookSecret: read("webhookSecret"),
      }),
      tracesSample: number("tracesSample"),
      webhookForm: choice("webhookForm"),
      recordsKeepDays: number("recordsKeepDays"),
      recordsMaxBytes: number("recordsMaxBytes"),
      cache: choice("cache"),
      cacheTtlMs: number("cacheTtlMs"),
      cacheMaxBytes: number("cacheMaxBytes"),
      batches: choice("batches"),
      batchConcurrency: number("batchConcurrency"),
      batchFileBytes: number("batchFileBytes"),
      batchMaxBytes: number("batchMaxBytes"),
      batchKeepDays: number("batchKeepDays"),
    },
    problems,
  };
}
