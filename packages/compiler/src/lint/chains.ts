/** What the lints of chains and groups have in common. */
import type { Operation } from "@headgate/contract";
import { ANY } from "../link/ladders.ts";
import type { Workspace } from "../link/workspace.ts";
import type { Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import { suggester } from "../suggest.ts";

export interface Chain {
  readonly section: "chains" | "default" | "context_window" | "ladders";
  /** An alias; an operation in `default`, a name in `ladders`. */
  readonly key: string;
  readonly targets: readonly string[];
  readonly source: Source;
  readonly path: Path;
}

/** Every list of aliases that is tried, ladders written out. */
export function chainsOf({ chains }: Workspace): Chain[] {
  if (chains === undefined) return [];
  const { source } = chains;
  const listsOf = (
    section: "chains" | "context_window",
    lists: Readonly<Record<string, readonly string[]>>,
  ) =>
    Object.entries(lists).map(
      ([key, targets]): Chain => ({ section, key, targets, source, path: [section, key] }),
    );
  return [
    ...listsOf("chains", chains.chains),
    ...chains.defaults.map(
      ({ operation, path, targets }): Chain => ({
        section: "default",
        key: operation,
        targets,
        source,
        path,
      }),
    ),
    ...listsOf("context_window", chains.contextWindow),
    ...(chains.anyWindow === undefined
      ? []
      : [
          {
            section: "default" as const,
            key: "chat",
            targets: chains.anyWindow,
            source,
            path: ["context_window", ANY],
          },
        ]),
  ];
}

/** The ladders themselves, whether a chain uses them or not. */
export function laddersOf({ chains }: Workspace): Chain[] {
  if (chains === undefined) return [];
  const { source, ladders } = chains;
  return Object.entries(ladders).map(([key, targets]) => {
    const section = "ladders" as const;
    return { section, key, targets, source, path: [section, key] };
  });
}

/** The operation that a chain's targets must have; `undefined` while its source is unknown. */
export const operationOf = ({ section, key }: Chain, { aliases }: Workspace): Operation | undefined =>
  // The schema admits nothing else as a key of `default`.
  section === "default" ? (key as Operation) : aliases.get(key)?.model.operation;

/** True when no alias has the name. False while a fragment cannot be read, since it may define the name. */
export const isUnknown = (alias: string, { aliases, hazy, blind }: Workspace): boolean =>
  !blind && !aliases.has(alias) && !hazy.has(alias);

/** Suggests aliases for unknown ones. */
export const aliasSuggester = ({ aliases, hazy }: Workspace): ((alias: string) => string | undefined) =>
  suggester(new Set([...aliases.keys(), ...hazy]));
