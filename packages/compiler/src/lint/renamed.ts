import { quote } from "../quote.ts";
import type { Lint } from "./lint.ts";

/** The cause is in the fragment; each place that still says the old name would else be taken for a slip of its own. */
export const renamed: Lint = ({ renames }, report) => {
  for (const { was, model, mentions } of renames) {
    const [first] = mentions;
    if (first === undefined) continue;
    report.add("HG413", model.fragment.source, {
      message: `${mentions.length} places still say ${quote(was)}, and no model has that alias.`,
      fix: `Call the alias ${quote(was)} again, or write ${quote(model.model.alias)} in all of those places.`,
      at: { path: [...model.path, "alias"] },
      related: [{ message: "The first of them is here.", source: first.source, at: { path: first.path } }],
    });
  }
};
