/** `make matrix`: features and conversations, every surface in front of every provider; writes docs/compatibility.md. */
import { fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { printMatrix, runMatrix } from "../support/matrix.ts";
import { startBench } from "./bench.ts";
import { CELLS, type Tally, tally } from "./pairs.ts";
import { CONVERSATIONS, printConversations } from "./print.ts";

const USAGE = `make matrix ARGS="[--pair <n>] [--single <n>] [--processes <n>] [--features]"

  --pair <n>       conversations per ordered pair of providers (default: 500)
  --single <n>     conversations per provider and surface (default: 100)
  --processes <n>  processes that share the work (default: the machine's cores)
  --features       the tables of features alone; what the file says about conversations stays`;

const DOCUMENT = "docs/compatibility.md";
const { values } = parseArgs({
  options: {
    pair: { type: "string", default: "500" },
    single: { type: "string", default: "100" },
    processes: { type: "string", default: String(availableParallelism()) },
    features: { type: "boolean", default: false },
    /** Internal: this process does every n-th cell, from this one on. */
    share: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const each = { pair: Number(values.pair), single: Number(values.single) };
const processes = Number(values.processes);

/** The cells of one process, each sent to its parent as it is done. */
async function work(share: number): Promise<void> {
  await using bench = await startBench();
  for (const { cell, targets, surface } of CELLS) {
    if (cell % processes !== share) continue;
    const wanted = targets.length === 1 ? each.single : each.pair;
    process.send?.(
      await tally(bench, targets, { cell, wanted, ...(surface === undefined ? {} : { surface }) }),
    );
  }
}

async function conversations(): Promise<Tally[]> {
  const tallies: Tally[] = [];
  const started = performance.now();
  await Promise.all(
    Array.from({ length: processes }, (_, share) => {
      const child = fork(import.meta.filename, [...process.argv.slice(2), "--share", String(share)], {
        execArgv: process.execArgv,
      });
      child.on("message", (message) => {
        tallies.push(message as Tally);
        const done = `${tallies.length} of ${CELLS.length} cells, ${Math.round((performance.now() - started) / 1000)} s`;
        process.stderr.write(
          process.stderr.isTTY ? `\r${done} ` : tallies.length % 50 === 0 ? `${done}\n` : "",
        );
      });
      return new Promise<void>((resolve, reject) => {
        child.once("exit", (code) =>
          code === 0 ? resolve() : reject(new Error(`a process of the matrix ended with ${code}`)),
        );
      });
    }),
  );
  return tallies;
}

if (values.help) console.log(USAGE);
else if (values.share !== undefined) await work(Number(values.share));
else {
  const before = readFileSync(DOCUMENT, "utf8");
  const features = printMatrix(await runMatrix());
  const at = before.indexOf(CONVERSATIONS);
  let rest = at === -1 ? "" : before.slice(at);
  if (!values.features) {
    const tallies = await conversations();
    rest = printConversations(tallies, each);
    const tried = tallies.reduce((sum, one) => sum + one.tried, 0);
    const failed = tallies.filter(({ problems }) => problems.length > 0).length;
    for (const { targets, problems } of tallies)
      for (const { problem, count, first } of problems)
        console.log(`${targets.join(" → ")}: ${problem} (${count}×, first: ${first})`);
    console.log(`${tried} conversations in ${tallies.length} cells; ${failed} cells have a problem`);
  }
  writeFileSync(DOCUMENT, `${features}\n${rest}`);
  console.log(`wrote ${DOCUMENT}`);
}
