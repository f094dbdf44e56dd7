/** Aliases that were renamed in their fragment, while chains and groups still say the old name. */
import type { Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import { suggester } from "../suggest.ts";
import type { Mention, Rename, Workspace } from "./workspace.ts";

/** Fewer mentions of an unknown name are a slip where they stand. */
const MIN_MENTIONS = 2;

type Linked = Pick<Workspace, "aliases" | "hazy" | "blind" | "chains" | "groups" | "modelMap">;

export function renamesOf(workspace: Linked): readonly Rename[] {
  const { aliases, hazy, blind, groups } = workspace;
  if (blind) return [];
  const byName = Map.groupBy(mentionsIn(workspace), ({ name }) => name);
  const known = (name: string): boolean =>
    aliases.has(name) || hazy.has(name) || Object.hasOwn(groups?.value.groups ?? {}, name);
  const unmentioned = new Set([...aliases.keys()].filter((alias) => !byName.has(alias)));
  const suggest = suggester(unmentioned);
  return [...byName].flatMap(([was, mentions]): Rename[] => {
    if (mentions.length < MIN_MENTIONS || known(was)) return [];
    const model = aliases.get(suggest(was) ?? "");
    return model === undefined ? [] : [{ was, model, mentions }];
  });
}

/** Every place outside fragments that names an alias. */
function mentionsIn({ chains, groups, modelMap }: Linked): Mention[] {
  const found: Mention[] = [];
  const add = (source: Source, path: Path, names: readonly string[]): void => {
    names.forEach((name, index) => {
      found.push({ name, source, path: [...path, index] });
    });
  };
  if (chains !== undefined) {
    const { source, written } = chains;
    for (const [section, lists] of Object.entries(written)) {
      for (const [key, names] of Object.entries(lists)) {
        const path: Path = [section, key];
        if (section === "chains" || section === "context_window") found.push({ name: key, source, path });
        add(source, path, names);
      }
    }
  }
  if (groups !== undefined) {
    const { source, value } = groups;
    for (const [name, group] of Object.entries(value.groups))
      add(source, ["groups", name, "members"], group?.members ?? []);
    for (const [name, entry] of Object.entries(value.direct ?? {}))
      if (entry !== undefined) found.push({ name: entry.alias, source, path: ["direct", name, "alias"] });
  }
  for (const [pattern, targets] of Object.entries(modelMap?.value.map ?? {}))
    if (modelMap !== undefined) add(modelMap.source, ["map", pattern], targets ?? []);
  return found;
}
