/** The link stage: fragments, chains and groups joined by alias. */
import type { InstalledAdapter } from "../load/adapters.ts";
import type { Source } from "../load/source.ts";
import type { Valid } from "../validate/index.ts";
import { isNamesake, type LinkedFragment, type LinkedModel, type Workspace } from "./workspace.ts";

export interface LinkInput {
  readonly root: string;
  readonly valid: Valid;
  readonly installed: readonly InstalledAdapter[];
  readonly blind: boolean;
  readonly sources: readonly Source[];
}

export function link({ root, valid, installed, blind, sources }: LinkInput): Workspace {
  const adapters = new Map(installed.map((adapter) => [adapter.adapter, adapter]));
  const aliases = new Map<string, LinkedModel>();
  const hazy = new Set<string>();
  const fragments = valid.fragments.map(
    ({ id, source, fields, models, hazy: unclear, refused, off }): LinkedFragment => {
      const adapter = fields.adapter === undefined ? undefined : adapters.get(fields.adapter);
      const linked: LinkedModel[] = [];
      const fragment: LinkedFragment = {
        id,
        source,
        fields,
        refused,
        models: linked,
        ...(adapter === undefined ? {} : { adapter }),
      };
      for (const { model, index } of models) {
        const entry: LinkedModel = {
          fragment,
          model,
          path: ["models", index],
          ...(off?.aliases.has(model.alias) ? { off: off.by.path } : {}),
        };
        linked.push(entry);
        const other = aliases.get(model.alias);
        if (other === undefined || (isNamesake(entry) && !isNamesake(other))) aliases.set(model.alias, entry);
      }
      for (const alias of unclear) hazy.add(alias);
      return fragment;
    },
  );
  return {
    root,
    fragments,
    aliases,
    hazy,
    blind,
    adapters,
    sources,
    ...(valid.chains === undefined ? {} : { chains: valid.chains }),
    ...(valid.groups === undefined ? {} : { groups: valid.groups }),
    ...(valid.modelMap === undefined ? {} : { modelMap: valid.modelMap }),
    ...(valid.policies === undefined ? {} : { policies: valid.policies }),
  };
}
