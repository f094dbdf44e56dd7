import type { Failure, FailureClass, FailureScope, LimitReading, Usage } from "@headgate/contract";

/** The upstream reset or closed the connection before any content. */
export interface Reset {
  readonly beforeAnyByte: boolean;
  /** The connection is older than the request. */
  readonly kept: boolean;
  readonly sinceSentMs: number;
}

/** What an attempt observed besides its answer. */
export interface Seen {
  /** The limits that the upstream reported. */
  readonly readings: readonly LimitReading[];
  /** From sending the request to the first content; absent where none came. */
  readonly firstTokenMs?: number;
  /** The answer was a stream. */
  readonly streamed?: true;
  /** An estimate where the upstream counted nothing: the pieces of its stream. */
  readonly outputTokens?: number;
}

/** How one attempt ended. */
export type Outcome = { readonly seen?: Seen } & Ending;

type Ending =
  /** The client has the whole answer. */
  | { readonly kind: "answered"; readonly usage?: Usage }
  /** Nothing reached the client; another candidate may be tried. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly reset?: Reset; readonly empty?: true }
  /** The stream broke after content had reached the client. */
  | { readonly kind: "broken"; readonly failure: Failure; readonly usage?: Usage }
  /** The client went away. */
  | { readonly kind: "aborted" };

export const failed = (failure: Failure): Extract<Ending, { kind: "failed" }> => ({
  kind: "failed",
  failure,
});

/** A failure that the gateway observed, not one that the upstream reported. */
export const observed = (
  failureClass: FailureClass,
  message: string,
  scope: FailureScope = "model",
): Failure => ({
  class: failureClass,
  scope,
  message,
});

/** True for a connection that the upstream reset or closed. */
export const isReset = ({ code }: Error & { readonly code?: string }): boolean =>
  code === "ECONNRESET" || code === "UND_ERR_SOCKET" || code === "EPIPE";

/**
 * A transport error in words that need no knowledge of undici.
 * @param proxy the variable that names the proxy in between
 */
export function transportFailure(error: Error & { code?: string }, proxy?: string): Failure {
  const failure = transportError(error);
  if (proxy === undefined) return failure;
  return {
    ...failure,
    message: `${failure.message}; ${proxy} is set, so the request went through that proxy`,
  };
}

function transportError(error: Error & { code?: string }): Failure {
  const code = error.code ?? "";
  if (code === "UND_ERR_CONNECT_TIMEOUT")
    return observed("timeout", "no connection within the connect timeout");
  if (code.startsWith("HPE_")) return observed("malformed", `not valid HTTP (${code})`);
  if (code === "ECONNREFUSED") return observed("network", "connection refused");
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return observed("network", "its name does not resolve");
  if (isReset(error)) return observed("network", "the connection was reset");
  if (code.startsWith("ERR_TLS") || code.includes("CERT")) return observed("network", `TLS failed (${code})`);
  return observed("network", code === "" ? "the connection failed" : `the connection failed (${code})`);
}

const TIME_USED_UP = "the request's time is used up";

/** The end of the request's own time, which is no candidate's fault. */
export const timeUsedUp = (scope: FailureScope): Failure => observed("timeout", TIME_USED_UP, scope);

export const isTimeUsedUp = ({ class: kind, message }: Failure): boolean =>
  kind === "timeout" && message === TIME_USED_UP;

const MEMORY_USED_UP = "the gateway's memory budget has no room for its answer";

/** The end of the gateway's own memory, which is no candidate's fault. */
export const memoryUsedUp = (): Failure => observed("overloaded", MEMORY_USED_UP, "request");

export const isMemoryUsedUp = ({ message }: Failure): boolean => message === MEMORY_USED_UP;
