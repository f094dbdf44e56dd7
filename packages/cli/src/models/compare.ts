/** Compares a provider's list with its fragment: new models, missing ones, and those that do not belong there. */
import type { CatalogModel, CatalogProvider } from "@headgate/contract";
import { printable } from "@headgate/diagnostics";
import type { Candidate, ListedModel } from "@headgate/runtime/refresh-models";
import { type Changed, compareFacts } from "./changed.ts";
import type { KnownFailure } from "./failure-cache.ts";

export interface LeftOut {
  readonly upstream: string;
  readonly reason: string;
}

export interface Comparison {
  /** Listed, and in the fragment. */
  readonly unchanged: readonly CatalogModel[];
  /** Listed with other facts than the fragment's. */
  readonly changed: readonly Changed[];
  /** Listed with facts that are more likely a mistake of the list. */
  readonly doubtful: readonly { readonly model: CatalogModel; readonly reason: string }[];
  /** In the fragment, and retired or no longer free. */
  readonly gone: readonly { readonly model: CatalogModel; readonly reason: string }[];
  /** In the fragment and not listed; tested before they count as retired. */
  readonly unlisted: readonly CatalogModel[];
  /** In the fragment and not listed, and no call can show whether they are retired. */
  readonly kept: readonly { readonly model: CatalogModel; readonly reason: string }[];
  /** Listed and not in the fragment; to be tested. */
  readonly fresh: readonly ListedModel[];
  /** New as well, but with an earlier permanent failure. */
  readonly known: readonly { readonly upstream: string; readonly failure: KnownFailure }[];
  /** Listed, and not suited to this fragment. */
  readonly leftOut: readonly LeftOut[];
}

export interface CompareInput {
  readonly provider: CatalogProvider;
  readonly listed: readonly ListedModel[];
  /** Models to skip; empty when they are to be tested again. */
  readonly failures: ReadonlyMap<string, KnownFailure>;
}

export function compare({ provider, listed, failures }: CompareInput): Comparison {
  const byName = new Map<string, ListedModel>();
  for (const model of listed) for (const name of model.alsoNamed ?? []) byName.set(name, model);
  for (const model of listed) byName.set(model.id, model);
  const result = {
    unchanged: [] as CatalogModel[],
    changed: [] as Changed[],
    doubtful: [] as { model: CatalogModel; reason: string }[],
    gone: [] as { model: CatalogModel; reason: string }[],
    unlisted: [] as CatalogModel[],
    kept: [] as { model: CatalogModel; reason: string }[],
    fresh: [] as ListedModel[],
    known: [] as { upstream: string; failure: KnownFailure }[],
    leftOut: [] as LeftOut[],
  };
  const prices = pricesOf(provider, listed, byName);
  for (const model of provider.models) {
    if (model.retired !== undefined) continue;
    const entry = byName.get(model.upstream);
    if (prices === "reliable" && model.tier === "free" && entry?.price === "paid") {
      result.gone.push({ model, reason: "it costs money now" });
    } else if (entry !== undefined) {
      result.unchanged.push(model);
      if (provider.tier !== "local") compareFacts(model, entry, result);
    } else if (provider.tier === "local")
      result.kept.push({ model, reason: "it is not downloaded on this server" });
    else if (model.served && (model.operation === "chat" || model.operation === "embedding"))
      result.unlisted.push(model);
    else
      result.kept.push({
        model,
        reason: `it is not listed, and ${model.operation} is not tested; check whether it is retired`,
      });
  }
  const own = new Set(provider.models.map(({ upstream }) => upstream));
  const taken = new Map<string, string>();
  for (const model of listed) {
    const names = [model.id, ...(model.alsoNamed ?? [])];
    if (names.some((name) => own.has(name))) continue;
    const twin = names.map((name) => taken.get(name)).find((id) => id !== undefined);
    const reason =
      twin === undefined ? reasonAgainst(model, provider, prices) : `it is ${twin} under another name`;
    const failure = failures.get(model.id);
    if (reason !== undefined) {
      result.leftOut.push({ upstream: shown(model.id), reason });
      continue;
    }
    for (const name of names) taken.set(name, model.id);
    if (failure === undefined) result.fresh.push(model);
    else result.known.push({ upstream: model.id, failure });
  }
  return result;
}

