/** Keys whose figures show that they probably belong to one account, by the names of their variables. */
import { accountVariable } from "@headgate/contract";
import type { AccountPair, RouteIndex } from "@headgate/router";
import { allCandidates } from "./cooldowns.ts";

export interface SharedKeys {
  readonly provider: string;
  readonly keys: readonly string[];
  readonly fix: string;
}

/** What was found among the keys that are served now and count apart. */
export function sharedKeys(index: RouteIndex): SharedKeys[] {
  const candidates = allCandidates(index);
  const found = candidates[0]?.memory.sharedAccounts.found ?? [];
  return found.flatMap((pair) => namedKeys(pair, index) ?? []);
}

/** @returns undefined where one of the keys is not served, or both already count together */
export function namedKeys({ provider, accounts }: AccountPair, index: RouteIndex): SharedKeys | undefined {
  const names = new Map<string, string>();
  for (const { provider: of, key, limitsAccount } of allCandidates(index)) {
    const name = of.id === provider ? of.keyVars[key] : undefined;
    if (name !== undefined && accounts.includes(limitsAccount) && !names.has(limitsAccount))
      names.set(limitsAccount, name);
  }
  if (names.size < accounts.length) return undefined;
  const keys = [...names.values()];
  const settings = keys.map((key) => `${accountVariable(key)}=${provider}`).join(" and ");
  return { provider, keys, fix: `If they do, set ${settings} in .env, so that their limits count once.` };
}
