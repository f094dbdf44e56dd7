/**
 * A second attempt without what the candidate refused: a field that it does not know, or reasoning that it did not seal.
 * Nothing of the answer depends on either.
 */
import {
  type Adapter,
  isObject,
  parseJson,
  refusedField,
  refusesSeal,
  withoutField,
} from "@headgate/adapter-kit";
import type { Failure, JsonObject } from "@headgate/contract";
import type { Candidate } from "@headgate/router";
import type { SentRequest } from "../codec/exchange-codec.ts";
import { type ExchangeState, via } from "./exchange-state.ts";

type Mending = Pick<ExchangeState, "unsealed"> & {
  readonly context: Pick<ExchangeState["context"], "nowMs" | "refused">;
};

interface Body {
  readonly bytes: Buffer;
  readonly json: JsonObject;
}

function bodyOf({ body }: SentRequest): Body | undefined {
  if (!Buffer.isBuffer(body)) return undefined;
  const json = parseJson(body.toString("utf8"));
  return isObject(json) ? { bytes: body, json } : undefined;
}

/**
 * Learns from a refusal what to leave out.
 * @param sent the request that was refused
 * @returns whether the next attempt is another request
 */
export function learnsFrom(
  { context: { nowMs, refused }, unsealed }: Mending,
  { candidate, failure }: { readonly candidate: Candidate; readonly failure: Failure },
  sent: SentRequest,
  adapter: Adapter,
): boolean {
  if (failure.class !== "bad_request" || (failure.status !== 400 && failure.status !== 422)) return false;
  const path = refusedField(failure.message);
  const sealed = path === undefined && refusesSeal(`${failure.message} ${failure.code ?? ""}`);
  if (path === undefined && (!sealed || unsealed.has(candidate))) return false;
  const body = bodyOf(sent);
  if (body === undefined) return false;
  if (path !== undefined)
    return withoutField(body, path) !== undefined && refused.learn(via(candidate), path, nowMs());
  if (adapter.unsealed?.(body) === undefined) return false;
  unsealed.add(candidate);
  return true;
}

/** The request without what this candidate is known to refuse; the same object where that is nothing. */
export function mended(
  { context: { nowMs, refused }, unsealed }: Mending,
  candidate: Candidate,
  sent: SentRequest,
  adapter: Adapter,
): SentRequest {
  const fields = refused.of(via(candidate), nowMs());
  const unseal = unsealed.size > 0 && unsealed.has(candidate);
  if (fields.length === 0 && !unseal) return sent;
  let body = bodyOf(sent);
  const dropped = [...sent.dropped];
  const take = (bytes: Buffer | undefined, name: string): void => {
    const json = bytes === undefined ? undefined : parseJson(bytes.toString("utf8"));
    if (bytes === undefined || !isObject(json)) return;
    body = { bytes, json };
    if (!dropped.includes(name)) dropped.push(name);
  };
  if (body === undefined) return sent;
  for (const { field, path } of fields) take(withoutField(body, path), field);
  if (unseal) take(adapter.unsealed?.(body), "messages[].reasoning");
  return { ...sent, body: body.bytes, dropped };
}
