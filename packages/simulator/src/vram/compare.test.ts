import { expect, test } from "vitest";
import { compare } from "./compare.ts";
import { asMarkdown, asText, barLine } from "./report.ts";
import { makeTraces, TRACE_NAMES } from "./traces.ts";

const SHORT = { seed: 1, jobs: 120, tries: { own: 0, other: 0 } };

test("the bars are met on every trace", () => {
  const reports = compare({ seed: 1, jobs: 400, tries: { own: 3_000_000, other: 0 } });
  const missed = reports.flatMap((report) => report.bars.filter((bar) => !bar.met));
  expect(reports.flatMap((report) => report.bars)).toHaveLength(77);
  expect(missed.map((bar) => `${bar.trace}: ${barLine(bar)}`)).toEqual([]);
  for (const report of reports) {
    const own = report.rows.at(-1);
    expect([report.trace, own?.overcommits, own?.stuck]).toEqual([report.trace, 0, 0]);
  }
}, 180_000);

test("where all models fit, each is loaded once", () => {
  for (const { rows } of compare({ ...SHORT, only: ["voice", "fits"] })) {
    expect(rows.at(-1)?.loads).toBe(rows[0]?.loads);
  }
});

test("the same seed gives the same figures, and another seed others", () => {
  const figures = (seed: number) => JSON.stringify(compare({ ...SHORT, seed, only: ["zipf"] }));
  expect(figures(3)).toBe(figures(3));
  expect(figures(3)).not.toBe(figures(4));
});

test("bypass starves the rare model where the hot one never pauses, and Headgate does not", () => {
  const [report] = compare({ ...SHORT, jobs: 400, only: ["hot and rare"] });
  const of = (policy: string) => report?.rows.find((row) => row.policy === policy)?.boundUsed ?? 0;
  expect(of("bypass, LRU")).toBeGreaterThan(1);
  expect(of("headgate")).toBeLessThanOrEqual(1);
});

test("a model with an endless backlog is served in time, and not at every second swap", () => {
  const [report] = compare({ ...SHORT, seed: 5, jobs: 400, only: ["hot and rare"] });
  expect(report?.rows.at(-1)?.boundUsed).toBeLessThanOrEqual(1);
});

test("no policy does with less than the offline optimum", () => {
  const tries = { own: 50_000, other: 50_000 };
  const rows = compare({ seed: 2, jobs: 60, tries }).flatMap((report) => report.rows);
  const found = rows.filter((row) => row.optimum !== undefined);
  for (const { optimum, loadMs } of found) expect(loadMs).toBeGreaterThanOrEqual(optimum?.loadMs ?? 0);
  expect(found.length).toBeGreaterThan(rows.length / 2);
}, 180_000);

test("every trace of the design is there, and the report names each with its figures", () => {
  expect(makeTraces(SHORT).map((trace) => trace.name)).toEqual(TRACE_NAMES);
  const reports = compare({ ...SHORT, only: ["voice"] });
  expect(asText(reports)).toMatch(/^voice: .*\npolicy +mean s/);
  expect(asMarkdown(reports, "make simulate-vram")).toContain("| headgate |");
});
