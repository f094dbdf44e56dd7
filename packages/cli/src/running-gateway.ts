/** Calls the running gateway of this folder, with the address and the key that `serve` uses. */
import { present, readOptions } from "@headgate/contract";
import { type Cli, Failure } from "./cli.ts";
import { readClientKey, readOrCreateClientKey } from "./client-key.ts";
import { readEnvFile, readOptionEnvironment } from "./environment.ts";
import { findPlace, resolveStateDir } from "./place.ts";

export interface GatewayWhere {
  readonly root?: string;
  readonly envFile?: string;
  readonly stateDir?: string;
  /** Its address, where it differs from the options. */
  readonly url?: string;
}

type Method = "GET" | "POST" | "PATCH";

export interface RunningGateway {
  readonly url: string;
  /** @throws {Failure} when no gateway answers, or the answer is an error */
  request(method: Method, path: string, body?: object): Promise<unknown>;
  /** A request with more than JSON: a form that may be long, or headers. @throws {Failure} as `request` */
  send(method: Method, path: string, content: Content): Promise<unknown>;
  /** The body of an answer as it comes. @throws {Failure} as `request` */
  download(path: string): Promise<NonNullable<Response["body"]>>;
  /** A chat of one word, whatever its answer's status. @throws {Failure} when no gateway answers */
  chat(model: string): Promise<Response>;
}

/** No gateway answers at the address. */
export class GatewayAway extends Failure {}

/** What a request carries. */
interface Content {
  readonly json?: object;
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 10_000;
/** Of a file of some hundred megabytes. */
const FILE_TIMEOUT_MS = 600_000;
const CHAT_TIMEOUT_MS = 120_000;
const ONE_WORD = { messages: [{ role: "user", content: "Answer with the one word: ok" }], max_tokens: 16 };
/** For a command that also works without a gateway. */
const GLANCE_MS = 2_000;

export function runningGateway(cli: Cli, where: GatewayWhere): RunningGateway {
  const { url, apiKey, stateDir } = placeOf(cli, where);
  return gatewayAt(url, apiKey ?? readOrCreateClientKey(stateDir).key, TIMEOUT_MS);
}

/**
 * The answer of the running gateway; undefined where none answers to this folder's key. A gateway that `--url` names must
 * answer.
 * @throws {Failure} when the gateway at `--url` does not answer
 */
export async function askIfRunning(
  cli: Cli,
  where: GatewayWhere,
  path: string,
): Promise<{ readonly url: string; readonly answer: unknown } | undefined> {
  if (where.url !== undefined) {
    const gateway = runningGateway(cli, where);
    return { url: gateway.url, answer: await gateway.request("GET", path) };
  }
  const { url, apiKey, stateDir } = placeOf(cli, where);
  const key = apiKey ?? readClientKey(stateDir);
  // Without a key no gateway has run here.
  if (key === undefined) return undefined;
  try {
    return { url, answer: await gatewayAt(url, key, GLANCE_MS).request("GET", path) };
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function placeOf(cli: Cli, where: GatewayWhere) {
  const place = findPlace(cli, where.root);
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: where.envFile });
  const { options } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  return {
    url: (where.url ?? `http://${reachable(options.host)}:${options.port}`).replace(/\/+$/, ""),
    apiKey: options.apiKey,
    stateDir: resolveStateDir(cli.cwd, place.home, where.stateDir, options.stateDir),
  };
}

const gatewayAt = (url: string, key: string, timeoutMs: number): RunningGateway => ({
  url,
  chat: (model) =>
    send(url, key, CHAT_TIMEOUT_MS, "POST", "/v1/chat/completions", { json: { model, ...ONE_WORD } }),
  async request(method, path, body) {
    return answerIn(await send(url, key, timeoutMs, method, path, present({ json: body })), url + path);
  },
  async send(method, path, content) {
    return answerIn(await send(url, key, FILE_TIMEOUT_MS, method, path, content), url + path);
  },
  async download(path) {
    const response = await send(url, key, FILE_TIMEOUT_MS, "GET", path, {});
    if (response.ok && response.body !== null) return response.body;
    await answerIn(response, url + path);
    throw new Failure(`${url}${path} has no content`);
  },
});

async function answerIn(response: Response, address: string): Promise<unknown> {
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const message = (answer as { error?: { message?: unknown } } | undefined)?.error?.message;
  throw new Failure(typeof message === "string" ? message : `${address} answered ${response.status}`);
}

function send(
  url: string,
  key: string,
  timeoutMs: number,
  method: string,
  path: string,
  { json, form, headers }: Content,
): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...present({ "content-type": json === undefined ? undefined : "application/json" }),
      ...headers,
    },
    ...present({ body: json === undefined ? form : JSON.stringify(json) }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw new GatewayAway(
      `no gateway answers at ${url} (${reason(error)}); start it with headgate serve, or give its address with --url`,
    );
  });
}

/** An address to listen on is not always an address to call. */
export function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return error instanceof Error ? error.message : String(error);
}
