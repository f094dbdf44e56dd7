import type { Resolution } from "@headgate/contract";

export type GroupedIssue =
  | Exclude<Resolution["issues"][number], { kind: "chain-empty" }>
  | { readonly kind: "chains-empty"; readonly aliases: readonly string[] };

/** A .env with one provider leaves dozens of chains empty; that is one fact, not dozens. */
export function groupChains(issues: Resolution["issues"]): GroupedIssue[] {
  const aliases: string[] = [];
  const others: GroupedIssue[] = [];
  for (const issue of issues) {
    if (issue.kind === "chain-empty") aliases.push(issue.alias);
    else others.push(issue);
  }
  return aliases.length === 0 ? others : [...others, { kind: "chains-empty", aliases }];
}
