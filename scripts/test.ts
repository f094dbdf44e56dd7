/**
 * Every test, each part of the suite as a task of turbo, and their sum as the last line of stdout and in
 * `.build/test-summary.txt`. With arguments: one run of vitest that takes them.
 * Usage: node scripts/test.ts [arguments of vitest]
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findTestParts } from "./build/workspace.ts";
import {
  type Part,
  type PartSummary,
  printCounts,
  printParts,
  SUMMARY_FILE,
  sumParts,
} from "./test-summary/sum.ts";
import { run, runTurbo } from "./turbo/run.ts";

const root = join(import.meta.dirname, "..");
const args = process.argv.slice(2);

async function everyPart(): Promise<number> {
  const { folders, tasks } = findTestParts(root);
  for (const folder of folders) rmSync(join(root, folder, SUMMARY_FILE), { force: true });
  const startedAtMs = Date.now();
  const status = await runTurbo(root, [...tasks, "--continue=always", "--output-logs=new-only"]);
  const parts = folders.map((folder): Part => {
    const path = join(root, folder, SUMMARY_FILE);
    if (!existsSync(path)) return { folder };
    return { folder, summary: JSON.parse(readFileSync(path, "utf8")) as PartSummary };
  });
  const sum = sumParts(parts);
  const line = printCounts(sum);
  mkdirSync(join(root, ".build"), { recursive: true });
  writeFileSync(join(root, ".build", "test-summary.txt"), `${line}\n`);
  console.log(`${printParts(parts, startedAtMs)}\n${line}`);
  return status === 0 && sum.failed > 0 ? 1 : status;
}

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
process.exitCode =
  args.length === 0
    ? await everyPart()
    : await run(process.execPath, [vitest, "run", ...args], { cwd: root });
