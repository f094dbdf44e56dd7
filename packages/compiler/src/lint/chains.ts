/** What the lints of chains and groups have in common. */
import type { Fallbacks, Operation } from "@headgate/contract";
import type { LinkedModel, Workspace } from "../link/workspace.ts";
import type { Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import { suggester } from "../suggest.ts";

export interface Chain {
  readonly section: "chains" | "default" | "context_window";
  /** An alias; an operation in `default`. */
  readonly key: string;
  readonly targets: readonly string[];
  readonly source: Source;
  readonly path: Path;
}

const SECTIONS = ["chains", "default", "context_window"] as const satisfies (keyof Fallbacks)[];

/** Every list of aliases in fallbacks.json. */
export function chainsOf({ chains }: Workspace): Chain[] {
  if (chains === undefined) return [];
  const { source, value } = chains;
  return SECTIONS.flatMap((section) =>
    Object.entries(value[section] ?? {}).map(([key, targets]) => ({
      section,
      key,
      targets: targets ?? [],
      source,
      path: [section, key],
    })),
  );
}

/** The operation that a chain's targets must have; `undefined` while its source is unknown. */
export const operationOf = ({ section, key }: Chain, { aliases }: Workspace): Operation | undefined =>
  // The schema admits nothing else as a key of `default`.
  section === "default" ? (key as Operation) : aliases.get(key)?.model.operation;

/** What is tried after an alias: its own chain, else its operation's default without itself; `undefined`: it has neither. */
export function fallbacksOf(
  { model }: LinkedModel,
  { chains }: Workspace,
):
  | { readonly section: "chains" | "default"; readonly path: Path; readonly targets: readonly string[] }
  | undefined {
  const own = entryOf(chains?.value.chains, model.alias);
  if (own !== undefined) return { section: "chains", path: ["chains", model.alias], targets: own };
  const shared = entryOf(chains?.value.default, model.operation);
  if (shared === undefined) return undefined;
  const targets = shared.filter((target) => target !== model.alias);
  return { section: "default", path: ["default", model.operation], targets };
}

/** An alias may be called `constructor`, which every object seems to have. */
const entryOf = (
  lists: Readonly<Record<string, readonly string[] | undefined>> | undefined,
  key: string,
): readonly string[] | undefined =>
  lists !== undefined && Object.hasOwn(lists, key) ? lists[key] : undefined;

/** True when no alias has the name. False while a fragment cannot be read, since it may define the name. */
export const isUnknown = (alias: string, { aliases, hazy, blind }: Workspace): boolean =>
  !blind && !aliases.has(alias) && !hazy.has(alias);

/** Suggests aliases for unknown ones. */
export const aliasSuggester = ({ aliases, hazy }: Workspace): ((alias: string) => string | undefined) =>
  suggester(new Set([...aliases.keys(), ...hazy]));
