/** The largest flow through a network with capacities (Dinic, 1970); capacities may be fractions. */

const EPSILON = 1e-7;

export class Network {
  readonly #to: number[] = [];
  readonly #left: number[] = [];
  /** By node: its edges; an edge and its reverse lie next to each other. */
  readonly #edges: number[][] = [];

  node(): number {
    return this.#edges.push([]) - 1;
  }

  edge(from: number, to: number, capacity: number): void {
    this.#edges[from]?.push(this.#to.length);
    this.#to.push(to);
    this.#left.push(capacity);
    this.#edges[to]?.push(this.#to.length);
    this.#to.push(from);
    this.#left.push(0);
  }

  maxFlow(source: number, sink: number): number {
    let total = 0;
    for (;;) {
      const level = this.#levels(source);
      if (level[sink] === -1) return total;
      const next = new Int32Array(this.#edges.length);
      for (;;) {
        const pushed = this.#push(source, sink, Number.POSITIVE_INFINITY, level, next);
        if (pushed <= EPSILON) break;
        total += pushed;
      }
    }
  }

  #levels(source: number): Int32Array {
    const level = new Int32Array(this.#edges.length).fill(-1);
    level[source] = 0;
    const queue = [source];
    for (let at = 0; at < queue.length; at += 1) {
      const node = queue[at] ?? 0;
      for (const edge of this.#edges[node] ?? []) {
        const to = this.#to[edge] ?? 0;
        if ((this.#left[edge] ?? 0) <= EPSILON || level[to] !== -1) continue;
        level[to] = (level[node] ?? 0) + 1;
        queue.push(to);
      }
    }
    return level;
  }

  #push(node: number, sink: number, most: number, level: Int32Array, next: Int32Array): number {
    if (node === sink) return most;
    const edges = this.#edges[node] ?? [];
    for (let at = next[node] ?? 0; at < edges.length; at += 1) {
      next[node] = at;
      const edge = edges[at] ?? 0;
      const to = this.#to[edge] ?? 0;
      const left = this.#left[edge] ?? 0;
      if (left <= EPSILON || level[to] !== (level[node] ?? 0) + 1) continue;
      const pushed = this.#push(to, sink, Math.min(most, left), level, next);
      if (pushed <= EPSILON) continue;
      this.#left[edge] = left - pushed;
      this.#left[edge ^ 1] = (this.#left[edge ^ 1] ?? 0) + pushed;
      return pushed;
    }
    next[node] = edges.length;
    return 0;
  }
}
