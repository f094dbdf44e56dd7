/** A request's timeouts, hedge and continuation: its route's policy, overridden by its headers. */
import type { IncomingHttpHeaders } from "node:http";
import { MAX_POLICY_MS, MIDSTREAM, type Midstream, present, type RoutePolicy } from "@headgate/contract";
import { badRequest, type ClientError, quoted } from "../http/client-error.ts";

const FIRST_TOKEN = "x-headgate-first-token-ms";
const HEDGE_AFTER = "x-headgate-hedge-after-ms";
const MID = "x-headgate-midstream";
const LOCAL_WAIT = "x-headgate-local-wait-ms";

/** Undefined where the defaults apply. @throws {ClientError} 400 that names the header */
export function policyOf(
  policy: RoutePolicy | undefined,
  headers: IncomingHttpHeaders,
): RoutePolicy | undefined {
  const first = headers[FIRST_TOKEN];
  const hedge = headers[HEDGE_AFTER];
  const mid = headers[MID];
  const local = headers[LOCAL_WAIT];
  if (first === undefined && hedge === undefined && mid === undefined && local === undefined) return policy;
  return {
    ...policy,
    ...present({
      firstTokenMs: wholeMs(FIRST_TOKEN, first, 1),
      hedgeAfterMs: wholeMs(HEDGE_AFTER, hedge, 0),
      midstream: midstream(mid),
      localWaitMs: wholeMs(LOCAL_WAIT, local, 0),
    }),
  };
}

function wholeMs(
  name: string,
  value: string | readonly string[] | undefined,
  least: number,
): number | undefined {
  if (value === undefined) return undefined;
  const ms = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (ms >= least && ms <= MAX_POLICY_MS) return ms;
  throw refused(name, value, `a whole number of milliseconds from ${least} to ${MAX_POLICY_MS}`);
}

function midstream(value: string | readonly string[] | undefined): Midstream | undefined {
  if (value === undefined) return undefined;
  const known = MIDSTREAM.find((one) => one === value);
  if (known === undefined) throw refused(MID, value, `one of ${MIDSTREAM.join(", ")}`);
  return known;
}

const refused = (name: string, value: string | readonly string[], must: string): ClientError =>
  badRequest(`The header ${name} must be ${must}; not ${quoted(value)}.`, name);
