/**
 * `packages/cli/dist`: the publishable command line, bundled with every package that it loads, with the catalogue, the
 * schemas and the licences beside it. `npm pack` in packages/cli makes the package of it.
 * Usage: node ../../scripts/build-cli.ts, in packages/cli
 */
import { copyFileSync, cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundle, writeLicences } from "./build/bundle.ts";
import { copyCatalogue, copyInstallation, copyPage } from "./build/steps.ts";

const root = join(import.meta.dirname, "..");
const directory = process.cwd();
const dist = join(directory, "dist");

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const thirdParty = await bundle(root, dist);
writeLicences(thirdParty, join(dist, "LICENCES.txt"));
copyInstallation(root, join(dist, "installation"));
copyCatalogue(root, join(dist, "catalogue"));
cpSync(join(root, "recipes"), join(dist, "recipes"), { recursive: true });
await copyPage(root, join(dist, "page"));
copyFileSync(join(root, "LICENSE"), join(directory, "LICENSE"));
copyFileSync(join(root, "README.md"), join(directory, "README.md"));
