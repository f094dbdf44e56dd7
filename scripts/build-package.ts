/**
 * Publishable JavaScript of the package in the working directory: `src/` → `dist/`. Types are checked before, by the
 * task check:types, whose declarations of other packages are used here.
 * Usage: node ../../scripts/build-package.ts [--with-installation | --with-catalogue]
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { copyCatalogue, copyInstallation, prepareBuild } from "./build/steps.ts";

const { values } = parseArgs({
  options: { "with-installation": { type: "boolean" }, "with-catalogue": { type: "boolean" } },
});
const root = join(import.meta.dirname, "..");
const directory = process.cwd();

const config = prepareBuild(root, directory);
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", config, "--noCheck", "--singleThreaded"], {
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);

const dist = join(directory, "dist");
if (values["with-installation"] === true) copyInstallation(root, join(dist, "installation"));
if (values["with-catalogue"] === true) copyCatalogue(root, join(dist, "catalogue"));
