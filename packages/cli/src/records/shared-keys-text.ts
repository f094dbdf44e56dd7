/** Keys that probably share one account's limits, in words. */
export interface SharedKeys {
  readonly provider: string;
  readonly keys: readonly string[];
  readonly fix: string;
}

export const sharedKeysLines = (found: readonly SharedKeys[]): string[] =>
  found.map(({ keys, fix }) => `${keys.join(" and ")} probably belong to one account. ${fix}`);
