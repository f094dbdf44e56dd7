import { EVERY_NAME, HEDGED, type Operation, type Policies } from "@headgate/contract";
import type { Workspace } from "../link/workspace.ts";
import { GROUPS_FILE } from "../load/find.ts";
import { quote } from "../quote.ts";
import { suggester } from "../suggest.ts";
import { isUnknown } from "./chains.ts";
import type { Lint } from "./lint.ts";

type Policy = NonNullable<Policies["policies"][string]>;

/** Policies are for names that exist, and each field must be able to have an effect. */
export const policies: Lint = (workspace, report) => {
  if (workspace.policies === undefined) return;
  const { source, value } = workspace.policies;
  const { groups, aliases, hazy, sources } = workspace;
  // Groups that cannot be read may define any name.
  const blind = groups === undefined && sources.some(({ path }) => path === GROUPS_FILE);
  const names = new Set([
    EVERY_NAME,
    ...aliases.keys(),
    ...hazy,
    ...Object.keys(groups?.value.groups ?? {}),
    ...Object.keys(groups?.value.direct ?? {}),
  ]);
  const suggest = suggester(names);
  const every = own(value.policies, EVERY_NAME);
  for (const [name, policy] of Object.entries(value.policies)) {
    if (policy === undefined) continue;
    if (!blind && !names.has(name) && isUnknown(name, workspace)) {
      const meant = suggest(name);
      report.add("HG440", source, {
        message: `Nothing is called ${quote(name)}.`,
        ...(meant === undefined ? {} : { fix: `Did you mean \`${meant}\`?` }),
        at: { path: ["policies", name], what: "key" },
      });
      continue;
    }
    const { hedge_after_ms: hedgeMs = 0, first_token_ms: firstMs } = { ...every, ...policy };
    const said = policy.hedge_after_ms !== undefined ? "hedge_after_ms" : "first_token_ms";
    if (firstMs !== undefined && hedgeMs >= firstMs && policy[said] !== undefined) {
      report.add("HG441", source, {
        message: `${quote(name)} is hedged after ${hedgeMs} ms, and given up after ${firstMs} ms.`,
        at: { path: ["policies", name, said] },
      });
    }
    for (const [field, why] of pointless(name, policy, workspace)) {
      report.add("HG442", source, {
        message: `\`${field}\` has no effect on ${quote(name)}: ${why}.`,
        at: { path: ["policies", name, field], what: "key" },
      });
    }
  }
};

function pointless(
  name: string,
  { hedge_after_ms: hedgeMs = 0, midstream = "error" }: Policy,
  workspace: Workspace,
): [keyof Policy, string][] {
  const operation = operationOf(name, workspace);
  if (operation === undefined) return [];
  const found: [keyof Policy, string][] = [];
  if (hedgeMs > 0 && !HEDGED.has(operation))
    found.push(["hedge_after_ms", `a request for ${operation} is never made twice at once`]);
  if (midstream !== "error" && operation !== "chat")
    found.push(["midstream", `${operation} is not streamed as text`]);
  return found;
}

/** What a name does; undefined for `*` and for what nothing sound bears. */
function operationOf(name: string, { aliases, groups }: Workspace): Operation | undefined {
  const alias = own(groups?.value.direct, name)?.alias ?? name;
  return own(groups?.value.groups, name)?.operation ?? aliases.get(alias)?.model.operation;
}

const own = <T>(entries: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  entries !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;
