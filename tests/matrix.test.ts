/** Every surface × every adapter; the printout is the first part of docs/compatibility.md. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { FAMILIES } from "./conversations/pairs.ts";
import { CONVERSATIONS } from "./conversations/print.ts";
import { TARGETS } from "./conversations/targets.ts";
import { type Cell, printMatrix, runMatrix } from "./support/matrix.ts";
import { FEATURES } from "./support/matrix-samples.ts";

let cells: readonly Cell[];

beforeAll(async () => {
  cells = await runMatrix();
});

describe("the matrix", () => {
  it.each(FEATURES.filter((feature) => feature !== "json schema" && feature !== "citations"))(
    "carries %s from every surface to every adapter, whole and streamed",
    (feature) => {
      expect(cells.filter((cell) => cell.feature === feature && cell.problem !== "")).toEqual([]);
    },
  );

  it("carries citations wherever both wires have a place for them", () => {
    const lost = cells.filter((cell) => cell.feature === "citations" && cell.problem !== "");
    expect(lost.filter(({ surface, adapter }) => surface !== "ollama" && adapter !== "ollama")).toEqual([]);
  });

  it("loses nothing without naming it", () => {
    const lost = cells.filter((cell) => cell.problem !== "");
    expect(lost.filter((cell) => !/^\d{3}: |no place/.test(cell.problem))).toEqual([]);
  });

  it("is the first part of docs/compatibility.md, which `make matrix` writes", () => {
    const document = readFileSync("docs/compatibility.md", "utf8");
    expect(`${document.slice(0, document.indexOf(CONVERSATIONS)).trimEnd()}\n`).toBe(printMatrix(cells));
  });
});

describe("the second part of docs/compatibility.md, about conversations", () => {
  it("has a row for each provider and a column for each family that the code names", () => {
    const document = readFileSync("docs/compatibility.md", "utf8");
    const [singles = "", pairs = ""] = document
      .slice(document.indexOf(CONVERSATIONS))
      .split("From the provider");
    const rows = (text: string) => text.split("\n").filter((line) => /^\| [^-|]/.test(line));
    expect(rows(singles).map((row) => row.split("|")[1]?.trim())).toEqual(TARGETS.map(({ name }) => name));
    expect(rows(pairs).map((row) => row.split("|")[1]?.trim())).toEqual(
      FAMILIES.map(({ name }, index) => `${index + 1}. ${name}`),
    );
    for (const row of rows(pairs)) expect(row.split("|").slice(2, -1)).toHaveLength(FAMILIES.length);
  });
});
