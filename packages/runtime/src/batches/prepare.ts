/** Makes a batch's lines out of its file. It may begin anew at any time, in another process too. */
import { setImmediate as turn } from "node:timers/promises";
import type { Batch, BatchProblem, BatchStore, NewLine } from "@headgate/contract";
import { LineChecker, type LineRules } from "./check-line.ts";
import { jsonLines } from "./json-lines.ts";

export const MAX_LINES = 50_000;
/** More problems than these are not told. */
const MAX_PROBLEMS = 50;
const AT_ONCE = 25;

export interface PrepareInput {
  readonly store: BatchStore;
  readonly nowMs: () => number;
  readonly maxLineBytes: number;
  readonly refused: LineRules["refused"];
}

export async function prepare(
  { id, plan }: Batch,
  { store, nowMs, maxLineBytes, refused }: PrepareInput,
): Promise<void> {
  const { file = "", endpoint, invalid } = plan;
  const problems: BatchProblem[] = [];
  const checker = new LineChecker({ endpoint, refused });
  let lines: NewLine[] = [];
  let added = 0;
  let found = 0;
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    await store.addLines(id, added, lines, nowMs());
    added += lines.length;
    lines = [];
    // Interactive requests come first, also beside a database in this process.
    await turn();
  };
  const failed = (problem: BatchProblem): Promise<void> => store.prepared(id, nowMs(), [problem]);
  if ((await store.file(file)) === undefined)
    return failed({
      code: "file_not_found",
      message: `The file ${file} is gone; upload it again.`,
      param: "input_file_id",
    });
  for await (const { line, value, problem } of jsonLines(store.readFile(file), maxLineBytes)) {
    found += 1;
    if (found > MAX_LINES)
      return failed({
        code: "too_many_lines",
        message: `The file holds more than ${MAX_LINES} requests; split it.`,
        param: "input_file_id",
      });
    const one: NewLine =
      value === undefined
        ? { customId: "", body: "{}", ...(problem === undefined ? {} : { problem }) }
        : checker.check(value, line);
    if (one.problem !== undefined && problems.length < MAX_PROBLEMS) problems.push(one.problem);
    // A batch that fails as a whole needs its problems alone.
    if (invalid === "skip" || problems.length === 0) lines.push(one);
    if (lines.length >= AT_ONCE) await flush();
  }
  if (found === 0)
    return failed({ code: "empty_file", message: "The file holds no request.", param: "input_file_id" });
  if (invalid === "fail" && problems.length > 0) return store.prepared(id, nowMs(), problems);
  await flush();
  await store.prepared(id, nowMs());
}
