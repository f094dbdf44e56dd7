/** Seeded choices: the same seed gives the same conversation on every machine. */
export interface Dice {
  /** A whole number from 0 up to but not including `below`. */
  roll(below: number): number;
  /** True once in `often` rolls, on average. */
  once(often: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A word that occurs nowhere else. */
  word(stem: string): string;
}

/** Mulberry32. */
export function dice(seed: number): Dice {
  let state = (seed * 0x9e3779b1) >>> 0;
  let words = 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  for (let warm = 0; warm < 3; warm += 1) next();
  const roll = (below: number): number => next() % below;
  return {
    roll,
    once: (often) => roll(often) === 0,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new Error("a choice needs at least one option");
      return list[roll(list.length)] as T;
    },
    word(stem) {
      words += 1;
      return `${stem}${words}x${(next() % 0xffff).toString(36)}`;
    },
  };
}
