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

const found = new Map<string, { count: number; readonly first: string }>();
let requests = 0;
let bad = 0;
await using bench = await startBench();
for (const target of TARGETS.filter(({ name }) => name.includes(values.target))) {
  for (const second of values.pairs ? TARGETS : [undefined]) {
    for (const surface of Object.keys(SURFACES) as SurfaceId[]) {
      for (const kind of KINDS.filter((one) => one.includes(values.kind))) {
        for (let nth = 0; nth < (kind === "200 turns" ? 1 : Number(values.each)); nth += 1) {
          const seed = nth * 100 + KINDS.indexOf(kind) + 1;
          const stream = (nth + kind.length) % 2 === 0;
          const chain = second === undefined ? [target] : [target, second];
          const problems = await tryChain(bench, surface, conversationOf(seed, kind), chain, stream);
          if (problems === undefined) continue;
          requests += 1;
          if (problems.length > 0) bad += 1;
          for (const problem of problems) {
            const key = `${chain.map(({ name }) => name).join(" → ")} | ${problem.replace(/\[\d+\]|\.\d+(?=\.|$)/g, "[n]").slice(0, 220)}`;
            const entry = found.get(key) ?? {
              count: 0,
              first: `${surface}, ${kind}, seed ${seed}, ${stream ? "streamed" : "whole"}`,
            };
            entry.count += 1;
            found.set(key, entry);
          }
        }
      }
    }
  }
}
for (const [problem, { count, first }] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`- ${count}× ${problem} (first: ${first})`);
}
console.log(`${requests} conversations, ${bad} of them with a problem`);
