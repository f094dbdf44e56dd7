/**
 * Finds keys that probably belong to one account: what remains under one key goes on from what remained under another one,
 * and not from what remained under itself. Limits that keys of one account share are then counted once for each of them.
 */
import type { LimitReading } from "@headgate/contract";

/** Two keys, by their accounts as the router knows them. */
export interface AccountPair {
  readonly provider: string;
  readonly accounts: readonly [string, string];
}

/** Whose figures are read. */
export interface ReadKey {
  readonly provider: string;
  /** `<provider>@<key>`; keys that are known to share limits have one. */
  readonly account: string;
  /** The model that the figures are of. */
  readonly model: string;
  /** A refused call is not counted upstream. */
  readonly refused?: boolean;
}

interface Series {
  readonly limit: number;
  last: { readonly account: string; readonly remaining: number } | undefined;
  readonly of: Map<string, number>;
}

/** Figures in a row that must agree: a single one may be chance. */
const SURE = 3;

export class SharedAccounts {
  /** By model and window. */
  readonly #series = new Map<string, Series>();
  /** How many figures in a row showed one account, by pair. */
  readonly #shown = new Map<string, number>();
  readonly #found = new Map<string, AccountPair>();
  /** Called once for each pair that is found. */
  tell: (pair: AccountPair) => void = () => {};

  get found(): readonly AccountPair[] {
    return [...this.#found.values()];
  }

  /** Takes the figures of one answer, in the order of the answers. */
  read({ provider, account, model, refused = false }: ReadKey, readings: readonly LimitReading[]): void {
    const counted = refused ? 0 : 1;
    for (const { unit, window, limit, remaining, from } of readings) {
      if (unit !== "requests" || from !== "header" || limit === undefined || remaining === undefined)
        continue;
      const id = `${provider}/${model} ${window ?? ""}`;
      let series = this.#series.get(id);
      // Figures of another amount go on from nothing.
      if (series?.limit !== limit) {
        series = { limit, last: undefined, of: new Map() };
        this.#series.set(id, series);
      }
      const { last, of } = series;
      if (last !== undefined && last.account !== account) {
        const own = of.get(account) ?? limit;
        const goesOn = remaining === Math.max(0, last.remaining - counted);
        const isOwn = remaining === Math.max(0, own - counted);
        if (goesOn !== isOwn) this.#weigh(provider, last.account, account, goesOn);
      } else if (last !== undefined && remaining > last.remaining) of.clear();
      series.last = { account, remaining };
      of.set(account, remaining);
    }
  }

  #weigh(provider: string, one: string, other: string, isShared: boolean): void {
    const accounts = one < other ? ([one, other] as const) : ([other, one] as const);
    const id = accounts.join(" ");
    if (!isShared) {
      this.#shown.delete(id);
      this.#found.delete(id);
      return;
    }
    const shown = (this.#shown.get(id) ?? 0) + 1;
    this.#shown.set(id, shown);
    if (shown < SURE || this.#found.has(id)) return;
    const pair: AccountPair = { provider, accounts };
    this.#found.set(id, pair);
    this.tell(pair);
  }
}
