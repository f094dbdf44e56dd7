/**
 * Lays one value over another by the overlay's rules: key by key; lists replace; `append:` adds to a list; `null`
 * removes. A list whose items have names is also addressed by them.
 */
import { quote } from "../quote.ts";
import { didYouMean } from "../suggest.ts";
import type { Path, Plain } from "./tree.ts";

export type PlainMap = { [key: string]: Plain };

export const isMap = (value: Plain | undefined): value is PlainMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is at `path` of the merged value was written at `at` of the value that lies over. */
export interface Laid {
  readonly path: Path;
  readonly at: Path;
}

export interface MergeProblem {
  readonly code: "HG601" | "HG602";
  /** In the value that lies over. */
  readonly path: Path;
  readonly message: string;
  readonly fix: string;
}

export interface Merged {
  readonly value: PlainMap;
  readonly laid: readonly Laid[];
  readonly problems: readonly MergeProblem[];
  /** Names of items that `null` removes from a list with names. They stay in the value. */
  readonly removed: readonly { readonly name: string; readonly at: Path }[];
}

/** @param nameOf the key that names the items of the list at a path; undefined: the items have no names */
export function merge(
  under: PlainMap,
  over: PlainMap,
  nameOf: (path: Path) => string | undefined = () => undefined,
): Merged {
  const merger = new Merger(nameOf);
  const value = merger.maps(under, over, [], []);
  return { value, laid: merger.laid, problems: merger.problems, removed: merger.removed };
}

const APPEND = "append";
const CHAINS = "chains";

class Merger {
  readonly laid: Laid[] = [];
  readonly problems: MergeProblem[] = [];
  readonly removed: { name: string; at: Path }[] = [];
  readonly #nameOf: (path: Path) => string | undefined;

  constructor(nameOf: (path: Path) => string | undefined) {
    this.#nameOf = nameOf;
  }

  maps(under: PlainMap, over: PlainMap, path: Path, at: Path): PlainMap {
    const value: PlainMap = Object.assign(Object.create(null), under);
    for (const [key, laid] of Object.entries(over)) {
      const below = [...path, key];
      const origin = [...at, key];
      if (key === "$schema" && path.length === 0) continue;
      if (laid === null) {
        if (key in value) delete value[key];
        else this.#unknown(key, origin, Object.keys(under), "remove");
      } else value[key] = this.#value(under[key], laid, below, origin);
    }
    return value;
  }

  #value(under: Plain | undefined, over: Plain, path: Path, at: Path): Plain {
    if (isMap(under) && isMap(over)) return this.maps(under, over, path, at);
    // A text stands for a list of itself, as the name of a ladder does in a chain.
    if (typeof under === "string" && isMap(over) && isAppend(over))
      return this.#list([under], over, path, at);
    if (under === undefined && path.length === 2 && path[0] === CHAINS && isMap(over) && isAppend(over)) {
      this.#refuse(
        at,
        `${quote(String(path[1]))} has no chain of its own to add to: it takes the one of its operation and tier.`,
        "Write the whole list.",
      );
      return over[APPEND] ?? [];
    }
    if (isMap(over) && (Array.isArray(under) || (under === undefined && isAppend(over))))
      return this.#list(Array.isArray(under) ? under : [], over, path, at);
    this.laid.push({ path, at });
    return over;
  }

  #list(under: readonly Plain[], over: PlainMap, path: Path, at: Path): Plain[] {
    const value = [...under];
    const name = this.#nameOf(path);
    for (const [key, laid] of Object.entries(over)) {
      const origin = [...at, key];
      if (key === APPEND) {
        if (!Array.isArray(laid)) {
          this.#refuse(origin, "`append` must be a list.", "Write the items to add as a list.");
          continue;
        }
        laid.forEach((item, index) => {
          this.laid.push({ path: [...path, value.length], at: [...origin, index] });
          value.push(item);
        });
        continue;
      }
      if (name === undefined) {
        this.#refuse(
          origin,
          `${quote(path.join("."))} is a list, and ${quote(key)} is no way to change one.`,
          "Write a list to replace it, or `append:` with the items to add.",
        );
        continue;
      }
      const index = under.findIndex((item) => isMap(item) && item[name] === key);
      const item = under[index];
      if (!isMap(item)) {
        const names = under.flatMap((one) => (isMap(one) ? [String(one[name])] : []));
        this.#unknown(key, origin, names, laid === null ? "switch off" : "change");
      } else if (laid === null) this.removed.push({ name: key, at: origin });
      else value[index] = this.#value(item, laid, [...path, index], origin);
    }
    return value;
  }

  #unknown(
    key: string,
    path: Path,
    known: readonly string[],
    verb: "remove" | "switch off" | "change",
  ): void {
    this.problems.push({
      code: "HG601",
      path,
      message: `There is no ${quote(key)} to ${verb} in the catalogue.`,
      fix: didYouMean(
        key,
        known,
        verb === "change" ? "Correct the name; what is new goes under `append:`." : "Delete the line.",
      ),
    });
  }

  #refuse(path: Path, message: string, fix: string): void {
    this.problems.push({ code: "HG602", path, message, fix });
  }
}

const isAppend = (over: PlainMap): boolean => {
  const keys = Object.keys(over);
  return keys.length === 1 && keys[0] === APPEND;
};
