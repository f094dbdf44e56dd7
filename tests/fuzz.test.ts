/** A slice of `make fuzz`. */
import { expect, it } from "vitest";
import { fuzz } from "./fuzz/run.ts";

// Slow: thousands of requests through a real gateway. A busy machine delays single ones.
it("damaged requests and answers crash nothing and are answered in the surface's own form", async () => {
  const report = await fuzz({ seed: 18, bodies: 2_000, answers: 600, hangMs: 20_000, width: 8 });
  expect(report.findings).toEqual([]);
}, 180_000);
