/**
 * Writes the committed files that are generated from fragments, chains, adapters' manifests and schemas.
 * Usage: node --conditions=@headgate/source scripts/generate.ts [--check] [--root DIR]
 * `--check` writes nothing and fails when a committed file is out of date.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { renderGithub, renderPretty } from "@headgate/diagnostics";
import { type Drift, findDrift, outputsOf, repair } from "./generate/files.ts";

const MAX_SHOWN = 160;
const inGithub = process.env.GITHUB_ACTIONS === "true";

const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, root: { type: "string" } },
});
const root = values.root ?? join(import.meta.dirname, "..");
const outputs = await outputsOf(root);

if ("files" in outputs) {
  const { files } = outputs;
  const drifts = findDrift(root, files);
  if (values.check) check(drifts, files.size);
  else {
    write(drifts, files);
    // Types and validators are made from the schemas, of which one is an output itself.
    if (drifts.some(({ path }) => path.startsWith("schemas/"))) {
      const anew = await outputsOf(root);
      if ("files" in anew) write(findDrift(root, anew.files), anew.files);
    }
  }
} else {
  const { diagnostics, sources } = outputs;
  console.error(
    inGithub
      ? renderGithub(diagnostics)
      : renderPretty(diagnostics, { files: sources, colour: process.stderr.isTTY }),
  );
  console.error("\ngenerate: the catalogue has errors, so nothing was written");
  process.exitCode = 1;
}

function write(drifts: readonly Drift[], files: ReadonlyMap<string, string>): void {
  repair(root, drifts, files);
  for (const { path, kind } of drifts)
    console.log(kind === "superfluous" ? `deleted ${path}` : `wrote ${path}`);
}

function check(drifts: readonly Drift[], count: number): void {
  for (const { path, kind, line } of drifts) {
    const message = `${path} is ${kind}; run \`make generate\` and commit the result`;
    console.error(`generate: ${message}`);
    if (line !== undefined) {
      console.error(`  line ${line.number} is: ${line.is.slice(0, MAX_SHOWN)}`);
      console.error(`  line ${line.number} should be: ${line.should.slice(0, MAX_SHOWN)}`);
    }
    if (inGithub)
      console.error(`::error file=${path},line=${line?.number ?? 1},title=generated file::${message}`);
  }
  console.log(`generate: ${count} committed files, ${drifts.length} out of date`);
  if (drifts.length > 0) process.exitCode = 1;
}
