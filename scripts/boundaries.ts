/**
 * Fails on an import that scripts/boundaries/rules.ts forbids, and on an import circle.
 * Usage: node scripts/boundaries.ts [root]
 */
import { findViolations } from "./boundaries/check.ts";
import { readWorkspace } from "./boundaries/read.ts";
import { KNOWN_CIRCLES } from "./boundaries/rules.ts";

const { files, manifests } = readWorkspace(process.argv[2] ?? ".");
// The list of known circles is this repository's; a checkout given by its path has none.
const violations = findViolations(files, manifests, process.argv[2] === undefined ? KNOWN_CIRCLES : []);
for (const { file, line, column, rule, message, fix } of violations) {
  console.error(`${file}:${line}:${column} ${rule}: ${message}\n  fix: ${fix}`);
  if (process.env.GITHUB_ACTIONS === "true") {
    console.error(`::error file=${file},line=${line},col=${column},title=${rule}::${message}. Fix: ${fix}`);
  }
}
if (files.length === 0) console.error("boundaries: found no TypeScript at all");
console.log(`boundaries: ${files.length} files, ${violations.length} violations`);
process.exitCode = violations.length === 0 && files.length > 0 ? 0 : 1;
