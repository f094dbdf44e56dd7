/** Which names a browser may reach the page under: another name that resolves to this machine is somebody else's page. */
import { isIP } from "node:net";

const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::", ""]);

/**
 * @param listen the address that the gateway listens on
 * @param allowed further names, lower case, without ports
 * @returns whether a Host header is allowed
 */
export function hostChecker(
  listen: string,
  allowed: readonly string[] = [],
): (host: string | undefined) => boolean {
  const names = new Set([listen.toLowerCase(), ...allowed]);
  const anyAddress = ANY_ADDRESS.has(listen);
  return (host) => {
    const name = host === undefined ? undefined : nameOf(host);
    if (name === undefined) return false;
    return names.has(name) || isLoopback(name) || (anyAddress && isIP(name) !== 0);
  };
}

/** Without the port, and without the brackets of an IPv6 address. */
function nameOf(host: string): string | undefined {
  const url = `http://${host}`;
  if (!/^[A-Za-z0-9.:[\]_-]{1,255}$/.test(host) || !URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

const isLoopback = (name: string): boolean =>
  name === "localhost" ||
  name.endsWith(".localhost") ||
  name === "::1" ||
  (isIP(name) === 4 && name.startsWith("127."));

/** The port that the browser used, which names its cookie: cookies are shared by all ports of a host. */
export function portOf(host: string | undefined): string {
  const port = /:([0-9]{1,5})$/.exec(host ?? "")?.[1];
  return port ?? "80";
}
