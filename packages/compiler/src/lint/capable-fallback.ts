import type { Capability } from "@headgate/contract";
import { fallbacksOf } from "../link/fallbacks.ts";
import { isRetired, livingOf } from "../link/life.ts";
import type { LinkedModel } from "../link/workspace.ts";
import type { Lint } from "./lint.ts";

/** What a request either needs or does not; the rest of the capabilities are preferences. */
const NEEDS: readonly Capability[] = ["vision", "tools"];

export const capableFallback: Lint = (workspace, report) => {
  const { chains, aliases } = workspace;
  if (chains === undefined) return;
  for (const [alias, linked] of aliases) {
    const needs = NEEDS.filter((need) => claims(linked, need));
    if (linked.model.operation !== "chat" || needs.length === 0 || isRetired(linked)) continue;
    const fallbacks = fallbacksOf(linked, chains);
    if (fallbacks === undefined || fallbacks.targets.length === 0) continue;
    const targets = livingOf(fallbacks.targets, aliases, alias).map((target) => aliases.get(target));
    // A target that is unknown, itself or of another operation has its own finding; its replacement is unknown.
    if (targets.length === 0) continue;
    const sound = targets.every((target) => target?.model.operation === "chat" && target !== linked);
    if (!sound) continue;
    const missing = needs.filter(
      (need) => !targets.some((target) => target !== undefined && claims(target, need)),
    );
    for (const need of missing) {
      const words = `\`${alias}\` can do ${need}, and nothing in its chain can.`;
      const fix = `Add an alias with \`${need}\` to the chain, or leave the chain empty.`;
      if (fallbacks.section === "chains") {
        report.add("HG408", chains.source, {
          message: words,
          fix,
          at: { path: fallbacks.path, what: "key" },
        });
        continue;
      }
      report.add("HG408", linked.fragment.source, {
        message: words,
        fix: `Give it a chain of its own with an alias that has \`${need}\`, or an empty one.`,
        at: { path: [...linked.path, "alias"] },
        related: [
          {
            message: "It takes this default.",
            source: chains.source,
            at: { path: fallbacks.path, what: "key" },
          },
        ],
      });
    }
  }
};

const claims = ({ model }: LinkedModel, capability: Capability): boolean =>
  model.capabilities?.includes(capability) ?? false;
