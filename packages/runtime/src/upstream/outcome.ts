import type { Failure, FailureClass, FailureScope, LimitReading, Usage } from "@headgate/contract";

/** What an attempt observed besides its answer. */
export interface Seen {
  /** The limits that the upstream reported. */
  readonly readings: readonly LimitReading[];
  /** From sending the request to the first content; absent where none came. */
  readonly firstTokenMs?: number;
}

/** How one attempt ended. */
export type Outcome = { readonly seen?: Seen } & Ending;

type Ending =
  /** The client has the whole answer. */
  | { readonly kind: "answered"; readonly usage?: Usage }
  /**
   * Nothing reached the client; another candidate may be tried. `stale`: a kept connection was closed just as it was
   * reused, so the upstream has not seen the request and a new connection may work.
   */
  | { readonly kind: "failed"; readonly failure: Failure; readonly stale?: true }
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

/** A transport error in words that need no knowledge of undici. */
export function transportFailure(error: Error & { code?: string }): Failure {
  const code = error.code ?? "";
  if (code === "UND_ERR_CONNECT_TIMEOUT")
    return observed("timeout", "no connection within the connect timeout");
  if (code.startsWith("HPE_")) return observed("malformed", `not valid HTTP (${code})`);
  if (code === "ECONNREFUSED") return observed("network", "connection refused");
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return observed("network", "its name does not resolve");
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET" || code === "EPIPE") {
    return observed("network", "the connection was reset");
  }
  if (code.startsWith("ERR_TLS") || code.includes("CERT")) return observed("network", `TLS failed (${code})`);
  return observed("network", code === "" ? "the connection failed" : `the connection failed (${code})`);
}

const TIME_USED_UP = "the request's time is used up";

/** The end of the request's own time, which is no candidate's fault. */
export const timeUsedUp = (scope: FailureScope): Failure => observed("timeout", TIME_USED_UP, scope);

export const isTimeUsedUp = ({ class: kind, message }: Failure): boolean =>
  kind === "timeout" && message === TIME_USED_UP;
