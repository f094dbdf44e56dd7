/**
 * Who sends a request, by its key: the operator, whose key it is that `headgate key` prints, or a client. The key may come as
 * `Authorization: Bearer`, `x-api-key`, `api-key` or `x-goog-api-key`, and on some routes in the query. URLs are logged
 * without their query.
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ClientError } from "./client-error.ts";
import { WrongKeys } from "./wrong-keys.ts";

const LENGTH_BYTES = 4;
/** Longer than any usual key. */
const MIN_COMPARED_BYTES = 512;

/** One of the operator's keys. */
export interface OperatorKey {
  readonly key: string;
  /** After a rotation: until when the old one is valid, ms since the epoch. */
  readonly untilMs?: number;
}

/** A request without a valid key; its answer is sent after a delay where the address sent several wrong ones. */
export class WrongKey extends ClientError {
  readonly delayMs: number;
  constructor(code: string, message: string, delayMs: number) {
    super({ status: 401, type: "authentication_error", code, message });
    this.delayMs = delayMs;
  }
}

/** The code of a client key that never was, or is of no client here. */
export const UNKNOWN_CLIENT_KEY = "unknown_client_key";

/** Answers that wait at once; beyond them one is sent at once. */
const MAX_WAITING = 256;
let waiting = 0;

/** Sends the refusal of a wrong key after its delay, and every other one at once. */
export function afterDelay(error: unknown, refuse: () => void): void {
  if (!(error instanceof WrongKey) || error.delayMs === 0 || waiting >= MAX_WAITING) {
    refuse();
    return;
  }
  waiting += 1;
  setTimeout(() => {
    waiting -= 1;
    refuse();
  }, error.delayMs).unref();
}

export interface KeyCheckerInput<Client> {
  readonly nowMs: () => number;
  /** The client of a key; undefined for text that has not the form of a client key. @throws {ClientError} */
  readonly client: (key: string) => Client | undefined;
}

/**
 * Keys are compared with their lengths, in buffers of one size, so that the timing shows neither bytes nor length.
 */
export class KeyChecker<Client> {
  readonly #input: KeyCheckerInput<Client>;
  readonly #wrong: WrongKeys;
  #expected: readonly { readonly padded: Buffer; readonly untilMs: number }[] = [];
  /** One buffer for all requests: a comparison ends before the next begins. */
  #sent = Buffer.alloc(0);

  constructor(keys: readonly OperatorKey[], input: KeyCheckerInput<Client>) {
    this.#input = input;
    this.#wrong = new WrongKeys(input.nowMs);
    this.setKeys(keys);
  }

  /** The operator's keys from the next request on. */
  setKeys(keys: readonly OperatorKey[]): void {
    const longest = Math.max(MIN_COMPARED_BYTES, ...keys.map(({ key }) => Buffer.byteLength(key)));
    const size = LENGTH_BYTES + longest;
    this.#sent = Buffer.alloc(size);
    this.#expected = keys.map(({ key, untilMs = Number.POSITIVE_INFINITY }) => ({
      padded: padded(key, Buffer.alloc(size)),
      untilMs,
    }));
  }

  /**
   * @returns the client; undefined for the operator
   * @throws {ClientError} 401
   */
  check(headers: IncomingHttpHeaders, address: string | undefined, queryKey?: unknown): Client | undefined {
    const given = keyIn(headers) ?? (typeof queryKey === "string" ? queryKey : undefined);
    if (given === undefined)
      throw new WrongKey(
        "missing_api_key",
        "No API key was sent. Send `Authorization: Bearer <key>`; `headgate key` prints the key.",
        0,
      );
    const sent = padded(given, this.#sent);
    for (const { padded: expected, untilMs } of this.#expected)
      if (
        timingSafeEqual(sent, expected) &&
        (untilMs === Number.POSITIVE_INFINITY || untilMs > this.#input.nowMs())
      )
        return undefined;
    try {
      const client = this.#input.client(given);
      if (client !== undefined) return client;
    } catch (error) {
      if (!(error instanceof ClientError) || error.status !== 401) throw error;
      const guessed = error.code === UNKNOWN_CLIENT_KEY;
      const delayMs = guessed ? this.#wrong.add(address ?? "") : 0;
      throw new WrongKey(error.code ?? "invalid_api_key", error.message, delayMs);
    }
    throw new WrongKey(
      "invalid_api_key",
      "The API key is not this gateway's. `headgate key` prints the operator's, and `headgate clients list` shows who else has one.",
      this.#wrong.add(address ?? ""),
    );
  }
}

function padded(text: string, buffer: Buffer): Buffer {
  buffer.fill(0);
  buffer.writeUInt32LE(Buffer.byteLength(text), 0);
  buffer.write(text, LENGTH_BYTES);
  return buffer;
}

function keyIn(headers: IncomingHttpHeaders): string | undefined {
  const authorization = headers.authorization;
  if (authorization !== undefined) {
    return authorization.slice(0, 7).toLowerCase() === "bearer " ? authorization.slice(7).trim() : undefined;
  }
  const plain = headers["x-api-key"] ?? headers["api-key"] ?? headers["x-goog-api-key"];
  return typeof plain === "string" ? plain : undefined;
}
