/**
 * The program as its package has it: bundled, it starts in half the time of its sources. Catalogue, schemas, recipes and page
 * are links into the checkout.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildOnce } from "./built.ts";

const FOLDER = resolve(".build/program");

/** For Node; `dist/` beside it holds the bundle. */
export const PROGRAM = join(FOLDER, "bin", "headgate.js");

/** Its XDG_CACHE_HOME: what the compiler need not parse again. */
export const CACHE = resolve(".build/program-cache");

buildOnce({
  name: "program",
  result: PROGRAM,
  sources: () => [
    ...globSync(["packages/*/src/**/*.ts", "packages/adapters/*/src/**/*.ts", "generated/**/*.ts"], {
      exclude: (name) => name.endsWith(".test.ts") || name === "node_modules" || name === ".build",
    }),
    "package-lock.json",
    "packages/cli/bin/headgate.js",
    "scripts/build/bundle.ts",
    "scripts/build-program.ts",
  ],
  build: () => {
    const args = ["scripts/build-program.ts", FOLDER];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`the program cannot be built:\n${stderr}`);
  },
});
