/** The link stage: fragments, their models' bases, chains and groups joined by name. */
import { type Model, present } from "@headgate/contract";
import type { InstalledAdapter } from "../load/adapters.ts";
import { LayeredSource, type Origin, type Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import type { Valid, ValidFragment } from "../validate/index.ts";
import { basedOn } from "./based.ts";
import { complete } from "./complete.ts";
import { expandLadders } from "./ladders.ts";
import { withRates } from "./rates.ts";
import { renamesOf } from "./renames.ts";
import {
  isNamesake,
  type LinkedBase,
  type LinkedFragment,
  type LinkedModel,
  type Workspace,
} from "./workspace.ts";

export interface LinkInput {
  readonly root: string;
  readonly today: string;
  readonly valid: Valid;
  readonly installed: readonly InstalledAdapter[];
  readonly blind: boolean;
  readonly sources: readonly Source[];
}

export function link({ root, today, valid, installed, blind, sources }: LinkInput): Workspace {
  const adapters = new Map(installed.map((adapter) => [adapter.adapter, adapter]));
  const aliases = new Map<string, LinkedModel>();
  const hazy = new Set<string>();
  const fragments = valid.fragments.map((fragment) => {
    const { linked, unknown } = linkFragment(fragment, valid, adapters);
    for (const entry of linked.models) {
      const { alias } = entry.model;
      const other = aliases.get(alias);
      if (other === undefined || (isNamesake(entry) && !isNamesake(other))) aliases.set(alias, entry);
    }
    for (const alias of [...fragment.hazy, ...unknown]) hazy.add(alias);
    return linked;
  });
  const joined = {
    aliases,
    hazy,
    blind,
    ...(valid.chains === undefined ? {} : { chains: expandLadders(valid.chains.source, valid.chains.value) }),
    ...(valid.groups === undefined ? {} : { groups: valid.groups }),
    ...(valid.modelMap === undefined ? {} : { modelMap: valid.modelMap }),
  };
  const renames = renamesOf(joined);
  for (const { was } of renames) hazy.add(was);
  return {
    root,
    today,
    fragments,
    bases: [...valid.bases].flatMap(([id, { source, value }]): LinkedBase[] =>
      value === undefined ? [] : [{ id, source, value }],
    ),
    renames,
    adapters,
    exchanges: valid.exchanges,
    sources,
    ...joined,
    ...(valid.dialects === undefined ? {} : { dialects: valid.dialects }),
    ...present({ clients: valid.clients, localModels: valid.localModels }),
    ...(valid.policies === undefined ? {} : { policies: valid.policies }),
  };
}

interface Linking {
  readonly linked: LinkedFragment;
  /** Aliases of models whose base cannot be read. */
  readonly unknown: readonly string[];
}

function linkFragment(
  fragment: ValidFragment,
  { bases, retired, localModels }: Valid,
  adapters: ReadonlyMap<string, InstalledAdapter>,
): Linking {
  const { id, refused, off } = fragment;
  const fields = complete(fragment, (name) => adapters.get(name)?.transport === "in-process");
  const adapter = fields.adapter === undefined ? undefined : adapters.get(fields.adapter);
  const models: LinkedModel[] = [];
  const baseless: { path: Path; base: string }[] = [];
  const unknown: string[] = [];
  const origins: Origin[] = [];
  // Retired models are read as the last ones of the fragment.
  const gone = retired.get(id);
  const first = 1 + fragment.models.reduce((last, { index }) => Math.max(last, index), -1);
  const past = (gone?.value.models ?? []).map((model, index) => ({ model, index: first + index }));
  if (gone !== undefined)
    for (const { index } of past)
      origins.push({ path: ["models", index], source: gone.source, at: ["models", index - first] });
  const warm = localModels?.value.warm ?? [];
  /** With what the overlay's local.yaml says of it. */
  const warmed = (model: Model, path: Path): Model => {
    const at = warm.indexOf(model.alias);
    if (localModels === undefined || at < 0 || model.memory === undefined) return model;
    origins.push({ path: [...path, "memory", "warm"], source: localModels.source, at: ["warm", at] });
    return { ...model, memory: { ...model.memory, warm: true } };
  };
  const entries = [...fragment.models, ...past].flatMap(({ model: stated, index }) => {
    const path: Path = ["models", index];
    const { written, places } = withRates(stated);
    for (const [position, at] of places.entries())
      origins.push({
        path: [...path, "limits", position],
        source: (index >= first ? gone : fragment)?.source ?? fragment.source,
        at: ["models", index >= first ? index - first : index, ...at],
      });
    const { alias, base: name } = written;
    if (name === undefined) return [{ written, path, model: warmed(written as Model, path) }];
    const base = bases.get(name);
    if (base?.value === undefined) {
      unknown.push(alias);
      if (base === undefined) baseless.push({ path: [...path, "base"], base: name });
      return [];
    }
    const { source, value } = base;
    const based = basedOn({ ...written, base: name }, { source, value }, id, path);
    origins.push(...based.origins);
    return [{ written, path, model: warmed(based.model, path), base: { id: name, source, value } }];
  });
  const linked: LinkedFragment = {
    id,
    source: origins.length === 0 ? fragment.source : new LayeredSource(fragment.source, origins),
    fields,
    refused,
    models,
    baseless,
    retiredCount: entries.filter(({ path: [, index = 0] }) => Number(index) >= first).length,
    ...(adapter === undefined ? {} : { adapter }),
  };
  for (const entry of entries) {
    const isOff = off?.aliases.has(entry.model.alias) === true;
    models.push({ fragment: linked, ...entry, ...(isOff ? { off: off.by.path } : {}) });
  }
  return { linked, unknown };
}
