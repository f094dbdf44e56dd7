/** A behaviour: a name and a plan, which is a list of steps on the wire. */

import type { Gate } from "./gate.ts";
import type { LabRequest } from "./lab-request.ts";

/** Lower-case names; a list is sent as several header lines. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

export type Step =
  /** Status line and headers, sent at once. `framing: "close"`: the body lasts until the connection ends. */
  | {
      readonly kind: "head";
      readonly status: number;
      readonly headers: Headers;
      readonly framing?: "close" | undefined;
    }
  /** Body bytes, one chunk on the wire, sent before the next step. */
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  /** Bytes past HTTP's framing, straight to the socket. */
  | { readonly kind: "raw"; readonly bytes: Buffer }
  | { readonly kind: "gate"; readonly gate: Gate }
  /** For use by hand; tests use gates. */
  | { readonly kind: "pause"; readonly ms: number }
  /** Waits until the client or the lab closes. */
  | { readonly kind: "forever" }
  /** Connection closed (FIN) though the message is not whole. */
  | { readonly kind: "cut" }
  /** Connection reset (RST). */
  | { readonly kind: "reset" };

export type Plan = Iterable<Step> | AsyncIterable<Step>;

/**
 * The end of a plan ends the response as HTTP requires. `plan` is called once per request; a generator's
 * `finally` runs at the end of the request in every case.
 */
export interface Behaviour {
  readonly name: string;
  plan(request: LabRequest): Plan;
}

/** A custom behaviour. */
export function behaviour(name: string, plan: (request: LabRequest) => Plan): Behaviour {
  return { name, plan };
}
