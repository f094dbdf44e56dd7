import { createTwoFilesPatch } from "diff";
import { createColors } from "picocolors";
import type { FileEdit } from "./edits.ts";

/** A diff in the format of `diff -u` and git, so that `git apply` reads it. */
export function unifiedDiff({ path, before = "", after }: FileEdit): string {
  const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
    context: 3,
  });
  return patch.replace(/^=+\n/, "").trimEnd();
}

export function paintDiff(diff: string, colour: boolean): string {
  const { bold, cyan, green, red } = createColors(colour);
  return diff
    .split("\n")
    .map((line) => {
      if (line.startsWith("--- ") || line.startsWith("+++ ")) return bold(line);
      if (line.startsWith("@@")) return cyan(line);
      if (line.startsWith("+")) return green(line);
      return line.startsWith("-") ? red(line) : line;
    })
    .join("\n");
}
