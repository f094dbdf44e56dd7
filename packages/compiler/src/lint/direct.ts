import { quote } from "../quote.ts";
import { aliasSuggester, isUnknown } from "./chains.ts";
import type { Lint } from "./lint.ts";

/** A direct name means one alias, and nothing else. */
export const direct: Lint = (workspace, report) => {
  const { groups, aliases, fragments } = workspace;
  const names = groups?.value.direct;
  if (groups === undefined || names === undefined) return;
  const { source, value } = groups;
  const suggest = aliasSuggester(workspace);
  const upstreams = new Set(fragments.flatMap(({ models }) => models.map(({ model }) => model.upstream)));
  for (const [name, entry] of Object.entries(names)) {
    if (entry !== undefined && isUnknown(entry.alias, workspace)) {
      const meant = suggest(entry.alias);
      report.add("HG427", source, {
        message: `No model has the alias ${quote(entry.alias)}.`,
        ...(meant === undefined ? {} : { fix: `Did you mean \`${meant}\`?` }),
        at: { path: ["direct", name, "alias"] },
      });
    }
    const taken = aliases.has(name)
      ? "an alias"
      : Object.hasOwn(value.groups, name)
        ? "a group"
        : upstreams.has(name)
          ? "an upstream id"
          : undefined;
    if (taken === undefined) continue;
    report.add("HG428", source, {
      message: `${quote(name)} is ${taken} already.`,
      at: { path: ["direct", name], what: "key" },
    });
  }
};
