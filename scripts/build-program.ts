/**
 * The bundled program in a folder, for tests that start it: see tests/support/program.ts. Catalogue, schemas, recipes and page are links.
 * Usage: node scripts/build-program.ts FOLDER
 */
import { copyFileSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./build/bundle.ts";

const root = join(import.meta.dirname, "..");
const [folder = ""] = process.argv.slice(2);
if (folder === "") throw new Error("build-program: name the folder");
const dist = join(folder, "dist");
const link = (from: string, to: string): void => symlinkSync(join(root, from), join(dist, to));

rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, "bin"), { recursive: true });
await bundle(root, dist);
mkdirSync(join(dist, "installation"));
// The whole checkout: the compiler takes no link inside a catalogue that leaves it.
link(".", "catalogue");
link("schemas", "installation/schemas");
link("packages/adapters", "installation/adapters");
link("packages/dashboard/dist", "page");
link("recipes", "recipes");
copyFileSync(join(root, "packages/cli/package.json"), join(folder, "package.json"));
// Last: it shows that the rest is there.
copyFileSync(join(root, "packages/cli/bin/headgate.js"), join(folder, "bin", "headgate.js"));
