import { quote } from "../quote.ts";
import { suggest } from "../suggest.ts";
import type { Lint } from "./lint.ts";

/** Mentions of ladders that are not there, and ladders that nothing mentions. */
export const ladders: Lint = ({ chains }, report) => {
  if (chains === undefined) return;
  const { source, mentioned } = chains;
  const names = Object.keys(chains.ladders);
  const meantNames = new Set<string>();
  for (const { path, name, why } of chains.broken) {
    const meant = why === "unknown" ? suggest(name, names) : undefined;
    if (meant !== undefined) meantNames.add(meant);
    report.add("HG411", source, {
      message:
        why === "circle"
          ? `The ladder ${quote(name)} leads back to itself.`
          : `There is no ladder ${quote(name)}.`,
      ...(meant === undefined ? {} : { fix: `Did you mean \`@${meant}\`?` }),
      at: { path },
    });
  }
  for (const name of names) {
    if (mentioned.has(name) || meantNames.has(name)) continue;
    report.add("HG412", source, {
      message: `Nothing mentions the ladder ${quote(name)}.`,
      at: { path: ["ladders", name], what: "key" },
    });
  }
};
