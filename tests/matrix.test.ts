/** Every surface × every adapter; the printout is docs/compatibility.md. */
import { beforeAll, describe, expect, it } from "vitest";
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

  it("equals docs/compatibility.md, which `make matrix` writes", async () => {
    await expect(printMatrix(cells)).toMatchFileSnapshot("../docs/compatibility.md");
  });
});
