/**
 * Every test: each part of the suite is a task of turbo, and the sum over all parts is the last line of stdout and the
 * content of `.build/test-summary.txt`. With arguments: one run of vitest that takes them.
 * Usage: node scripts/test.ts [arguments of vitest]
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findTestParts } from "./build/workspace.ts";
import {
  type Part,
  type PartSummary,
  printCounts,
  printPart,
  SUMMARY_FILE,
  sumParts,
} from "./test-summary/sum.ts";
import { run, runTurbo } from "./turbo/run.ts";

const root = join(import.meta.dirname, "..");
const args = process.argv.slice(2);
const LOOK_EVERY_MS = 500;
const LONGEST = "//#test:tests";

function readPart(folder: string): Part {
  const path = join(root, folder, SUMMARY_FILE);
  try {
    if (existsSync(path)) return { folder, summary: JSON.parse(readFileSync(path, "utf8")) as PartSummary };
  } catch {
    // It is half written.
  }
  return { folder };
}

async function everyPart(): Promise<number> {
  const { folders, tasks } = findTestParts(root);
  for (const folder of folders) rmSync(join(root, folder, SUMMARY_FILE), { force: true });
  const width = Math.max(...folders.map(({ length }) => length));
  const startedAtMs = Date.now();
  const shown = new Set<string>();
  const show = (ended: boolean): void => {
    for (const folder of folders) {
      const part = readPart(folder);
      if (shown.has(folder) || (part.summary === undefined && !ended)) continue;
      shown.add(folder);
      console.log(printPart(part, startedAtMs, width));
    }
  };
  const looking = setInterval(show, LOOK_EVERY_MS, false);
  // turbo prints the output of a part that failed, whole and at once.
  const flags = ["--continue=always", "--output-logs=errors-only"];
  // turbo starts tasks in any order. The longest part would begin last, and waits much: all the others run beside it.
  const others = tasks.filter((task) => task !== LONGEST);
  const [longest, rest] = await Promise.all([
    runTurbo(root, [LONGEST, ...flags]),
    runTurbo(root, [...others, ...flags]),
  ]);
  const status = Math.max(longest, rest);
  clearInterval(looking);
  show(true);

  const sum = sumParts(folders.map(readPart));
  mkdirSync(join(root, ".build"), { recursive: true });
  writeFileSync(join(root, ".build", "test-summary.txt"), `${printCounts(sum)}\n`);
  console.log(printCounts(sum));
  return status === 0 && sum.failed > 0 ? 1 : status;
}

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
process.exitCode =
  args.length === 0
    ? await everyPart()
    : await run(process.execPath, [vitest, "run", ...args], { cwd: root });
