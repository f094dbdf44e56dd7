import { chainsOf } from "./chains.ts";
import type { Lint } from "./lint.ts";

/** A window that is not stated is not known to be larger. */
export const contextWindow: Lint = (workspace, report) => {
  for (const { section, key, targets, source, path } of chainsOf(workspace)) {
    const from = workspace.aliases.get(key);
    if (section !== "context_window" || from === undefined) continue;
    const window = from.model.context_tokens;
    if (window === undefined) {
      report.add("HG407", source, {
        message: `\`${key}\` states no context_tokens, so no window is known to be larger.`,
        fix: `Add \`context_tokens\` to \`${key}\`, or delete this list.`,
        at: { path, what: "key" },
      });
      continue;
    }
    targets.forEach((alias, index) => {
      const target = workspace.aliases.get(alias);
      if (target === undefined || target === from || target.model.operation !== from.model.operation) return;
      const other = target.model.context_tokens;
      if (other !== undefined && other > window) return;
      report.add("HG407", source, {
        message:
          other === undefined
            ? `\`${alias}\` states no context_tokens, so its window is not known to be larger than ${window}.`
            : `The window of \`${alias}\` (${other}) is not larger than that of \`${key}\` (${window}).`,
        at: { path: [...path, index] },
        related: [
          {
            message: other === undefined ? "The model is here." : "Its window is stated here.",
            source: target.fragment.source,
            at: { path: [...target.path, other === undefined ? "alias" : "context_tokens"] },
          },
        ],
      });
    });
  }
};
