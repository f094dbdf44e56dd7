/**
 * Judges the tracked catalogue as a maintainer does: every finding counts, warnings included, and so does the length of its
 * files. Usage: node --conditions=@headgate/source scripts/check-catalogue.ts [--root DIR]
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compile } from "@headgate/compiler";
import { renderGithub, renderPretty } from "@headgate/diagnostics";
import { lengthProblems } from "./catalogue/lengths.ts";

const inGithub = process.env.GITHUB_ACTIONS === "true";
const { values } = parseArgs({ options: { root: { type: "string" } } });
const root = values.root ?? join(import.meta.dirname, "..");

const { diagnostics, files } = await compile({
  root,
  installation: { schemasDir: join(root, "schemas"), adaptersDir: join(root, "packages", "adapters") },
});
if (diagnostics.length > 0)
  console.error(
    inGithub ? renderGithub(diagnostics) : renderPretty(diagnostics, { files, colour: process.stderr.isTTY }),
  );

const texts = globSync(["providers/*.yaml", "providers/*/*.yaml", "models/*.yaml", "fallbacks/*.json"], {
  cwd: root,
}).map((path): [string, string] => [path.replaceAll("\\", "/"), readFileSync(join(root, path), "utf8")]);
const problems = lengthProblems(new Map(texts.sort()));
for (const { path, line, message } of problems) {
  console.error(`${path}:${line} ${message}`);
  if (inGithub) console.error(`::error file=${path},line=${line},title=catalogue::${message}`);
}
const count = diagnostics.length + problems.length;
console.log(`catalogue: ${texts.length} files, ${count} finding${count === 1 ? "" : "s"}`);
if (count > 0) process.exitCode = 1;
