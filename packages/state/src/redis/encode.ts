/** Claims and settlements as the scripts read them: short names, and a key's place in KEYS instead of the key. */
import type { Claim, MeterClaim, MeterCorrection, MeterSettlement, MeterShape } from "@headgate/contract";

const KIND = { concurrency: "c", sliding: "s", bucket: "b", calendar: "d" } as const;

/** The KEYS of one call: each key once, counted from 1 as Lua does. */
export class Keys {
  readonly list: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #meterPrefix: string;

  constructor(meterPrefix: string, first: readonly string[] = []) {
    this.#meterPrefix = meterPrefix;
    for (const key of first) this.place(key);
  }

  place(key: string): number {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.list.push(key);
      this.#places.set(key, place);
    }
    return place;
  }

  /** Places in flight are kept in another type of key than counters. */
  meter(kind: string, id: string): number {
    return this.place(`${this.#meterPrefix}${kind}:${id}`);
  }
}

/** What every kind of word on a meter has; absent fields are left out of the JSON. */
const meterWords = (keys: Keys, id: string, shape: MeterShape, endsAtMs: number | undefined) => ({
  i: keys.meter(KIND[shape.kind], id),
  k: KIND[shape.kind],
  w: "windowMs" in shape ? shape.windowMs : undefined,
  n: "slices" in shape ? shape.slices : undefined,
  e: endsAtMs,
});

export const claimWords = (keys: Keys, { id, shape, endsAtMs, amount: a, need: q }: MeterClaim) => ({
  ...meterWords(keys, id, shape, endsAtMs),
  a,
  q,
});

export const claimsWords = (keys: Keys, claims: readonly Claim[]) =>
  claims.map(({ meters, cooldowns }) => ({
    m: meters.map((meter) => claimWords(keys, meter)),
    s: cooldowns,
  }));

export const settlementWords = (keys: Keys, settled: MeterSettlement) => ({
  ...meterWords(keys, settled.id, settled.shape, settled.endsAtMs),
  r: settled.reserved,
  u: settled.used,
  t: settled.takenAtMs,
});

export const correctionWords = (keys: Keys, word: MeterCorrection) => ({
  ...meterWords(keys, word.id, word.shape, word.endsAtMs),
  u: word.used,
});
