import { type Operation, TIER_ORDER, type Tier, tierRank } from "@headgate/contract";
import { tierOf, type Workspace } from "../link/workspace.ts";
import type { Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import { listOf } from "../quote.ts";
import type { Report } from "../report.ts";
import { type Chain, chainsOf, operationOf } from "./chains.ts";
import type { Lint } from "./lint.ts";

interface Ranked {
  readonly alias: string;
  readonly index: number;
  readonly tier: Tier;
  readonly rank: number;
}

interface Slip {
  readonly chain: Chain;
  readonly operation: Operation;
  readonly ranked: readonly Ranked[];
  readonly late: Ranked;
  readonly early: Ranked;
}

const CATALOGUE = /^fallbacks\//;
/** From so many chains on, the tier is the cause, and not the order of each chain. */
const MANY = 3;

/** The alias itself comes first whatever it costs, since the client named it; the policy orders the others. */
export const tierOrder: Lint = (workspace, report) => {
  let slips = chainsOf(workspace).flatMap((chain) => slipOf(chain, workspace));
  for (;;) {
    const holder = mostFrequent(slips, workspace);
    if (holder === undefined) break;
    const { at, all } = holder;
    const [first] = all;
    if (first === undefined) break;
    report.add("HG409", at.source, {
      message: `${all.length} chains are out of order by this tier.`,
      fix: "Correct the tier, or order the chains.",
      at: { path: at.path },
      related: [
        {
          message: "The first of them is here.",
          source: first.chain.source,
          at: { path: first.chain.path, what: "key" },
        },
      ],
    });
    slips = slips.filter((slip) => !all.includes(slip));
  }
  for (const slip of slips) reportSlip(slip, report);
};

function reportSlip({ chain, operation, ranked, late, early }: Slip, report: Report): void {
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

function slipOf(chain: Chain, workspace: Workspace): Slip[] {
  const operation = operationOf(chain, workspace);
  if (operation === undefined) return [];
  const ranked = chain.targets.flatMap((alias, index): Ranked[] => {
    const target = workspace.aliases.get(alias);
    const tier = target === undefined ? undefined : tierOf(target);
    if (tier === undefined || target?.model.operation !== operation) return [];
    return [{ alias, index, tier, rank: tierRank(operation, tier) }];
  });
  const slip = firstSlip(ranked);
  // The order that an overlay writes is its user's choice.
  const isOwn = ({ index }: Ranked): boolean =>
    !CATALOGUE.test(chain.source.trace({ path: [...chain.path, index] }).source.path);
  return slip === undefined || isOwn(slip.late) || isOwn(slip.early)
    ? []
    : [{ chain, operation, ranked, ...slip }];
}

interface Holder {
  readonly at: { readonly source: Source; readonly path: Path };
  readonly all: readonly Slip[];
}

/** The tier, of a model or of a provider, that most slips have in common. */
function mostFrequent(slips: readonly Slip[], { aliases }: Workspace): Holder | undefined {
  const holders = new Map<string, { at: Holder["at"]; all: Slip[] }>();
  for (const slip of slips) {
    for (const { alias } of [slip.late, slip.early]) {
      const linked = aliases.get(alias);
      if (linked === undefined) continue;
      const own = linked.model.tier !== undefined;
      const { source } = linked.fragment;
      const path: Path = own ? [...linked.path, "tier"] : ["tier"];
      const key = JSON.stringify([linked.fragment.id, path]);
      const holder = holders.get(key) ?? { at: { source, path }, all: [] };
      holders.set(key, holder);
      if (holder.all.at(-1) !== slip) holder.all.push(slip);
    }
  }
  const most = [...holders.values()].sort((a, b) => b.all.length - a.all.length)[0];
  return most !== undefined && most.all.length >= MANY ? most : undefined;
}

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