/**
 * `reliable`: the prices show which models are free, as OpenRouter's do. `unreliable`: the fragment's own free models have
 * a price too, as where an account has a free allowance of paid models.
 */
type Prices = "absent" | "reliable" | "unreliable";

function pricesOf(
  { models }: CatalogProvider,
  listed: readonly ListedModel[],
  byName: ReadonlyMap<string, ListedModel>,
): Prices {
  if (listed.every(({ price }) => price === undefined)) return "absent";
  const own = models.flatMap(({ tier, upstream }) => {
    const price = tier === "free" ? byName.get(upstream)?.price : undefined;
    return price === undefined ? [] : [price];
  });
  const judges = own.length > 0 ? own : listed.map(({ price }) => price);
  return judges.includes("free") ? "reliable" : "unreliable";
}

/** The models to test, possibly retired ones first. */
export const candidatesOf = ({ unlisted, fresh }: Comparison): readonly Candidate[] => [
  ...unlisted.map(({ upstream, operation }) => ({
    upstream,
    operation: operation === "embedding" ? operation : ("chat" as const),
  })),
  ...fresh
    .filter(({ described }) => described !== true)
    .map(({ id }) => ({ upstream: id, operation: "chat" as const })),
];

/** A longer id is cut in a report, in characters. */
const MAX_SHOWN = 80;
const shown = (id: string): string => {
  const text = printable(id.replace(/[^\x20-\x7e]/g, "\ufffd"));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
};

/** What names suggest where the list states no operation. Used only to leave a model out, with its reason. */
const HINTS: readonly (readonly [name: RegExp, what: string])[] = [
  [/whisper|transcri|(^|[-_/])(asr|stt|parakeet|canary)([-_/.]|$)/i, "transcription"],
  [/(^|[-_/])tts([-_/.]|$)|speech|voice|(^|[-_/])audio([-_/.]|$)/i, "speech"],
  [/embed|(^|[-_/])(bge|e5|gte)[-_]/i, "embedding"],
  [/rerank/i, "reranking"],
  [/guard|moderation|safety/i, "moderation"],
  [/(^|[-_/])ocr([-_/.]|$)/i, "text recognition"],
  [/dall-?e|(^|[-_/])(flux|sdxl|imagen|image)([-_/.]|$)|stable-diffusion/i, "images"],
  [/(^|[-_/])(sora|veo|video)([-_/.]|$)/i, "video"],
];

function reasonAgainst(
  { id, operations, price }: ListedModel,
  { tier }: CatalogProvider,
  prices: Prices,
): string | undefined {
  if (!/^[\x21-\x7e]{1,256}$/.test(id))
    return "its id is longer than 256 characters, or not all of them are visible ASCII";
  if (operations !== undefined && !operations.includes("chat")) {
    const [does] = operations;
    if (does === undefined) return "it has none of the supported operations";
    if (does === "embedding") return "embedding: add it by hand, with its vector space";
    return `${does}: add it by hand`;
  }
  if (tier === "free" && price === "paid")
    return prices === "reliable"
      ? "it costs money"
      : "it has a price, as the fragment's free models have too; if it is free as well, add it by hand";
  if (tier === "free" && prices !== "absent" && price === undefined) return "its price is not stated";
  if (operations !== undefined) return undefined;
  const hint = HINTS.find(([name]) => name.test(id));
  return hint === undefined
    ? undefined
    : `its name suggests ${hint[1]}, and the list states no operation; if it is a chat model, add it by hand`;
}
