/** Providers that are switched on and cannot be tested, as .env alone shows. */
import { type Resolution, type ResolveIssue, readFlag } from "@headgate/contract";
import type { KeyRow, Skipped } from "./row.ts";

export interface Unready {
  readonly rows: readonly KeyRow[];
  readonly skipped: readonly Skipped[];
}

export function findUnready(
  { issues, providers }: Pick<Resolution, "issues" | "providers">,
  values: Readonly<Record<string, string>>,
): Unready {
  const isWaiting = (id: string): boolean =>
    providers.some((status) => status.id === id && !status.active && readFlag(values[status.flag]) === true);
  const skipped = issues.flatMap((issue): Skipped[] =>
    issue.kind === "unusable"
      ? [{ provider: issue.provider, reason: `cannot be used: ${issue.reason}` }]
      : [],
  );
  return { rows: issues.flatMap((issue) => rowOf(issue, isWaiting) ?? []), skipped };
}

function rowOf(issue: ResolveIssue, isWaiting: (provider: string) => boolean): KeyRow | undefined {
  switch (issue.kind) {
    case "flag-without-key":
      return noKey(
        issue.provider,
        issue.variable,
        `fill in ${issue.variable} in .env, or set ${issue.flag}=0`,
      );
    case "mistaken-variable":
      if (!isWaiting(issue.provider)) return undefined;
      return noKey(issue.provider, issue.expected, `rename ${issue.variable} to ${issue.expected} in .env`);
    case "key-without-account":
      return config(issue.provider, issue.variable, `write ${issue.variable} in .env as account:token`);
    case "base-url": {
      const wanted = issue.why === "not-https" ? "an https:// address" : "the address of the server";
      return config(issue.provider, null, `set ${issue.variable} in .env to ${wanted}`);
    }
    case "instance":
      return config(issue.provider, null, `fill in ${issue.missing.join(" and ")} in .env`);
    case "flag-value":
      return config(issue.provider, null, `set ${issue.flag} to 1 or 0 in .env`);
    default:
      return undefined;
  }
}

const noKey = (provider: string, key: string, remedy: string): KeyRow => ({
  provider,
  key,
  state: "NOKEY",
  remedy,
});

const config = (provider: string, key: string | null, remedy: string): KeyRow => ({
  provider,
  key,
  state: "CONFIG",
  remedy,
});
