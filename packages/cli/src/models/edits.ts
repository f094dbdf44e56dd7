/** The changes of verdicts in the catalogue's files, as texts. Nothing is written here. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InstalledAdapter } from "@headgate/compiler";
import {
  changeModels,
  changeOverlayModels,
  editModels,
  type FieldChanges,
  insertChain,
  type Pruned,
  pruneFallbacks,
  retireModels,
} from "@headgate/compiler/edit";
import {
  type Catalog,
  type CatalogProvider,
  type Likeness,
  type Model,
  nearestModel,
  present,
  type Retirement,
} from "@headgate/contract";
import type { ListedModel } from "@headgate/runtime/refresh-models";
import { Failure } from "../cli.ts";
import type { Changed } from "./changed.ts";
import type { Reasoned, Verdict } from "./judge.ts";
import { aliasFor, prefixOf } from "./naming.ts";

export interface FileEdit {
  /** As reports name it, with forward slashes. */
  readonly path: string;
  /** The absolute path. */
  readonly target: string;
  /** Absent: it is new. */
  readonly before?: string;
  readonly after: string;
}

export interface Added {
  readonly provider: string;
  readonly alias: string;
  readonly upstream: string;
}

export interface Edits {
  readonly files: readonly FileEdit[];
  readonly added: readonly Added[];
  readonly pruned: readonly Pruned[];
  /** New models for which no alias could be made. */
  readonly nameless: readonly { readonly provider: string; readonly upstream: string }[];
}

/** Where changes are written: the user's overlay, or the fragments of a clone. */
export type EditPlace =
  | { readonly kind: "overlay"; readonly directory: string }
  | { readonly kind: "catalogue"; readonly root: string };

export interface EditInput {
  readonly place: EditPlace;
  readonly catalog: Catalog;
  readonly adapters: readonly InstalledAdapter[];
  readonly verdicts: readonly {
    readonly provider: CatalogProvider;
    readonly verdict: Verdict;
    /** Fields that the provider refuses, to be left out for all its models. */
    readonly refused?: readonly string[];
  }[];
  /** Who says so, by the provider's id; absent: its list. */
  readonly source?: (provider: string) => string;
  /** The day, ISO 8601. */
  readonly date: string;
  /** The day on which a model was last listed, where that is known. */
  readonly lastSeen?: (provider: string, upstream: string) => string | undefined;
}

const FALLBACKS = [
  "fallbacks/fallbacks.json",
  "fallbacks/groups.json",
  "fallbacks/model-map.json",
  "fallbacks/policies.json",
] as const;
const CHAINS = FALLBACKS[0];

type Entry = Model & { readonly comment: string };

/** @throws {Failure} naming a file that cannot be edited in place */
export function makeEdits({
  place,
  catalog,
  adapters,
  verdicts,
  date,
  lastSeen,
  source: sourceOf = listSource,
}: EditInput): Edits {
  const taken = namesIn(catalog);
  const files: FileEdit[] = [];
  const added: Added[] = [];
  const nameless: { provider: string; upstream: string }[] = [];
  const alike = likenessesIn(catalog);
  // What came in this look may be what another is called now.
  const fresh: Likeness[] = [];
  const ending = new Set(
    verdicts.flatMap(({ verdict }) =>
      [...verdict.gone, ...verdict.deprecate].map(({ model }) => model.alias),
    ),
  );
  for (const { provider, verdict, refused = [] } of verdicts) {
    const carried = adapters.find(({ adapter }) => adapter === provider.adapter)?.capabilities ?? [];
    const prefix = prefixOf(
      provider.id,
      provider.models.map(({ alias }) => alias),
    );
    const add: Entry[] = [];
    for (const model of verdict.add) {
      const alias = aliasFor(model.id, prefix, (name) => taken.has(name) && name !== model.id);
      if (alias === undefined) {
        nameless.push({ provider: provider.id, upstream: model.id });
        continue;
      }
      taken.add(alias);
      added.push({ provider: provider.id, alias, upstream: model.id });
      fresh.push(likenessOfListed(model, alias, provider));
      const comment = `listed, and answered, on ${date} (headgate models refresh)`;
      add.push({ ...entryFor(model, alias, provider, carried), comment });
    }
    const endOf = ({ model: { alias, upstream } }: Reasoned): [string, Retirement] => {
      const wanted = alike.get(alias);
      const living = [...alike.values(), ...fresh].filter((one) => !ending.has(one.alias));
      const by = wanted === undefined ? undefined : nearestModel(wanted, living);
      const source = sourceOf(provider.id);
      const day = lastSeen?.(provider.id, upstream) ?? date;
      return [alias, { date: day, source, ...(by === undefined ? {} : { replaced_by: by }) }];
    };
    const retire = new Map(verdict.gone.map(endOf));
    const change = new Map<string, FieldChanges>(
      verdict.changed.map((one) => [one.model.alias, fieldsOf(one, sourceOf(provider.id), date)]),
    );
    for (const one of verdict.deprecate) {
      const [alias, end] = endOf(one);
      change.set(alias, { ...change.get(alias), deprecated: { ...end } });
    }
    if (add.length + retire.size + change.size + refused.length === 0) continue;
    const edit: ProviderEdit = { id: provider.id, retire, add, change, refused, date };
    files.push(
      ...(place.kind === "overlay" ? overlayEdits(place.directory, edit) : fragmentEdits(place.root, edit)),
    );
  }
  if (place.kind === "catalogue" && added.length > 0) files.push(...chainEdits(place.root, added));
  return { files, added, pruned: [], nameless };
}

