/** A variable of .env means one thing: flags, keys, addresses and lists of models of all providers share one namespace. */
import type { LinkedFragment } from "../link/workspace.ts";
import type { Path } from "../load/tree.ts";
import type { Lint } from "./lint.ts";

type Purpose = "flag" | "key" | "address" | "list of models" | "way to come up" | "mistaken name";

interface Use {
  readonly name: string;
  readonly purpose: Purpose;
  readonly fragment: LinkedFragment;
  readonly path: Path;
}

export const variables: Lint = ({ fragments }, report) => {
  const uses = fragments.flatMap(usesOf);
  const owners = new Map<string, Use>();
  for (const use of uses) {
    if (use.name.startsWith("HEADGATE_")) {
      report.add("HG308", use.fragment.source, {
        message: `\`${use.name}\` belongs to the gateway's own options.`,
        fix: `Rename it, for example to \`${use.name.slice("HEADGATE_".length) || "MY_PROVIDER"}\`.`,
        at: { path: use.path },
      });
    } else if (use.purpose !== "mistaken name") {
      const other = owners.get(use.name);
      // The variable is its namesake's; else its first user's.
      if (other === undefined || (isNamesake(use) && !isNamesake(other))) owners.set(use.name, use);
    }
  }
  for (const use of uses) {
    const owner = owners.get(use.name);
    const other = owner === undefined || owner === use ? baseOf(use, owners) : owner;
    if (other === undefined) continue;
    const sameFlag = use.purpose === "flag" && other.purpose === "flag";
    report.add(sameFlag ? "HG306" : "HG307", use.fragment.source, {
      message: sameFlag
        ? `\`${use.name}\` is the flag of \`${other.fragment.id}\` already.`
        : `\`${use.name}\` is the ${use.purpose} of \`${use.fragment.id}\` here, and ${role(other, use)} of \`${other.fragment.id}\`.`,
      at: { path: use.path },
      related: [
        { message: "The other use is here.", source: other.fragment.source, at: { path: other.path } },
      ],
    });
  }
};

const role = (other: Use, use: Use): string =>
  other.name === use.name ? `the ${other.purpose}` : `a further key (after \`${other.name}\`)`;

const isNamesake = ({ name, fragment }: Use): boolean =>
  name.startsWith(fragment.id.toUpperCase().replaceAll("-", "_"));

/** `GROQ_API_KEY_2` is a further key of the provider with `GROQ_API_KEY`. */
function baseOf({ name }: Use, owners: ReadonlyMap<string, Use>): Use | undefined {
  const base = /^(.+)_[1-9][0-9]?$/.exec(name)?.[1];
  const use = base === undefined ? undefined : owners.get(base);
  return use?.purpose === "key" ? use : undefined;
}

function usesOf(fragment: LinkedFragment): Use[] {
  const { flag, auth, base_url, models_env, local } = fragment.fields;
  const uses: Use[] = [];
  const add = (name: string | undefined, purpose: Purpose, path: Path): void => {
    if (name !== undefined) uses.push({ name, purpose, fragment, path });
  };
  add(flag, "flag", ["flag"]);
  add(auth?.env, "key", ["auth", "env"]);
  add(base_url?.env, "address", ["base_url", "env"]);
  add(models_env, "list of models", ["models_env"]);
  add(local?.bring_up?.env, "way to come up", ["local", "bring_up", "env"]);
  auth?.mistaken?.forEach((name, index) => {
    add(name, "mistaken name", ["auth", "mistaken", index]);
  });
  return uses;
}
