/** Upstreams behind a proxy: which proxy an origin is reached through. Loopback is always reached directly. */
import { isIP } from "node:net";
import type { ProxySettings } from "@headgate/contract";
import type { Dispatcher } from "undici";

/** What an upstream's requests are sent with. */
export type Connection = Pick<Dispatcher, "dispatch" | "close" | "destroy">;

export interface ProxyRoute {
  /** The variable that names the proxy, for messages. */
  readonly variable: string;
  readonly connection: Connection;
}

/** Undefined for an origin that is reached directly. */
export type ProxyRoutes = (origin: string, connectTimeoutMs: number) => ProxyRoute | undefined;

/** Loads undici's agent only where a proxy is set. */
export async function proxyRoutes(settings: ProxySettings | undefined): Promise<ProxyRoutes | undefined> {
  if (settings === undefined) return undefined;
  const { default: EnvHttpProxyAgent } = await import("undici/lib/dispatcher/env-http-proxy-agent.js");
  const { http, https = http, none } = settings;
  return (origin, connectTimeoutMs) => {
    const { protocol, hostname } = new URL(origin);
    const proxy = protocol === "https:" ? https : http;
    if (proxy === undefined || isLoopback(hostname)) return undefined;
    const agent = new EnvHttpProxyAgent({
      httpProxy: http?.url ?? "",
      httpsProxy: https?.url ?? "",
      noProxy: none,
      connections: null,
      pipelining: 1,
      connect: { timeout: connectTimeoutMs },
      // The attempt has its own timers.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 10_000,
      allowH2: false,
    });
    const connection: Connection = {
      dispatch: (options, handler) => agent.dispatch({ ...options, origin }, handler),
      close: agent.close.bind(agent) as Connection["close"],
      destroy: agent.destroy.bind(agent) as Connection["destroy"],
    };
    return { variable: proxy.variable, connection };
  };
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || (isIP(hostname) === 4 && hostname.startsWith("127."));
