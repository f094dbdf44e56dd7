/**
 * `make simulate-background`: a day of interactive clients beside a crowd of background ones that takes all that it gets. Prints the
 * figures, writes packages/simulator/results/background.md, and exits with 1 when a bar is missed.
 */
import { randomInt } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Catalog } from "@headgate/contract";
import { quota } from "@headgate/simulator";

const ROOT = new URL("..", import.meta.url);
const START_MS = Date.UTC(2026, 10, 23);
const DEMAND = { perHour: 4_000, clients: 60 } as const;
const P95 = 1.05;
const LEFT_OVER = 0.95;
const MAX_SEED = 2 ** 31 - 1;

const { values } = parseArgs({
  options: { seed: { type: "string", multiple: true }, hours: { type: "string", default: "24" } },
});
const seeds = values.seed?.map(Number) ?? [randomInt(MAX_SEED), randomInt(MAX_SEED)];
const hours = Number(values.hours);
const catalog = JSON.parse(await readFile(new URL("generated/catalog.json", ROOT), "utf8")) as Catalog;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
let met = true;
const rows: string[] = [];
for (const seed of seeds) {
  const { p95, served, ofLeftOver } = quota.backgroundFigures(catalog, {
    seed,
    hours,
    startMs: START_MS,
    ...DEMAND,
  });
  met &&= p95 <= P95 && ofLeftOver >= LEFT_OVER;
  const row = `| ${seed} | ${percent(p95)} | ${percent(served)} | ${percent(ofLeftOver)} |`;
  rows.push(row);
  console.log(row);
}
const text = `# Background beside interactive requests

Written by \`make simulate-background\` (seeds ${seeds.join(", ")}, drawn when it ran): ${hours} simulated hours of the free tiers with
${DEMAND.perHour} interactive requests an hour, beside ${DEMAND.clients} background clients that always have one more request.

- p95: the interactive requests' 95th percentile, over the same without the crowd (bar: at most ${percent(P95)}).
- served: interactive requests that were served, over the same without the crowd.
- left over: what the crowd is served, over what the same crowd gets beyond the interactive requests' share when it is interactive itself
  (bar: at least ${percent(LEFT_OVER)}; above 100 % because a crowd that waits fails less often).

| seed | p95 | served | left over |
|---|---|---|---|
${rows.join("\n")}
`;
if (values.hours === "24") await writeFile(new URL("packages/simulator/results/background.md", ROOT), text);
process.exitCode = met ? 0 : 1;
