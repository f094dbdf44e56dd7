/** Base URLs from .env, and whether a request may be sent to them. */

/** Loopback and private networks, as whole IPv4 literals (RFC 1122, RFC 1918) and IPv6 ones (RFC 4193). */
const NEAR_IP =
  /^(127(\.\d{1,3}){3}|10(\.\d{1,3}){3}|192\.168(\.\d{1,3}){2}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|\[::1\]|\[f[cd][0-9a-f:]+\])$/i;
/** Names that only a local network resolves: one label (a container's name), or a local suffix (RFC 6762, RFC 8375). */
const NEAR_NAME = /^[a-z][a-z0-9_-]*$|^[a-z0-9_.-]+\.(local|internal|lan|home\.arpa)$/i;

/** True for hosts to which plain http is acceptable. */
export const isNearHost = (hostname: string): boolean => NEAR_IP.test(hostname) || NEAR_NAME.test(hostname);

export type Address = { readonly url: string } | AddressProblem;
/** Why an address cannot be used, and the variable to correct. */
export interface AddressProblem {
  readonly variable: string;
  readonly why: "missing" | "not-a-url" | "not-https";
}

/** @param anyHttp true when plain http is acceptable to any host, not only to near ones */
export function checkAddress(text: string | undefined, variable: string, anyHttp: boolean): Address {
  if (text === undefined) return { variable, why: "missing" };
  if (!URL.canParse(text)) return { variable, why: "not-a-url" };
  const url = new URL(text);
  if (
    (url.protocol !== "http:" && url.protocol !== "https:") ||
    url.search !== "" ||
    url.hash !== "" ||
    url.username !== ""
  ) {
    return { variable, why: "not-a-url" };
  }
  // Over plain http every network on the way can read the key.
  if (url.protocol === "http:" && !anyHttp && !isNearHost(url.hostname)) {
    return { variable, why: "not-https" };
  }
  return { url: text.replace(/\/+$/, "") };
}
