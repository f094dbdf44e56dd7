import { createTwoFilesPatch } from "diff";

/** A unified difference without its header lines. */
export const differenceOf = (before: string, after: string): string =>
  createTwoFilesPatch("before", "after", before, after, undefined, undefined, { context: 2 })
    .split("\n")
    .slice(4)
    .filter((line) => !line.startsWith("\\"))
    .join("\n");
