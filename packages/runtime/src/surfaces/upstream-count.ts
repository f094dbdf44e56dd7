/** A prompt's tokens as its provider counts them, where the provider has the client's wire. */
import type { NativeBody } from "@headgate/adapter-kit";
import { type IndexedRoute, notAllowed } from "@headgate/router";
import type { ActiveClient } from "../clients/active-client.ts";
import { fetchReply } from "../upstream/fetch-reply.ts";
import type { LiveTable } from "../upstream/live-table.ts";

/** A client waits for a count before it sends the prompt; the estimate after it is good enough. */
const TIMEOUT_MS = 3_000;

/**
 * Asks the route's first candidate, unless it cools down or the client's rules leave it out.
 * @returns undefined where it has another wire, or gives no count
 */
export async function upstreamCount(
  live: LiveTable,
  route: IndexedRoute,
  wire: string,
  body: NativeBody,
  client: ActiveClient | undefined,
  nowMs: number,
): Promise<number | undefined> {
  const candidate = route.chain[0]?.candidates[0];
  if (candidate === undefined || candidate.opensAtMs > nowMs) return undefined;
  // The prompt goes to no provider that the client's rules leave out.
  if (notAllowed(client?.facts, candidate) !== undefined) return undefined;
  const { adapter, http } = live.endpoint(candidate);
  const counting = adapter.chat?.wire === wire ? adapter.chat.native?.counting : undefined;
  if (counting === undefined || http === undefined) return undefined;
  const { path, headers, body: bytes } = counting.encode(body, candidate);
  const request = {
    method: "POST",
    path: http.basePath + path,
    headers: [...http.headers, ...Object.entries(headers).flat()],
    body: bytes,
  } as const;
  const reply = await fetchReply(http.pool, request, TIMEOUT_MS);
  return reply.ok && reply.status === 200 ? counting.read(reply.body) : undefined;
}
