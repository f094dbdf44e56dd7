/**
 * Installs the built packages beside each other, as npm would, and runs the command line from there. What an installed
 * CLI needs outside this repository (schemas, adapter manifests, the catalogue) lies in the packages' own dist/.
 * Usage: node scripts/build.ts, after the task build of every package
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installCopy } from "./build/steps.ts";
import { findPackages } from "./build/workspace.ts";

const root = join(import.meta.dirname, "..");

/** Runs Node and ends the build where it fails. */
function node(args: readonly string[], cwd = root): string {
  // The built packages must be found by a plain `import`, so no condition may leak in from outside.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) {
    console.error(`build: node ${args.join(" ")} failed\n${stdout}${stderr}`);
    process.exit(1);
  }
  return stdout.trim();
}

const packages = findPackages(root);
const installed = join(root, ".build", "installed");
installCopy(root, installed, packages);
const bin = join(installed, "node_modules", "headgate", "bin", "headgate.js");
// In a folder without a catalogue above it, the CLI must find its own.
const elsewhere = mkdtempSync(join(tmpdir(), "headgate-"));
let version = "";
try {
  version = node([bin, "--version"], elsewhere);
  node([bin, "validate"], elsewhere);
} finally {
  rmSync(elsewhere, { recursive: true });
}
console.log(`build: ${packages.length} packages; headgate ${version} runs from its built files`);
