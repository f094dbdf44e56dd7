import { quote } from "../quote.ts";
import { aliasSuggester, chainsOf, isUnknown, laddersOf } from "./chains.ts";
import type { Lint } from "./lint.ts";

export const chainTarget: Lint = (workspace, report) => {
  const suggest = aliasSuggester(workspace);
  for (const { targets, source, path } of [...chainsOf(workspace), ...laddersOf(workspace)]) {
    targets.forEach((target, index) => {
      if (!isUnknown(target, workspace)) return;
      const meant = suggest(target);
      const isGroup = Object.hasOwn(workspace.groups?.value.groups ?? {}, target);
      const otherwise = isGroup ? { fix: "It is a group; name its members one by one." } : {};
      report.add("HG402", source, {
        message: `No model has the alias ${quote(target)}.`,
        ...(meant === undefined ? otherwise : { fix: `Did you mean \`${meant}\`?` }),
        at: { path: [...path, index] },
      });
    });
  }
};
