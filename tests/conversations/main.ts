/** `node --conditions=@headgate/source tests/conversations/main.ts`: which conversations which twin refuses, as a list. */
import { parseArgs } from "node:util";
import { SURFACES, type SurfaceId } from "../support/matrix-surfaces.ts";
import { startBench } from "./bench.ts";
import { tryChain } from "./cells.ts";
import { conversationOf, KINDS } from "./generate.ts";
import { TARGETS } from "./targets.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string", default: "" },
    kind: { type: "string", default: "" },
    each: { type: "string", default: "1" },
    pairs: { type: "boolean", default: false },
  },
});

/** By problem: which providers have it, how often, and the conversation that showed it first. */
const found = new Map<
  string,
  { count: number; readonly first: string; readonly targets: Set<string>; readonly where: Set<string> }
>();
let requests = 0;
let bad = 0;
await using bench = await startBench();
for (const target of TARGETS.filter(({ name }) => name.includes(values.target))) {
  for (const second of values.pairs ? TARGETS.filter(({ family }) => family) : [undefined]) {
    const chain = second === undefined ? [target] : [target, second];
    for (const surface of Object.keys(SURFACES) as SurfaceId[]) {
      for (const kind of KINDS.filter((one) => one.includes(values.kind))) {
        for (let nth = 0; nth < (kind === "200 turns" ? 1 : Number(values.each)); nth += 1) {
          const seed = nth * 100 + KINDS.indexOf(kind) + 1;
          const stream = (nth + kind.length) % 2 === 0;
          const problems = await tryChain(bench, surface, conversationOf(seed, kind), chain, stream);
          if (problems === undefined) continue;
          requests += 1;
          if (problems.length > 0) bad += 1;
          for (const problem of problems) {
            const key = problem.replace(/\[\d+\]|\.\d+(?=\.|$)/g, "[n]").slice(0, 240);
            const first = `${surface}, ${kind}, seed ${seed}, ${stream ? "streamed" : "whole"}`;
            const entry = found.get(key) ?? { count: 0, first, targets: new Set(), where: new Set() };
            entry.count += 1;
            entry.where.add(`${surface}: ${kind}`);
            entry.targets.add(chain.map(({ name }) => name).join(" → "));
            found.set(key, entry);
          }
        }
      }
    }
  }
}
for (const [problem, { count, first, targets, where }] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const names = [...targets];
  const listed =
    names.length > 6 ? `${names.slice(0, 6).join("; ")} and ${names.length - 6} more` : names.join("; ");
  console.log(`- ${problem}\n    ${count}×, first: ${first}\n    ${listed}\n    ${[...where].join("; ")}`);
}
console.log(`${requests} conversations, ${bad} of them with a problem`);
