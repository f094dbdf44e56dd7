import { patternsClash } from "@headgate/contract";
import type { Workspace } from "../link/workspace.ts";
import { quote } from "../quote.ts";
import { suggest } from "../suggest.ts";
import { isUnknown } from "./chains.ts";
import type { Lint } from "./lint.ts";

/** Beyond this many patterns comparing each with each takes long, and the map is no longer written by hand. */
const MAX_COMPARED = 500;

export const modelMap: Lint = (workspace, report) => {
  if (workspace.modelMap === undefined) return;
  const { source, value } = workspace.modelMap;
  const { groups, aliases } = workspace;
  const names = new Set([
    ...aliases.keys(),
    ...Object.keys(groups?.value.groups ?? {}),
    ...Object.keys(groups?.value.direct ?? {}),
  ]);
  for (const [pattern, targets] of Object.entries(value.map)) {
    let home: Meaning | undefined;
    targets?.forEach((target, index) => {
      const at = { path: ["map", pattern, index] };
      const meaning = meaningOf(target, workspace);
      if (meaning === undefined) {
        if (names.has(target) || !isUnknown(target, workspace)) return;
        const meant = suggest(target, names);
        report.add("HG430", source, {
          message: `Nothing is called ${quote(target)}.`,
          ...(meant === undefined ? {} : { fix: `Did you mean \`${meant}\`?` }),
          at,
        });
        return;
      }
      home ??= meaning;
      if (meaning.operation !== home.operation) {
        report.add("HG432", source, {
          message: `\`${target}\` is for ${meaning.operation}, and the targets before it are for ${home.operation}.`,
          at,
        });
      } else if (meaning.space !== home.space) {
        report.add("HG433", source, {
          message: `\`${target}\` makes vectors of ${quote(meaning.space ?? "no space")}, and the targets before it make vectors of ${quote(home.space ?? "no space")}.`,
          at,
        });
      }
    });
  }
  const patterns = Object.keys(value.map).slice(0, MAX_COMPARED);
  patterns.forEach((pattern, index) => {
    const other = patterns.slice(0, index).find((before) => patternsClash(before, pattern));
    if (other === undefined) return;
    report.add("HG431", source, {
      message: `${quote(pattern)} and ${quote(other)} are equally long, and a name can match both.`,
      at: { path: ["map", pattern], what: "key" },
      related: [{ message: "The other one is here.", source, at: { path: ["map", other], what: "key" } }],
    });
  });
};

interface Meaning {
  readonly operation: string;
  readonly space: string | undefined;
}

/** What a name does; undefined when nothing sound bears it. */
function meaningOf(name: string, { aliases, groups }: Workspace): Meaning | undefined {
  const own = <T>(entries: Readonly<Record<string, T>> | undefined): T | undefined =>
    entries !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;
  const group = own(groups?.value.groups);
  const alias = own(groups?.value.direct)?.alias ?? name;
  const operation = aliases.get(alias)?.model.operation ?? group?.operation;
  if (operation === undefined) return undefined;
  const models = aliases.has(alias) ? [alias] : (group?.members ?? []);
  const spaces = models.map((member) => aliases.get(member)?.model.vector_space);
  return {
    operation,
    space: operation === "embedding" ? spaces.find((space) => space !== undefined) : undefined,
  };
}
