/** Reads providers' lists of models and tries models. Separate from the gateway's entry, so that `serve` does not load it. */
import type { ListedModel } from "@headgate/adapter-kit";
import type { Failure, RoutedProvider, RoutingTable } from "@headgate/contract";
import type { Secrets } from "../upstream/live-table.ts";
import { eachProvider } from "./verify/each-provider.ts";
import { keyAccess } from "./verify/key-access.ts";
import { type Listing, listModels } from "./verify/list-models.ts";
import { type Candidate, type Probing, probe, sharesLimits } from "./verify/probe.ts";
import type { UpstreamTarget } from "./verify/try-model.ts";

export type { ListedModel } from "@headgate/adapter-kit";
export type { Listing } from "./verify/list-models.ts";
export type { Candidate, Probe } from "./verify/probe.ts";

export interface SurveyInput {
  readonly table: RoutingTable;
  readonly secrets: Secrets;
  readonly version: string;
  /** Per request. */
  readonly timeoutMs: number;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** Only these providers, by id. */
  readonly only: ReadonlySet<string>;
  /** Of these only the list is read, without a key. */
  readonly keyless?: ReadonlySet<string>;
  /** Chooses the listed models to try. */
  readonly choose: (provider: RoutedProvider, models: readonly ListedModel[]) => readonly Candidate[];
  /** How many providers are surveyed at once. Default 8. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly listed: number;
  readonly providers: number;
  readonly tried: number;
  readonly toTry: number;
}

export interface Survey extends Probing {
  readonly provider: RoutedProvider;
  /** A failure: its models are unknown, and none was tried. It holds no part of a key. */
  readonly listing: Listing | Failure;
}

export interface Surveys {
  /** In the table's order. */
  readonly surveys: readonly Survey[];
  /** Providers that answer in-process: they have no list. */
  readonly inProcess: readonly RoutedProvider[];
}

export const isListing = (listing: Listing | Failure): listing is Listing => "models" in listing;

export async function surveyModels(input: SurveyInput): Promise<Surveys> {
  const progress = { listed: 0, providers: 0, tried: 0, toTry: 0 };
  const { results, inProcess } = await eachProvider(
    input,
    ({ id }) => input.only.has(id),
    (target, all) => {
      progress.providers = all.length;
      return survey(target, input, progress);
    },
  );
  return { surveys: results, inProcess };
}

type Counted = { -readonly [Name in keyof Progress]: number };

async function survey(target: UpstreamTarget, input: SurveyInput, progress: Counted): Promise<Survey> {
  const { provider } = target;
  const { table, choose, wait, onProgress } = input;
  const { access, listing } = await listWithSomeKey(target, input);
  progress.listed += 1;
  if (access === undefined || !isListing(listing)) {
    onProgress?.({ ...progress });
    return { provider, listing, probes: [] };
  }
  const chosen = choose(provider, listing.models);
  const candidates = input.keyless?.has(provider.id) === true ? [] : chosen;
  progress.toTry += candidates.length;
  onProgress?.({ ...progress });
  const index = table.providers.indexOf(provider);
  const probing = await probe(target, access, candidates, {
    index,
    shared: sharesLimits(
      provider,
      table.deployments.filter((deployment) => deployment.provider === index),
    ),
    wait,
    onProbed() {
      progress.tried += 1;
      onProgress?.({ ...progress });
    },
  });
  return { provider, listing, ...probing };
}

/** The first key whose list can be read; a server that cannot be reached is not tried with the next one. */
async function listWithSomeKey(target: UpstreamTarget, input: SurveyInput) {
  const { provider } = target;
  let first: Failure | undefined;
  for (const variable of provider.keyVars.length === 0 ? [undefined] : provider.keyVars) {
    const found = keyAccess(provider, variable, input);
    const isOpen = input.keyless?.has(provider.id) === true && !("class" in found);
    const access = isOpen ? { ...found, headers: found.openHeaders ?? found.headers } : found;
    const listing = "class" in access ? access : await listModels(target, access);
    if (!("class" in access) && isListing(listing)) return { access, listing };
    if (isListing(listing)) continue;
    first ??= listing;
    if (listing.class === "network" || listing.class === "timeout") break;
  }
  if (first === undefined) throw new Error(`${provider.id}: no key was tried`);
  return { access: undefined, listing: first };
}
