/** POST, GET and DELETE /admin/session, and POST /admin/session/links. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { badRequest, ClientError } from "../../http/client-error.ts";
import { parseJsonBody } from "../../http/json-body.ts";
import { SignInAttempts } from "./attempts.ts";
import { type Gate, sessionOf } from "./gate.ts";
import { LINK_MS } from "./sessions.ts";

export interface SignInInput {
  readonly gate: Gate;
  readonly nowMs: () => number;
  readonly version: string;
  readonly page: "on" | "off";
  /** @throws {ClientError} 401 unless the headers carry the master key */
  readonly checkKey: (headers: { readonly authorization: string }, address: string | undefined) => void;
}

export class SignIn {
  readonly #input: SignInInput;
  readonly #attempts = new SignInAttempts();

  constructor(input: SignInInput) {
    this.#input = input;
  }

  /** With the master key, or with the token of a one-time link. */
  async open(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { gate, nowMs, page } = this.#input;
    if (page === "off") throw noPage();
    const { key, link } = parseJsonBody(request.body).json;
    if ((typeof key === "string") === (typeof link === "string"))
      throw badRequest("Either `key` or `link` must be a text.", "key");
    const address = request.socket.remoteAddress ?? "";
    const waitMs = this.#attempts.waitMs(address, nowMs());
    if (waitMs > 0) throw tooMany(waitMs);
    try {
      if (typeof link === "string") await this.#takeLink(link);
      else this.#input.checkKey({ authorization: `Bearer ${String(key).trim()}` }, undefined);
    } catch (error) {
      this.#attempts.failed(address, nowMs());
      throw error;
    }
    const session = await gate.sessions.open();
    return reply.code(204).header("set-cookie", gate.cookie(request.headers, session)).send();
  }

  async #takeLink(link: string): Promise<void> {
    if (await this.#input.gate.sessions.takeLink(link)) return;
    throw new ClientError({
      status: 401,
      type: "authentication_error",
      code: "link_expired",
      message:
        "The link was used already, or is older than a minute. `headgate open` prints a new one; the key that `headgate key` prints works as well.",
    });
  }

  state({ headers }: FastifyRequest) {
    const { version } = this.#input;
    return { version, by: sessionOf(headers) === undefined ? "key" : "session" };
  }

  async close({ headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { gate } = this.#input;
    const session = sessionOf(headers);
    if (session !== undefined) await gate.sessions.close(session);
    return reply.code(204).header("set-cookie", gate.cookie(headers, undefined)).send();
  }

  async makeLink() {
    const { gate, nowMs, page } = this.#input;
    if (page === "off") throw noPage();
    const expiresAtMs = nowMs() + LINK_MS;
    const token = await gate.sessions.makeLink();
    // Behind a #, so that the token is in no log of a proxy and in no Referer.
    return { path: `/#/sign-in?link=${token}`, expires_at: new Date(expiresAtMs).toISOString() };
  }
}

const noPage = (): ClientError =>
  new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "page_off",
    message: "The page is off: HEADGATE_PAGE=off. Set it to on and restart the gateway.",
  });

const tooMany = (waitMs: number): ClientError =>
  new ClientError({
    status: 429,
    type: "rate_limit_error",
    code: "too_many_attempts",
    message: `Too many wrong keys in a minute; try again in ${Math.ceil(waitMs / 1000)} s.`,
    retryAfterMs: waitMs,
  });
