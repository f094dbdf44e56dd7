/** The conversation up to and with a stored response: the inputs and outputs of the chain that leads to it. */
import type { JsonObject } from "@headgate/contract";
import { badRequest, quoted } from "../../../http/client-error.ts";
import { outputOf } from "./input.ts";
import type { ResponseStore, StoredResponse } from "./store.ts";

/** @throws {ClientError} 400 when the response, or one that it builds on, is not kept (any more). */
export function historyOf(id: string, store: ResponseStore): readonly JsonObject[] {
  return chainTo(id, store).flatMap(({ input, response }) => [...input, ...outputOf(response)]);
}

/** The chain's first comes first. @throws {ClientError} */
export function chainTo(id: string, store: ResponseStore): readonly StoredResponse[] {
  const chain: StoredResponse[] = [];
  let next: unknown = id;
  while (typeof next === "string") {
    const stored = store.get(next);
    if (stored === undefined) throw notFound(next, id);
    chain.push(stored);
    next = stored.response.previous_response_id;
  }
  return chain.reverse();
}

function notFound(missing: string, requested: string) {
  const builds = missing === requested ? "" : `, on which ${quoted(requested)} builds`;
  return badRequest(
    `Previous response with id ${quoted(missing)}${builds}, not found: it was not stored, or has been deleted or forgotten.`,
    "previous_response_id",
    "previous_response_not_found",
  );
}
