/** Claims and settlements as the scripts read them: short names, and a key's index in KEYS instead of the key. */
import type { Claim, MeterClaim, MeterCorrection, MeterSettlement, MeterShape } from "@headgate/contract";

const KIND = { concurrency: "c", sliding: "s", bucket: "b", calendar: "d" } as const;

/** The KEYS of one call: each key once, counted from 1 as Lua does. */
export class Keys {
  readonly list: string[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #meterPrefix: string;

  constructor(meterPrefix: string, first: readonly string[] = []) {
    this.#meterPrefix = meterPrefix;
    for (const key of first) this.indexOf(key);
  }

  indexOf(key: string): number {
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.list.push(key);
      this.#indexes.set(key, index);
    }
    return index;
  }

  /** Leases are kept in another type of key than counters. */
  meter(kind: string, id: string): number {
    return this.indexOf(`${this.#meterPrefix}${kind}:${id}`);
  }
}

/** The fields that claims, settlements and corrections share; absent ones are left out of the JSON. */
const meterFields = (keys: Keys, id: string, shape: MeterShape, endsAtMs: number | undefined) => ({
  i: keys.meter(KIND[shape.kind], id),
  k: KIND[shape.kind],
  w: "windowMs" in shape ? shape.windowMs : undefined,
  n: "slices" in shape ? shape.slices : undefined,
  e: endsAtMs,
});

export const claimFields = (
  keys: Keys,
  { id, shape, endsAtMs, amount: a, need: q, periodStartMs: f, byPeriod }: MeterClaim,
) => ({
  ...meterFields(keys, id, shape, endsAtMs),
  a,
  q,
  f,
  p: byPeriod === true ? 1 : undefined,
});

export const claimsFields = (keys: Keys, claims: readonly Claim[]) =>
  claims.map(({ meters, cooldowns }) => ({
    m: meters.map((meter) => claimFields(keys, meter)),
    s: cooldowns,
  }));

export const settlementFields = (keys: Keys, settled: MeterSettlement) => ({
  ...meterFields(keys, settled.id, settled.shape, settled.endsAtMs),
  r: settled.reserved,
  u: settled.used,
  t: settled.takenAtMs,
});

export const correctionFields = (keys: Keys, correction: MeterCorrection) => ({
  ...meterFields(keys, correction.id, correction.shape, correction.endsAtMs),
  u: correction.used,
});
