/** A queue of things to happen, earliest first; those of one moment in the order in which they were put in. */
export class Agenda<T> {
  readonly #items: { readonly atMs: number; readonly seq: number; readonly what: T }[] = [];
  #seq = 0;

  push(atMs: number, what: T): void {
    const item = { atMs, seq: this.#seq++, what };
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = items[up];
      if (parent === undefined || !isBefore(item, parent)) break;
      items[at] = parent;
      at = up;
    }
    items[at] = item;
  }

  pop(): { readonly atMs: number; readonly what: T } | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let down = at * 2 + 1;
      let child = items[down];
      if (child === undefined) break;
      const right = items[down + 1];
      if (right !== undefined && isBefore(right, child)) {
        down += 1;
        child = right;
      }
      if (!isBefore(child, last)) break;
      items[at] = child;
      at = down;
    }
    items[at] = last;
    return top;
  }
}

interface Moment {
  readonly atMs: number;
  readonly seq: number;
}

const isBefore = (a: Moment, b: Moment): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.seq < b.seq);
