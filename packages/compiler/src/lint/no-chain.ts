import { fallbacksOf } from "../link/fallbacks.ts";
import { isRetired } from "../link/life.ts";
import { aliasSuggester, chainsOf, isUnknown } from "./chains.ts";
import type { Lint } from "./lint.ts";

export const noChain: Lint = (workspace, report) => {
  const { chains } = workspace;
  if (chains === undefined) return;
  const suggest = aliasSuggester(workspace);
  // A misspelt source of a chain is reported by itself; its correction gives the alias its chain.
  const meant = new Set(
    chainsOf(workspace)
      .filter(({ section, key }) => section === "chains" && isUnknown(key, workspace))
      .map(({ key }) => suggest(key)),
  );
  for (const { model } of workspace.renames) meant.add(model.model.alias);
  for (const [alias, linked] of workspace.aliases) {
    // What replaces a retired model answers, and what is tried after that.
    if (isRetired(linked)) continue;
    if (meant.has(alias) || fallbacksOf(linked, chains) !== undefined) continue;
    report.add("HG410", linked.fragment.source, {
      message: `\`${alias}\` has no chain.`,
      fix: `Add \`"${alias}": […]\` to the chains. An empty list means: no fallback.`,
      at: { path: [...linked.path, "alias"] },
    });
  }
};
