import { quote } from "../quote.ts";
import { chainsOf } from "./chains.ts";
import type { Lint } from "./lint.ts";

/** A default is applied without the alias itself, so only chains of an alias can lead back to it. */
export const chainRepeat: Lint = (workspace, report) => {
  for (const { section, key, targets, source, path } of chainsOf(workspace)) {
    const first = new Map<string, number>();
    targets.forEach((target, index) => {
      if (section !== "default" && target === key) {
        report.add("HG403", source, {
          message: `${quote(key)} falls back to itself.`,
          at: { path: [...path, index] },
        });
        return;
      }
      const before = first.get(target);
      if (before === undefined) {
        first.set(target, index);
        return;
      }
      report.add("HG404", source, {
        message: `${quote(target)} is in this chain already.`,
        at: { path: [...path, index] },
        related: [{ message: "The first one is here.", source, at: { path: [...path, before] } }],
      });
    });
  }
};
