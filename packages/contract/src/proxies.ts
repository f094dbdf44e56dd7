/** HTTP_PROXY, HTTPS_PROXY and NO_PROXY: how upstreams are reached where the network lets out nothing else. */
import { present } from "./present.ts";

export interface ProxyVariable {
  readonly variable: string;
  /** May hold a password: it never reaches a message or a log. */
  readonly url: string;
}

export interface ProxySettings {
  readonly http?: ProxyVariable;
  readonly https?: ProxyVariable;
  /** Hosts that are reached directly, as NO_PROXY lists them; empty: none. */
  readonly none: string;
}

/**
 * As curl reads them: in lower case first. Undefined where no proxy is set.
 * @throws {Error} naming the variable whose value is no URL of a proxy
 */
export function readProxies(env: Readonly<Record<string, string | undefined>>): ProxySettings | undefined {
  const http = proxyIn(env, "HTTP_PROXY");
  const https = proxyIn(env, "HTTPS_PROXY");
  if (http === undefined && https === undefined) return undefined;
  return { ...present({ http, https }), none: env.no_proxy ?? env.NO_PROXY ?? "" };
}

function proxyIn(
  env: Readonly<Record<string, string | undefined>>,
  name: "HTTP_PROXY" | "HTTPS_PROXY",
): ProxyVariable | undefined {
  const lower = name.toLowerCase();
  const variable = (env[lower]?.trim() ?? "") === "" ? name : lower;
  const value = env[variable]?.trim() ?? "";
  if (value === "") return undefined;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (!URL.canParse(url) || !/^https?:/i.test(url))
    throw new Error(
      `${variable} must be the URL of a proxy, such as http://proxy.example:3128; correct or unset it`,
    );
  return { variable, url };
}
