/** Keys of the form `account:token`: the account is part of the provider's address, the token is sent in the header. */

/** The account's placeholder in a base URL. */
export const ACCOUNT_PLACE = "{account}";

export interface AccountToken {
  readonly account: string;
  readonly token: string;
}

/** The two halves, split at the first colon; `undefined` when one of them is missing. */
export function splitAccountToken(key: string): AccountToken | undefined {
  const colon = key.indexOf(":");
  const account = key.slice(0, Math.max(colon, 0));
  const token = key.slice(colon + 1);
  return account === "" || token === "" ? undefined : { account, token };
}
