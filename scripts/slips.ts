/**
 * Makes slips in the catalogue's files, one at a time and at places drawn at run time, and counts those that
 * `headgate validate --strict` does not see. Usage: node scripts/slips.ts [--count N] [--seed N]
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compile } from "@headgate/compiler";
import { type Draw, type Slip, slipsIn } from "./slips/kinds.ts";

const LEAST_SHARE = 0.98;

const { values } = parseArgs({
  options: { count: { type: "string", default: "280" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const root = join(import.meta.dirname, "..");
const installation = { schemasDir: join(root, "schemas"), adaptersDir: join(root, "packages", "adapters") };
const cacheDir = join(root, ".build", "compiler-cache");

/** xorshift32: https://www.jstatsoft.org/article/view/v008i14 */
function drawing(from: number): Draw {
  let state = from | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

const files = globSync(["providers/*/provider.yaml", "models/*.yaml", "fallbacks/{fallbacks,groups}.json"], {
  cwd: root,
})
  .map((path) => path.replaceAll("\\", "/"))
  .sort()
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

async function isCaught(path: string, text: string): Promise<boolean> {
  const { diagnostics } = await compile({ root, installation, cacheDir, drafts: new Map([[path, text]]) });
  return diagnostics.some(({ code, message }) => !known.has(`${code} ${message}`));
}

const before = await compile({ root, installation, cacheDir });
const known = new Set(before.diagnostics.map(({ code, message }) => `${code} ${message}`));
const slips = slipsIn(files, Number(values.count), drawing(seed));
// A run that calls everything caught has measured nothing.
const [same] = files;
if (same !== undefined && (await isCaught(same.path, same.text)))
  throw new Error(`a file without a slip counts as caught: ${same.path}`);
const passed: Slip[] = [];
for (const slip of slips) {
  if (!(await isCaught(slip.path, slip.text))) passed.push(slip);
}
const caught = slips.length - passed.length;
const share = caught / slips.length;
for (const { kind, path, was, now } of passed)
  console.log(
    `passed, since nothing else in the catalogue contradicts it: ${kind}\n  ${path}\n  - ${was.trim()}\n  + ${now.trim()}`,
  );
const kinds = new Set(slips.map(({ kind }) => kind)).size;
console.log(
  `slips: ${caught} of ${slips.length} caught (${(share * 100).toFixed(1)} %), ${kinds} kinds, seed ${seed}`,
);
if (share < LEAST_SHARE || slips.length < 250) process.exitCode = 1;
