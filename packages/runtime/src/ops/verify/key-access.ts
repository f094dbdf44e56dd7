/** How a provider is reached with one key: its base URL, headers, and what must be hidden. */
import type { Failure, RoutedProvider } from "@headgate/contract";
import { ACCOUNT, credentialOf, headersOf, SENDABLE, type Secrets } from "../../upstream/live-table.ts";
import { observed } from "../../upstream/outcome.ts";

export interface KeyAccess {
  /** With the account filled in. */
  readonly baseUrl: string;
  /** Flat; with authentication. */
  readonly headers: readonly string[];
  /** The same without authentication; absent when there is no key. */
  readonly openHeaders?: readonly string[];
  /** What must not show in a failure: the key, and its parts. */
  readonly hidden: readonly string[];
}

/** @param variable absent: the provider is reached without a key */
export function keyAccess(
  provider: RoutedProvider,
  variable: string | undefined,
  { secrets, version }: { readonly secrets: Secrets; readonly version: string },
): KeyAccess | Failure {
  const secret = variable === undefined ? undefined : secrets[variable];
  if (variable !== undefined && (secret === undefined || !SENDABLE.test(secret))) {
    const why = `${variable} holds characters that an HTTP header cannot carry (a line break or a space?)`;
    return observed("permission", why, "key");
  }
  const url = new URL(provider.baseUrl ?? "");
  const { token, account = "" } = credentialOf(provider, variable, secret, url.pathname.includes(ACCOUNT));
  const userAgent = `headgate/${version}`;
  return {
    baseUrl: url.href.replace(ACCOUNT, encodeURIComponent(account)).replace(/\/+$/, ""),
    headers: headersOf(provider, token, userAgent),
    ...(token === undefined ? {} : { openHeaders: headersOf(provider, undefined, userAgent) }),
    hidden: [secret, token, account].flatMap((part) =>
      part === undefined || part === "" ? [] : formsOf(part),
    ),
  };
}

/** As an upstream may quote it; an encoded form only where it is long enough to be no common word. */
function formsOf(secret: string): readonly string[] {
  if (secret.length < 8) return [secret];
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString("base64").replace(/=+$/, "");
  return [secret, encodeURIComponent(secret), base64, bytes.toString("base64url"), bytes.toString("hex")];
}

/** Some upstreams quote the key that they refuse. */
export const hide = (text: string, hidden: readonly string[]): string =>
  hidden.reduce((shown, part) => shown.replaceAll(part, "[key]"), text);

/** The same for a failure, where a key may appear unescaped. */
export const hideIn = (failure: Failure, { hidden }: KeyAccess): Failure => ({
  ...failure,
  message: hide(failure.message, hidden),
});
