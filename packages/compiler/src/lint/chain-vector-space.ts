import { fallbacksOf } from "../link/fallbacks.ts";
import type { LinkedModel } from "../link/workspace.ts";
import type { Lint } from "./lint.ts";

/** Own chains and defaults alike; a wrong entry of a default is reported once, for the first alias it would harm. */
export const chainVectorSpace: Lint = (workspace, report) => {
  const { chains, aliases } = workspace;
  if (chains === undefined) return;
  const reported = new Set<string>();
  for (const [alias, linked] of aliases) {
    const space = spaceOf(linked);
    if (space === undefined) continue;
    const fallbacks = fallbacksOf(linked, chains);
    fallbacks?.targets.forEach((name, index) => {
      const target = aliases.get(name);
      const other = target === undefined ? undefined : spaceOf(target);
      if (target === undefined || other === undefined || other === space) return;
      // A default's list is used without the alias itself, which moves the entries after it.
      const at = fallbacks.shared?.targets.indexOf(name) ?? index;
      const place = JSON.stringify([fallbacks.path, at]);
      if (reported.has(place)) return;
      reported.add(place);
      report.add("HG406", chains.source, {
        message: `\`${alias}\` makes vectors of \`${space}\`, \`${name}\` of \`${other}\`.`,
        at: { path: [...fallbacks.path, at] },
        related: [
          {
            message: `The space of \`${name}\` is stated here.`,
            source: target.fragment.source,
            at: { path: [...target.path, "vector_space"] },
          },
        ],
      });
    });
  }
};

const spaceOf = ({ model }: LinkedModel): string | undefined =>
  model.operation === "embedding" ? model.vector_space : undefined;
