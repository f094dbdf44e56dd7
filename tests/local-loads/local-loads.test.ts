/** A slice of `make simulate-local`: small models, few requests, the same real engine. */
import { describe, expect, it } from "vitest";
import { NO_OLLAMA, ollamaProgram } from "../engine/ollama.ts";
import { makeLoads } from "./loads.ts";
import { measureOf, ollamaAlone, throughHeadgate } from "./run.ts";

const missing = ollamaProgram() === undefined;
if (missing) console.warn(NO_OLLAMA);

const loads = makeLoads({ seed: 1, size: 0.04, length: 0.5 }).filter(({ id }) => id !== "random");

/** What a gateway may add where other tests use the machine too. Before, a swap took 10 to 60 s. */
const BUSY = { factor: 2, ms: 4_000 };

describe.skipIf(missing)("models of which not all fit, in a real Ollama", () => {
  it.each(loads)(
    "$about: served through Headgate about as fast as alone",
    { timeout: 60_000 },
    async (load) => {
      const alone = await ollamaAlone(load);
      const through = await throughHeadgate("slots")(load);
      expect([alone.failed, through.failed]).toEqual([{}, {}]);
      expect(measureOf(load, through)).toBeLessThan(measureOf(load, alone) * BUSY.factor + BUSY.ms);
    },
  );
});
