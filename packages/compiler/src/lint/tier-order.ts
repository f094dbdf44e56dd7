import { type Operation, TIER_ORDER, type Tier, tierRank } from "@headgate/contract";
import { tierOf } from "../link/workspace.ts";
import { listOf } from "../quote.ts";
import { chainsOf, operationOf } from "./chains.ts";
import type { Lint } from "./lint.ts";

interface Ranked {
  readonly alias: string;
  readonly index: number;
  readonly tier: Tier;
  readonly rank: number;
}

/** The alias itself comes first whatever it costs, since the client named it; the policy orders the others. */
export const tierOrder: Lint = (workspace, report) => {
  for (const chain of chainsOf(workspace)) {
    const operation = operationOf(chain, workspace);
    if (operation === undefined) continue;
    const ranked = chain.targets.flatMap((alias, index): Ranked[] => {
      const target = workspace.aliases.get(alias);
      const tier = target === undefined ? undefined : tierOf(target);
      if (tier === undefined || target?.model.operation !== operation) return [];
      return [{ alias, index, tier, rank: tierRank(operation, tier) }];
    });
    const slip = firstSlip(ranked);
    if (slip === undefined) continue;
    const { late, early } = slip;
    report.add("HG409", chain.source, {
      message: `\`${late.alias}\` (${late.tier}) comes after \`${early.alias}\` (${early.tier}).`,
      fix: `Order the chain: ${orderOf(operation, ranked)}.`,
      at: { path: [...chain.path, late.index] },
      related: [
        {
          message: `This one is ${early.tier}.`,
          source: chain.source,
          at: { path: [...chain.path, early.index] },
        },
      ],
    });
  }
};

/** The first entry after one of a later tier. */
function firstSlip(ranked: readonly Ranked[]): { late: Ranked; early: Ranked } | undefined {
  let highest: Ranked | undefined;
  for (const entry of ranked) {
    if (highest !== undefined && entry.rank < highest.rank) return { late: entry, early: highest };
    if (highest === undefined || entry.rank > highest.rank) highest = entry;
  }
  return undefined;
}

const orderOf = (operation: Operation, ranked: readonly Ranked[]): string =>
  ranked.length > 6
    ? TIER_ORDER[operation].join(", then ")
    : listOf(
        ranked.toSorted((a, b) => a.rank - b.rank).map(({ alias }) => `\`${alias}\``),
        "then",
      );
