/** Dice that fall the same way every time for the same seed. */

export type Dice = () => number;

/** mulberry32: small, quick, and good enough for traffic. */
export function diceOf(seed: number): Dice {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Dice of their own for a named purpose, so that one more throw here moves nothing there. */
export function diceFor(seed: number, purpose: string): Dice {
  let hash = 2_166_136_261 ^ seed;
  for (let at = 0; at < purpose.length; at += 1) hash = Math.imul(hash ^ purpose.charCodeAt(at), 16_777_619);
  return diceOf(hash);
}

export const normal = (dice: Dice): number =>
  Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice());

/** Heavy-tailed: half of what it gives is below `median`. */
export const lognormal = (dice: Dice, median: number, sigma: number): number =>
  median * Math.exp(sigma * normal(dice));

export const exponential = (dice: Dice, mean: number): number => -mean * Math.log(1 - dice());

export function pick<T>(dice: Dice, list: readonly T[]): T {
  const one = list[Math.floor(dice() * list.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}
