/** Calls the running gateway of this folder, with the address and the key that `serve` uses. */
import { present, readOptions } from "@headgate/contract";
import { type Cli, Failure } from "./cli.ts";
import { readOrCreateClientKey } from "./client-key.ts";
import { readEnvFile, readOptionEnvironment } from "./environment.ts";
import { findPlace, resolveStateDir } from "./place.ts";

export interface GatewayWhere {
  readonly root?: string;
  readonly envFile?: string;
  readonly stateDir?: string;
  /** Its address, where it differs from the options. */
  readonly url?: string;
}

export interface RunningGateway {
  readonly url: string;
  /** @throws {Failure} when no gateway answers, or the answer is an error */
  request(method: "GET" | "POST", path: string, body?: object): Promise<unknown>;
}

const TIMEOUT_MS = 10_000;

export function runningGateway(cli: Cli, where: GatewayWhere): RunningGateway {
  const place = findPlace(cli.cwd, where.root);
  const envFile = readEnvFile({ cwd: cli.cwd, ...place, given: where.envFile });
  const { options } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  const stateDir = resolveStateDir(cli.cwd, place.home, where.stateDir, options.stateDir);
  const key = options.apiKey ?? readOrCreateClientKey(stateDir).key;
  const url = (where.url ?? `http://${reachable(options.host)}:${options.port}`).replace(/\/+$/, "");
  return {
    url,
    async request(method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...present({ "content-type": body === undefined ? undefined : "application/json" }),
        },
        ...present({ body: body === undefined ? undefined : JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((error: unknown) => {
        throw new Failure(
          `no gateway answers at ${url} (${reason(error)}); start it with headgate serve, or give its address with --url`,
        );
      });
      const answer: unknown = await response.json().catch(() => undefined);
      if (response.ok) return answer;
      const message = (answer as { error?: { message?: unknown } } | undefined)?.error?.message;
      throw new Failure(typeof message === "string" ? message : `${url}${path} answered ${response.status}`);
    },
  };
}

/** An address to listen on is not always an address to call. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return error instanceof Error ? error.message : String(error);
}
