/** A parsed file with the place of every node. YAML and JSON both become one of these. */
export type TreeNode = ScalarNode | MapNode | ListNode;

interface Ranged {
  /** Offsets in UTF-16 units; `end` is exclusive. */
  readonly start: number;
  end: number;
}

export interface ScalarNode extends Ranged {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
}

export interface MapEntry {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  node: TreeNode;
}

export interface MapNode extends Ranged {
  readonly kind: "map";
  readonly entries: MapEntry[];
}

export interface ListNode extends Ranged {
  readonly kind: "list";
  readonly items: TreeNode[];
}

export type Path = readonly (string | number)[];

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A problem found while parsing, by offsets. */
export interface ParseProblem extends Range {
  readonly code: "HG101" | "HG102" | "HG103" | "HG107" | "HG108" | "HG109" | "HG112" | "HG113";
  readonly message: string;
  readonly fix: string;
  /** The first of the two places, for a key that occurs twice. */
  readonly first?: Range;
}

/** `root` is set exactly when the file's values can be read. */
export interface Parsed {
  readonly root?: TreeNode;
  readonly problems: readonly ParseProblem[];
}

/** No fragment nests deeper than this, and no recursion over a tree goes further. */
export const MAX_DEPTH = 32;

export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

/**
 * The plain value of a tree. Mappings have no prototype: `__proto__` is an ordinary key, and looking up a name such
 * as `constructor` finds nothing that was not written.
 */
export function plainOf(node: TreeNode): Plain {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plainOf);
  const value: { [key: string]: Plain } = Object.create(null);
  for (const entry of node.entries) value[entry.key] = plainOf(entry.node);
  return value;
}

/**
 * Finds nodes by path. A map's keys are indexed on first use, so that many look-ups in one large map stay linear.
 */
export class Locator {
  readonly #root: TreeNode;
  readonly #indexes = new WeakMap<MapNode, Map<string, MapEntry>>();

  constructor(root: TreeNode) {
    this.#root = root;
  }

  /**
   * The range to underline for a path: a key (`what` is `key`, or the value is a collection), or a scalar value.
   * What does not exist is shown by the nearest thing around it that does.
   */
  find(path: Path, what: "key" | "value"): Range {
    let node = this.#root;
    let entry: MapEntry | undefined;
    let complete = true;
    for (const step of path) {
      let next: TreeNode | undefined;
      let nextEntry: MapEntry | undefined;
      if (node.kind === "map") {
        nextEntry = this.#indexOf(node).get(String(step));
        next = nextEntry?.node;
      } else if (node.kind === "list" && typeof step === "number") {
        next = node.items[step];
      }
      if (next === undefined) {
        complete = false;
        break;
      }
      node = next;
      entry = nextEntry;
    }
    if (entry !== undefined && (what === "key" || !complete || (node.kind !== "scalar" && !isFlat(node))))
      return { start: entry.keyStart, end: entry.keyEnd };
    if (node.kind === "map") {
      const [first] = node.entries;
      if (first !== undefined) return { start: first.keyStart, end: first.keyEnd };
    }
    return { start: node.start, end: node.end };
  }

  #indexOf(node: MapNode): Map<string, MapEntry> {
    let index = this.#indexes.get(node);
    if (index === undefined) {
      index = new Map();
      for (const entry of node.entries) index.set(entry.key, entry);
      this.#indexes.set(node, index);
    }
    return index;
  }
}

/** A list of scalars is short enough to be underlined as a whole. */
const isFlat = (node: MapNode | ListNode): boolean =>
  node.kind === "list" && node.items.length <= 8 && node.items.every((item) => item.kind === "scalar");
