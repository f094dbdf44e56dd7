/** Seeded random values, and ways to damage what is sound. */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, 1: mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const WORDS = [
  "",
  "a",
  "constructor",
  "__proto__",
  "toString",
  "null",
  "stop",
  "user",
  "assistant",
  "tool",
  "\u0000",
  "\ud83d",
  "ä🦆",
  "data: [DONE]\n\n",
  "data:image/png;base64,%%%",
  "x".repeat(3_000),
  "../../etc/passwd",
  "https://",
  "9".repeat(400),
];
const NUMBERS = [0, -1, 1, 1.5, 1e308, -1e-9, 2 ** 53, Number.MAX_SAFE_INTEGER, 128, 1e6];

export function anyJson(random: Random, depth = 3): Json {
  switch (random.below(depth > 0 ? 7 : 5)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(NUMBERS);
    case 3:
    case 4:
      return random.pick(WORDS);
    case 5:
      return Array.from({ length: random.below(4) }, () => anyJson(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(4) }, () => [random.pick(WORDS), anyJson(random, depth - 1)]),
      );
  }
}

/** A copy in which some values are others, gone, doubled, or under another name. @param share of the values */
export function damaged(random: Random, value: Json, share: number): Json {
  if (random.chance(share)) return anyJson(random);
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    return list.flatMap((entry): Json[] => {
      if (random.chance(share)) return [];
      const kept = damaged(random, entry, share);
      return random.chance(share) ? [kept, kept] : [kept];
    });
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, entry]): [string, Json][] => {
    if (random.chance(share)) return [];
    return [[random.chance(share) ? random.pick(WORDS) : name, damaged(random, entry, share)]];
  });
  if (random.chance(share)) entries.push([random.pick(WORDS), anyJson(random)]);
  return Object.fromEntries(entries);
}

const BYTES = Buffer.from('{}[]",:\\\u0000\n\r 0-eE.\u00ff');

/** A copy with some bytes changed, cut, doubled or put in. */
export function torn(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.below(20));
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes, bytes.subarray(at, end)]);
    default: {
      const changed = Buffer.from(bytes);
      for (let count = 1 + random.below(3); count > 0; count -= 1)
        if (changed.length > 0)
          changed[random.below(changed.length)] = BYTES[random.below(BYTES.length)] ?? 0;
      return changed;
    }
  }
}
