/** Checks whether one key works, as cheaply as the provider allows. */
import { isObject, parseJson } from "@headgate/adapter-kit";
import type { Deployment, Failure } from "@headgate/contract";
import { observed } from "../../upstream/outcome.ts";
import { hideIn, type KeyAccess } from "./key-access.ts";
import { failureOf, fetchListing, NO_ROUTE, ONE_TOKEN, tryChat, type UpstreamTarget } from "./try-model.ts";

export interface Upstream extends UpstreamTarget {
  /** Its chat models that the adapter serves. */
  readonly chats: readonly Deployment[];
  /** True: only requests that cost nothing are sent, so some keys stay untried. */
  readonly freeOnly?: boolean;
  /** Whether the listing refuses a caller without a key; checked once for all keys of the provider. */
  listingIsClosed?: Promise<boolean>;
}

/** `by`: which request gave the result. A listing that needs no key proves nothing about a key, and a chat costs a token. */
export interface Finding {
  readonly by: "listing" | "chat" | "nothing";
  /** Absent: the key works. */
  readonly failure?: Failure;
}

/** The most models that are tried, when the first ones are gone. */
const MAX_CHATS = 3;

export async function checkKey(upstream: Upstream, access: KeyAccess): Promise<Finding> {
  const finding = await tryKey(upstream, access);
  return finding.failure === undefined ? finding : { ...finding, failure: hideIn(finding.failure, access) };
}

async function tryKey(upstream: Upstream, access: KeyAccess): Promise<Finding> {
  const listed = await list(upstream, access, access.headers);
  if (listed.kind === "refused") return { by: "listing", failure: listed.failure };
  if (listed.kind === "listed") {
    // A local server without a key needs no proof, and a chat could load a model.
    if (access.openHeaders === undefined || upstream.provider.tier === "local") return { by: "listing" };
    upstream.listingIsClosed ??= refusesWithoutKey(upstream, access, access.openHeaders);
    if (await upstream.listingIsClosed) return { by: "listing" };
  }
  return upstream.freeOnly === true ? { by: "nothing" } : chat(upstream, access, listed);
}

type Listed =
  | { readonly kind: "listed" }
  /** The route is missing, forbidden to this key, or answers something else: a chat must decide. */
  | { readonly kind: "unclear"; readonly failure: Failure }
  | { readonly kind: "refused"; readonly failure: Failure };

async function list(upstream: Upstream, access: KeyAccess, headers: readonly string[]): Promise<Listed> {
  const { provider, adapter, nowMs } = upstream;
  const { listing } = adapter;
  if (listing === undefined) {
    return { kind: "unclear", failure: observed("server_error", "its wire has no listing", "provider") };
  }
  const reply = await fetchListing(upstream, listing, listing.path(access.baseUrl), access.baseUrl, headers);
  if (!reply.ok) return { kind: "refused", failure: reply.failure };
  const { status } = reply;
  if (status >= 200 && status < 300) {
    if (isListing(reply.body)) return { kind: "listed" };
    const failure = observed(
      "malformed",
      `HTTP ${status} with something that is no list of models`,
      "provider",
    );
    return { kind: "unclear", failure };
  }
  const failure = failureOf(reply, provider, access, nowMs());
  const forbidden = failure.class === "permission" && failure.scope !== "provider";
  return { kind: NO_ROUTE.has(status) || forbidden ? "unclear" : "refused", failure };
}

async function refusesWithoutKey(
  upstream: Upstream,
  access: KeyAccess,
  openHeaders: readonly string[],
): Promise<boolean> {
  const listed = await list(upstream, access, openHeaders);
  return (
    listed.kind !== "listed" &&
    (listed.failure.status === 401 || /^(dead_key|permission)$/.test(listed.failure.class))
  );
}

async function chat(upstream: Upstream, access: KeyAccess, listed: Listed): Promise<Finding> {
  let failure: Failure | undefined;
  for (const deployment of upstream.chats.slice(0, MAX_CHATS)) {
    const tried = await tryChat(upstream, access, deployment, ONE_TOKEN);
    if (tried === "mute") continue;
    if (tried === "answered") return { by: "chat" };
    failure = tried;
    // A missing model proves nothing about the key: the next model may exist.
    if (failure.class !== "model_gone") break;
  }
  if (failure !== undefined) return { by: "chat", failure };
  if (listed.kind !== "listed") return { by: "listing", failure: listed.failure };
  const unproven =
    "its listing answers without a key too, and no chat model is switched on to try the key on";
  return { by: "listing", failure: observed("permission", unproven, "provider") };
}

/** A bare list (Together), or one under `data` or `models`. */
function isListing(body: Buffer): boolean {
  const json = parseJson(body.toString("utf8"));
  return Array.isArray(json) || (isObject(json) && (Array.isArray(json.data) || Array.isArray(json.models)));
}
