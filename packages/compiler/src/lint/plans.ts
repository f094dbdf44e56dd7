import { quote } from "../quote.ts";
import { didYouMean } from "../suggest.ts";
import type { Lint } from "./lint.ts";

/** A plan changes the limits of models that the fragment has. */
export const plans: Lint = ({ fragments }, report) => {
  for (const { source, fields, models, refused } of fragments) {
    if (refused.has("models")) continue;
    const aliases = models.map(({ model }) => model.alias);
    for (const [name, plan] of Object.entries(fields.plans ?? {})) {
      for (const alias of Object.keys(plan?.models ?? {})) {
        if (aliases.includes(alias)) continue;
        report.add("HG320", source, {
          message: `The plan ${quote(name)} has limits for ${quote(alias)}, and no model here is called that.`,
          fix: didYouMean(alias, aliases, "Delete the entry."),
          at: { path: ["plans", name, "models", alias], what: "key" },
        });
      }
    }
  }
};
