/** All models that a provider lists, over all pages. */
import type { ListedModel } from "@headgate/adapter-kit";
import type { Failure } from "@headgate/contract";
import { observed } from "../../upstream/outcome.ts";
import { hideIn, type KeyAccess } from "./key-access.ts";
import { failureOf, fetchListing, NO_ROUTE, type UpstreamTarget } from "./try-model.ts";

export interface Listing {
  /** Each id once, in the provider's order. */
  readonly models: readonly ListedModel[];
  /** How many entries name no model. */
  readonly unreadable: number;
}

/** OpenRouter's few hundred models are one page. A provider with more pages than this links in a circle. */
const MAX_PAGES = 100;
const MAX_MODELS = 20_000;

/** A list with a failed page is a failure: the missing models could be on that page. */
export async function listModels(target: UpstreamTarget, access: KeyAccess): Promise<Listing | Failure> {
  const { adapter, provider, nowMs } = target;
  const { listing } = adapter;
  if (listing === undefined) return wrong("its wire has no list of models", "server_error");
  const models = new Map<string, ListedModel>();
  const seen = new Set<string>();
  let unreadable = 0;
  let cursor: string | undefined;
  do {
    if (seen.size === MAX_PAGES) return wrong(`its list of models has more than ${MAX_PAGES} pages`);
    const reply = await fetchListing(
      target,
      listing,
      listing.page(access.baseUrl, cursor),
      access.baseUrl,
      access.headers,
    );
    if (!reply.ok) return hideIn(reply.failure, access);
    const { status } = reply;
    if (NO_ROUTE.has(status))
      return wrong(`there is no list of models here (HTTP ${status})`, "server_error");
    if (status < 200 || status > 299) return hideIn(failureOf(reply, provider, access, nowMs()), access);
    if (reply.cut === true) return wrong("its list of models is too large to read");
    const page = listing.read(reply.body);
    if (page === undefined) return wrong(`HTTP ${status} with something that is no list of models`);
    for (const model of page.models) if (!models.has(model.id)) models.set(model.id, model);
    if (models.size > MAX_MODELS) return wrong(`it lists more than ${MAX_MODELS} models`);
    unreadable += page.unreadable;
    cursor = page.next;
    if (cursor !== undefined && seen.has(cursor)) return wrong("the pages of its list lead in a circle");
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
  if (models.size === 0) return wrong("it lists no model at all");
  return { models: [...models.values()], unreadable };
}

const wrong = (message: string, failure: Failure["class"] = "malformed"): Failure =>
  observed(failure, message, "provider");
