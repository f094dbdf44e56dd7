/** `make drift`: 200 seeded histories of a provider, followed by `models refresh` and `facts verify`. Exits with 1 below its bars. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type HistoryResult, runHistory } from "./history.ts";

const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const first = Number(values.only ?? values.seed);
const count = values.only === undefined ? Number(values.histories) : 1;
/** Of the true changes. */
const PROPOSED_BAR = 0.99;

const queue = Array.from({ length: count }, (_, at) => first + at);
const results: HistoryResult[] = [];
const work = async (): Promise<void> => {
  for (let seed = queue.shift(); seed !== undefined; seed = queue.shift())
    results.push(await runHistory(seed));
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));

for (const { seed, form, missed, wrong, leaks } of results.toSorted((a, b) => a.seed - b.seed))
  if (missed.length + wrong.length + leaks.length > 0)
    console.log(`${seed} ${form}: ${JSON.stringify({ missed, wrong, leaks })}`);
const sum = (of: (result: HistoryResult) => readonly string[]): number =>
  results.reduce((total, result) => total + of(result).length, 0);
const changes = sum((result) => result.changes);
const proposed = changes - sum((result) => result.missed);
const wrong = sum((result) => result.wrong);
const leaks = sum((result) => result.leaks);
console.log(
  `${results.length} histories, ${changes} changes: ${proposed} proposed (${((100 * proposed) / changes).toFixed(2)} %), ${wrong} wrong edits, ${leaks} leaks in ${results.reduce((total, { outputs }) => total + outputs, 0)} outputs and files`,
);
process.exitCode = proposed / changes >= PROPOSED_BAR && wrong === 0 && leaks === 0 ? 0 : 1;
