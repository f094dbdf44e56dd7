/** Requests that need no key where the operator allows it: from a program on this machine, and from no web page. */

import type { IncomingHttpHeaders } from "node:http";
import { isIPv4 } from "node:net";

/** A proxy on this machine passes other machines' requests on, and names them in one of these. */
const FORWARDED = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"] as const;

/**
 * True for a request over loopback that no proxy passed on and no web page made: its `Host` is a name of this machine, since
 * the page of another name may resolve to it, and its `Origin`, where it has one, is this machine too.
 */
export function isFromHere(peer: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (peer === undefined || !isLoopback(peer)) return false;
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false;
  const { host, origin } = headers;
  return isHere(`http://${host ?? ""}`) && (origin === undefined || isHere(origin));
}

const isLoopback = (address: string): boolean => {
  const plain = address.replace(/^::ffff:/i, "");
  return plain === "::1" || (isIPv4(plain) && plain.startsWith("127."));
};

function isHere(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === "localhost" || isLoopback(hostname.replace(/^\[(.*)\]$/, "$1"));
}
