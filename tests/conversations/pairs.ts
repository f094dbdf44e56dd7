/** Every ordered pair of families: how many conversations go from one to the other, and what stops the rest. */
import { SURFACES, type SurfaceId } from "../support/matrix-surfaces.ts";
import type { Bench } from "./bench.ts";
import { tryChain } from "./cells.ts";
import { conversationOf } from "./generate.ts";
import { TARGETS, type Target } from "./targets.ts";

const SURFACE_IDS = Object.keys(SURFACES) as SurfaceId[];

export interface Tally {
  readonly targets: readonly string[];
  /** Only set where one provider is tried from one surface. */
  readonly surface?: SurfaceId;
  readonly tried: number;
  /** What went wrong, with the first conversation that showed it: surface, kind, seed, whole or streamed. */
  readonly problems: readonly { readonly problem: string; readonly count: number; readonly first: string }[];
}

/** One model of each wire and family of dialects. */
export const FAMILIES: readonly Target[] = TARGETS.filter(({ family }) => family);

export const PAIRS: readonly (readonly [Target, Target])[] = FAMILIES.flatMap((first) =>
  FAMILIES.map((second) => [first, second] as const),
);

/** Seeds of one cell do not overlap with those of another in practice. */
const seedOf = (cell: number, nth: number): number => ((cell + 1) * 100_003 + nth * 7) % 2_147_483_647;

/** Conversations that do not fit are passed over; a cell that fits none in this many seeds has none. */
const PATIENCE = 40;

/**
 * @param cell gives the cell its own seeds
 * @param wanted how many conversations are tried, on each surface in turn, whole and streamed in turn
 */
export async function tally(
  bench: Bench,
  targets: readonly Target[],
  {
    cell,
    wanted,
    surface: only,
  }: { readonly cell: number; readonly wanted: number; readonly surface?: SurfaceId },
): Promise<Tally> {
  const problems = new Map<string, { count: number; readonly first: string }>();
  let tried = 0;
  for (let nth = 0; tried < wanted && nth < wanted * PATIENCE; nth += 1) {
    const seed = seedOf(cell, nth);
    const surface = only ?? SURFACE_IDS[tried % SURFACE_IDS.length] ?? "openAiChat";
    const stream = Math.floor(tried / (only === undefined ? SURFACE_IDS.length : 1)) % 2 === 1;
    const conversation = conversationOf(seed);
    const found = await tryChain(bench, surface, conversation, targets, stream);
    if (found === undefined) continue;
    tried += 1;
    for (const one of found) {
      const problem = one.replace(/\[\d+\]|\.\d+(?=\.|$)/g, "[n]").slice(0, 240);
      const first = `${surface}, ${conversation.kinds.join(" and ")}, seed ${seed}, ${stream ? "streamed" : "whole"}`;
      const entry = problems.get(problem) ?? { count: 0, first };
      entry.count += 1;
      problems.set(problem, entry);
    }
  }
  return {
    targets: targets.map(({ name }) => name),
    ...(only === undefined ? {} : { surface: only }),
    tried,
    problems: [...problems].map(([problem, entry]) => ({ problem, ...entry })),
  };
}

/** Every provider behind every surface, and every pair: the cells in a fixed order, each with its number. */
export interface Cell {
  readonly cell: number;
  readonly targets: readonly Target[];
  readonly surface?: SurfaceId;
}
export const CELLS: readonly Cell[] = [
  ...TARGETS.flatMap((target) => SURFACE_IDS.map((surface) => ({ targets: [target], surface }))),
  ...PAIRS.map((targets) => ({ targets })),
].map((cell, index) => ({ cell: index, ...cell }));