const FRAGMENT = "provider.yaml";

const listSource = (id: string): string => `the list of ${id}, by headgate models refresh`;

/** The changes of one provider's fragment. */
interface ProviderEdit {
  readonly id: string;
  readonly retire: ReadonlyMap<string, Retirement>;
  readonly add: readonly Entry[];
  readonly change: ReadonlyMap<string, FieldChanges>;
  readonly refused: readonly string[];
  readonly date: string;
}

/** Prices of the cache that the list does not state hold as long as the price of the prompt does. */
function fieldsOf({ model, facts }: Changed, source: string, date: string): FieldChanges {
  const { price, contextTokens, maxOutputTokens, capabilities } = facts;
  const was = model.price?.input === price?.input ? model.price : undefined;
  const rates = price && {
    input: price.input,
    output: price.output,
    ...present({
      cache_read: price.cacheRead ?? was?.cacheRead,
      cache_write: price.cacheWrite ?? was?.cacheWrite,
    }),
    date,
    source,
  };
  return {
    ...present({
      context_tokens: contextTokens,
      max_output_tokens: maxOutputTokens,
      price: rates,
      capabilities: capabilities && [...capabilities],
    }),
    ...(rates === undefined || model.priceUnknown === undefined ? {} : { price_unknown: undefined }),
  };
}

function overlayEdits(directory: string, { id, retire, add, change, refused }: ProviderEdit): FileEdit[] {
  const name = `providers/${id}/${FRAGMENT}`;
  const target = join(directory, name);
  const before = readIfThere(target);
  const after = changeOverlayModels(before, { retire, add, change, refused });
  if (after === undefined) throw notInPlace(target);
  return [{ path: `overlay/${name}`, target, ...present({ before }), after }];
}

function fragmentEdits(root: string, { id, retire, add, change, refused, date }: ProviderEdit): FileEdit[] {
  const path = `providers/${id}/${FRAGMENT}`;
  const retiredPath = `providers/${id}/retired.yaml`;
  const target = join(root, path);
  const before = readFileSync(target, "utf8");
  const gone = readIfThere(join(root, retiredPath));
  const why = `so listed by ${id} on ${date}`;
  const changed = change.size + refused.length === 0 ? before : changeModels(before, change, why, refused);
  const extended = changed === undefined ? undefined : editModels(changed, { remove: new Set(), add });
  const moved =
    extended === undefined || retire.size === 0 ? undefined : retireModels(extended, gone, retire);
  const after = retire.size === 0 ? extended : moved?.fragment;
  if (after === undefined) throw notInPlace(path);
  return [
    { path, target, before, after },
    ...(moved === undefined
      ? []
      : [
          {
            path: retiredPath,
            target: join(root, retiredPath),
            ...present({ before: gone }),
            after: moved.retired,
          },
        ]),
  ];
}

const notInPlace = (path: string): Failure =>
  new Failure(
    `${path} cannot be edited in place: its models must be a list with a dash before each, or in the overlay a ` +
      "mapping. Change it by hand, or leave it out with --provider",
  );

/** Without a default each alias needs a chain of its own; its fallbacks are chosen by hand. */
function chainEdits(root: string, added: readonly Added[]): FileEdit[] {
  const target = join(root, CHAINS);
  const before = readIfThere(target);
  if (before === undefined || hasDefault(before)) return [];
  const after = added.reduce((text, { alias }) => insertChain(text, alias) ?? text, before);
  return after === before ? [] : [{ path: CHAINS, target, before, after }];
}

