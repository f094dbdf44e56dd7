import type { ListNode, MapNode } from "../load/tree.ts";

/** Children of JSON collections to take out of a text: each goes with one comma and the space up to its neighbour. */
export class Cuts {
  readonly #ranges: (readonly [start: number, end: number])[] = [];

  /** @param gone indexes of the collection's children */
  take({ start, end, ...node }: MapNode | ListNode, gone: ReadonlySet<number>): void {
    if (gone.size === 0) return;
    const children =
      node.kind === "list"
        ? node.items.map((item) => ({ start: item.start, end: item.end }))
        : node.entries.map((entry) => ({ start: entry.keyStart, end: entry.node.end }));
    if (gone.size === children.length) {
      this.#ranges.push([start + 1, end - 1]);
      return;
    }
    const lastKept = children.findLastIndex((_, index) => !gone.has(index));
    children.forEach((child, index) => {
      if (!gone.has(index)) return;
      const next = children[index + 1];
      const previous = children[index - 1];
      if (index < lastKept && next !== undefined) this.#ranges.push([child.start, next.start]);
      else if (previous !== undefined) this.#ranges.push([previous.end, child.end]);
    });
  }

  apply(text: string): string {
    let result = "";
    let at = 0;
    for (const [start, end] of this.#ranges.toSorted(([a], [b]) => a - b)) {
      result += text.slice(at, start);
      at = end;
    }
    return result + text.slice(at);
  }
}
