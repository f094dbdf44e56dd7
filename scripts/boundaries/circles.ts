/** Import circles, as a pure function over a graph of files. Type-only imports count like all others. */

/** The files that each file imports; every file is a key. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * One circle for each group of files that import each other: the shortest one, from its first file in the alphabet.
 * A file that imports itself is a circle of one.
 */
export function findCircles(graph: ImportGraph): string[][] {
  return knots(graph)
    .map((knot) => shortestCircle(graph, knot))
    .sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}

/** The groups of files in which each file reaches every other (Tarjan's strongly connected components). */
function knots(graph: ImportGraph): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const found: string[][] = [];

  const visit = (file: string): number => {
    const at = order.size;
    order.set(file, at);
    low.set(file, at);
    let lowest = at;
    stack.push(file);
    open.add(file);
    for (const next of graph.get(file) ?? []) {
      const seen = order.get(next);
      if (seen === undefined) lowest = Math.min(lowest, visit(next));
      else if (open.has(next)) lowest = Math.min(lowest, seen);
    }
    if (lowest === at) {
      const knot = stack.splice(stack.lastIndexOf(file));
      for (const member of knot) open.delete(member);
      const [only] = knot;
      if (knot.length > 1 || (only !== undefined && graph.get(only)?.includes(only))) found.push(knot.sort());
    }
    return lowest;
  };

  for (const file of [...graph.keys()].sort()) if (!order.has(file)) visit(file);
  return found;
}

/** Breadth first from every member; the first of the shortest ones wins, so that the result does not change by chance. */
function shortestCircle(graph: ImportGraph, knot: readonly string[]): string[] {
  const members = new Set(knot);
  let best: string[] | undefined;
  for (const start of knot) {
    const cameFrom = new Map<string, string>();
    const queue = [start];
    for (const file of queue) {
      const next = (graph.get(file) ?? []).filter((target) => members.has(target)).sort();
      if (next.includes(start)) {
        const circle = [file];
        for (let at = cameFrom.get(file); at !== undefined; at = cameFrom.get(at)) circle.unshift(at);
        if (best === undefined || circle.length < best.length) best = circle;
        break;
      }
      for (const target of next) {
        if (cameFrom.has(target)) continue;
        cameFrom.set(target, file);
        queue.push(target);
      }
    }
  }
  if (best === undefined) throw new Error(`no circle in ${knot.join(", ")}`);
  return best;
}
