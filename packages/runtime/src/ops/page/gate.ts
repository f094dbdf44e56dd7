/** Who may reach the page and the admin routes: the Host header, the key or a session, and where a browser's request comes from. */
import type { IncomingHttpHeaders } from "node:http";
import { ClientError, quoted } from "../../http/client-error.ts";
import { hostChecker, portOf } from "./hosts.ts";
import { SESSION_MS, Sessions, type SessionsInput } from "./sessions.ts";

export interface GateInput extends SessionsInput {
  readonly options: {
    readonly host: string;
    readonly allowedHosts?: readonly string[];
    readonly page: "on" | "off";
  };
  /** @throws {ClientError} 401 unless the headers carry the master key */
  readonly checkKey: (headers: IncomingHttpHeaders, address: string | undefined) => void;
}

/** The part of a request that decides. */
export interface Caller {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** `page`: anyone may read the page's files. `sign-in`: the route by which a session opens. `admin`: the key, or a session. */
export type Access = "page" | "sign-in" | "admin";

const READS: ReadonlySet<string | undefined> = new Set(["GET", "HEAD"]);
const KEY_HEADERS = ["authorization", "x-api-key", "api-key", "x-goog-api-key"] as const;

export class Gate {
  readonly sessions: Sessions;
  readonly #input: GateInput;
  readonly #isAllowed: (host: string | undefined) => boolean;

  constructor(input: GateInput) {
    this.#input = input;
    this.sessions = new Sessions(input);
    this.#isAllowed = hostChecker(input.options.host, input.options.allowedHosts);
  }

  /** @throws {ClientError} 421, 403 or 401 */
  async admit({ method, headers, socket }: Caller, access: Access): Promise<void> {
    if (!this.#isAllowed(headers.host)) throw misdirected(headers.host);
    if (access === "page") return;
    const { options, checkKey } = this.#input;
    const session = options.page === "off" ? undefined : sessionOf(headers);
    const withKey = KEY_HEADERS.some((name) => headers[name] !== undefined);
    if (access === "admin" && (withKey || session === undefined))
      return checkKey(headers, socket.remoteAddress);
    // From here on a browser decides what is sent, so that another page could send it as well.
    const fromPage = headers["sec-fetch-site"];
    if (fromPage !== undefined && fromPage !== "same-origin" && !(READS.has(method) && fromPage === "none"))
      throw foreign();
    const mustState = access === "admin" && !READS.has(method);
    if ((headers.origin !== undefined || mustState) && headers.origin !== ownOrigin(headers)) throw foreign();
    if (access === "admin" && !(await this.sessions.isOpen(session ?? ""))) throw ended();
  }

  /** The Set-Cookie value of a session; undefined ends it in the browser. */
  cookie(headers: IncomingHttpHeaders, session: string | undefined): string {
    const age = session === undefined ? 0 : SESSION_MS / 1000;
    const secure = isTls(headers) ? "; Secure" : "";
    return `${cookieName(headers)}=${session ?? ""}; Path=/admin; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
  }
}

const cookieName = ({ host }: IncomingHttpHeaders): string => `headgate_${portOf(host)}`;

/** The session that a browser sends. */
export function sessionOf(headers: IncomingHttpHeaders): string | undefined {
  const name = cookieName(headers);
  for (const part of headers.cookie?.split(";") ?? []) {
    const [key, value] = part.trim().split("=", 2);
    if (key === name && value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value)) return value;
  }
  return undefined;
}

/** A proxy in front of the gateway says so; a page cannot set the header of a navigation or of a form. */
const isTls = (headers: IncomingHttpHeaders): boolean => headers["x-forwarded-proto"] === "https";

const ownOrigin = (headers: IncomingHttpHeaders): string =>
  `${isTls(headers) ? "https" : "http"}://${(headers.host ?? "").toLowerCase()}`;

const misdirected = (host: string | undefined): ClientError =>
  new ClientError({
    status: 421,
    type: "invalid_request_error",
    code: "host_not_allowed",
    message: `The Host header ${quoted(host)} is not a name under which this gateway's page and admin routes are reached. Add the name to HEADGATE_ALLOWED_HOSTS, or use the address that the gateway listens on.`,
  });

const foreign = (): ClientError =>
  new ClientError({
    status: 403,
    type: "permission_error",
    code: "foreign_origin",
    message:
      "The request does not come from the gateway's own page, so the session is not accepted. Behind a proxy with TLS, let it send X-Forwarded-Proto: https and keep the Host header.",
  });

const ended = (): ClientError =>
  new ClientError({
    status: 401,
    type: "authentication_error",
    code: "session_ended",
    message: "The session has ended. Sign in again with the key that `headgate key` prints.",
  });
