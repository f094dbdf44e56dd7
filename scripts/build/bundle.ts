/** The publishable package: the command line and everything that it loads as one tree of files without dependencies. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** The program, and what is started as a thread or a process of its own: each keeps its place below `dist/`. */
const ENTRIES = {
  main: "packages/cli/src/main.ts",
  "sound-worker": "packages/compiler/src/load/sound-worker.ts",
  "thread/main": "packages/records/src/thread/main.ts",
  "espeak/main": "packages/resources/src/espeak/main.ts",
};

/** @returns the folders of the third-party packages that are in the bundle */
export async function bundle(root: string, dist: string): Promise<string[]> {
  const build = await rolldown({
    cwd: root,
    input: ENTRIES,
    platform: "node",
    resolve: {
      conditionNames: ["@headgate/source", "node", "import", "default"],
      // The `main` of jsonc-parser is UMD, whose inner `require` cannot be bundled.
      mainFields: ["module", "main"],
    },
    logLevel: "warn",
    onLog(level, log, report) {
      // Generated validators, and third-party code that is never called with text from outside.
      if (log.code !== "EVAL") report(level, log);
    },
  });
  // Beside each other in dist/: `import.meta.url` is then the same folder as in the sources.
  const { output } = await build.write({
    dir: dist,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    minify: { compress: true, mangle: false, codegen: false },
  });
  await build.close();
  const modules = output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
  const folders = modules.flatMap((id) => {
    const found = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id);
    return found?.[1] === undefined || /@headgate[\\/][^\\/]+$/.test(found[1]) ? [] : [found[1]];
  });
  return [...new Set(folders)].sort();
}

/** The licences of everything in the bundle. @throws {Error} for a package that states none */
export function writeLicences(folders: readonly string[], file: string): void {
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      name: string;
      version: string;
      license?: string;
    };
    if (license === undefined) throw new Error(`build: ${name} states no licence`);
    const text = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const body = text === undefined ? "" : `\n\n${readFileSync(join(folder, text), "utf8").trim()}`;
    return `${name} ${version} (${license})${body}`;
  });
  writeFileSync(file, `This package contains the following packages.\n\n${parts.join("\n\n---\n\n")}\n`);
}
