/** The changes of verdicts in the catalogue's files, as texts. Nothing is written here. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InstalledAdapter } from "@headgate/compiler";
import { editModels, insertChain, type Pruned, pruneFallbacks } from "@headgate/compiler/edit";
import type { Catalog, CatalogProvider, Model } from "@headgate/contract";
import type { ListedModel } from "@headgate/runtime/refresh-models";
import { Failure } from "../cli.ts";
import type { Verdict } from "./judge.ts";
import { aliasFor, prefixOf } from "./naming.ts";

export interface FileEdit {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly before: string;
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

export interface EditInput {
  readonly root: string;
  readonly catalog: Catalog;
  readonly adapters: readonly InstalledAdapter[];
  readonly verdicts: readonly { readonly provider: CatalogProvider; readonly verdict: Verdict }[];
  /** The day, ISO 8601. */
  readonly date: string;
}

const FALLBACKS = [
  "fallbacks/fallbacks.json",
  "fallbacks/groups.json",
  "fallbacks/model-map.json",
  "fallbacks/policies.json",
] as const;
const CHAINS = FALLBACKS[0];

/** @throws {Failure} naming a file that cannot be edited in place */
export function makeEdits({ root, catalog, adapters, verdicts, date }: EditInput): Edits {
  const taken = namesIn(catalog);
  const files: FileEdit[] = [];
  const added: Added[] = [];
  const nameless: { provider: string; upstream: string }[] = [];
  const gone = new Set<string>();
  for (const { provider, verdict } of verdicts) {
    const carried = adapters.find(({ adapter }) => adapter === provider.adapter)?.capabilities ?? [];
    const prefix = prefixOf(
      provider.id,
      provider.models.map(({ alias }) => alias),
    );
    const add: (Model & { comment: string })[] = [];
    for (const model of verdict.add) {
      const alias = aliasFor(model.id, prefix, (name) => taken.has(name) && name !== model.id);
      if (alias === undefined) {
        nameless.push({ provider: provider.id, upstream: model.id });
        continue;
      }
      taken.add(alias);
      added.push({ provider: provider.id, alias, upstream: model.id });
      const comment = `listed, and answered, on ${date} (headgate models refresh)`;
      add.push({ ...entryFor(model, alias, provider, carried), comment });
    }
    const remove = new Set(verdict.gone.map(({ model }) => model.alias));
    if (add.length === 0 && remove.size === 0) continue;
    const path = `providers/${provider.id}/provider.yaml`;
    const before = read(root, path);
    const after = editModels(before, { remove, add });
    if (after === undefined) {
      throw new Failure(
        `${path} cannot be edited in place: its models must be a list with a dash before each. ` +
          `Change it by hand, or leave it out with --provider`,
      );
    }
    files.push({ path, before, after });
    for (const alias of remove) gone.add(alias);
  }

  const before = new Map<string, string>(
    FALLBACKS.flatMap((path) => (existsSync(join(root, path)) ? [[path, read(root, path)] as const] : [])),
  );
  const result = pruneFallbacks(before, gone);
  if (result === undefined) throw new Failure("the files under fallbacks/ cannot be edited in place");
  const after = new Map([...before, ...result.texts]);
  const chains = after.get(CHAINS);
  // Without a default each alias needs a chain of its own; its fallbacks are chosen by hand.
  if (chains !== undefined && !hasDefault(chains)) {
    const chained = added.reduce((text, { alias }) => insertChain(text, alias) ?? text, chains);
    after.set(CHAINS, chained);
  }
  for (const [path, text] of after) {
    const old = before.get(path);
    if (old !== undefined && old !== text) files.push({ path, before: old, after: text });
  }
  return { files, added, pruned: result.pruned, nameless };
}

const read = (root: string, path: string): string => readFileSync(join(root, path), "utf8");

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