/** Takes retired aliases out of chains and groups. @throws {Failure} where a file cannot be edited in place */
export function pruneEdits(root: string, { providers }: Catalog): Edits {
  const gone = new Set(
    providers.flatMap(({ models }) =>
      models.flatMap(({ alias, retired }) => (retired === undefined ? [] : [alias])),
    ),
  );
  const before = new Map<string, string>(
    FALLBACKS.flatMap((path) => {
      const text = readIfThere(join(root, path));
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
  const result = pruneFallbacks(before, gone);
  if (result === undefined) throw new Failure("the files under fallbacks/ cannot be edited in place");
  const files = [...result.texts].flatMap(([path, after]): FileEdit[] => {
    const old = before.get(path);
    return old === undefined || old === after ? [] : [{ path, target: join(root, path), before: old, after }];
  });
  return { files, added: [], pruned: result.pruned, nameless: [] };
}

const readIfThere = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, "utf8") : undefined;

const likenessesIn = ({ providers }: Catalog): ReadonlyMap<string, Likeness> =>
  new Map(
    providers.flatMap(({ id, models }) =>
      models.map((model): [string, Likeness] => [
        model.alias,
        {
          alias: model.alias,
          provider: id,
          operation: model.operation,
          tier: model.tier,
          vectorSpace: model.vectorSpace,
          capabilities: model.capabilities,
          intelligence: model.intelligence,
          name: model.upstream,
          deprecated: model.deprecated !== undefined,
          retired: model.retired !== undefined,
        },
      ]),
    ),
  );

/** What a list does not state is taken to be as it was, so that a model under a new id replaces the old one. */
const likenessOfListed = (
  { id, capabilities }: ListedModel,
  alias: string,
  { id: provider, tier }: CatalogProvider,
): Likeness => ({
  alias,
  provider,
  operation: "chat",
  tier,
  vectorSpace: undefined,
  capabilities: capabilities ?? "unknown",
  intelligence: undefined,
  name: id,
  deprecated: false,
  retired: false,
});

function hasDefault(chains: string): boolean {
  try {
    const { default: defaults } = JSON.parse(chains) as { default?: { chat?: unknown } };
    return Array.isArray(defaults?.chat);
  } catch {
    return false;
  }
}

/** Every name that a client may send: a new alias must not hide one. */
function namesIn({ providers, groups, direct = [] }: Catalog): Set<string> {
  const models = providers.flatMap((provider) => provider.models);
  return new Set([
    ...models.flatMap(({ alias, upstream }) => [alias, upstream]),
    ...groups.map(({ name }) => name),
    ...direct.map(({ name }) => name),
  ]);
}

/** Until the model was seen loaded, it counts where the fragment's other models do. */
function memoryOf(
  { device, bytes, contextTokenBytes }: NonNullable<ListedModel["memory"]>,
  models: CatalogProvider["models"],
): NonNullable<Model["memory"]> {
  const usual = models.find(({ memory }) => memory !== undefined)?.memory?.device ?? "cpu";
  return {
    device: device ?? usual,
    bytes: `${Math.ceil(bytes / 1e6)} MB`,
    ...(contextTokenBytes === undefined
      ? {}
      : { context_token: `${Math.ceil(contextTokenBytes / 1024)} KiB` }),
  };
}

/** States only what the list states, and marks the missing fields as unverified. */
function entryFor(
  { id, operations, price, contextTokens, maxOutputTokens, capabilities, memory }: ListedModel,
  alias: string,
  { tier, local, models }: CatalogProvider,
  carried: readonly string[],
): Model {
  const claims = capabilities?.filter((capability) => carried.includes(capability));
  const fits = maxOutputTokens !== undefined && maxOutputTokens <= (contextTokens ?? maxOutputTokens);
  const unverified: NonNullable<Model["unverified"]> = [
    ...(contextTokens === undefined ? (["context_tokens"] as const) : []),
    ...(capabilities === undefined ? (["capabilities"] as const) : []),
    ...(tier === "free" && price === undefined ? (["tier"] as const) : []),
  ];
  return {
    alias,
    upstream: id,
    operation: operations?.[0] === undefined || operations.includes("chat") ? "chat" : operations[0],
    ...(contextTokens === undefined ? {} : { context_tokens: contextTokens }),
    ...(fits ? { max_output_tokens: maxOutputTokens } : {}),
    ...(claims === undefined || claims.length === 0 ? {} : { capabilities: [...claims] }),
    ...(memory === undefined || local === undefined ? {} : { memory: memoryOf(memory, models) }),
    ...(unverified.length === 0 ? {} : { unverified }),
  };
}
