/** Reads what the boundaries check needs from a checkout. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest, SourceText } from "./check.ts";
import { ROOMS } from "./rules.ts";

const SKIPPED = new Set(["node_modules", "dist"]);
const toPosix = (path: string): string => path.replaceAll("\\", "/");

export function readWorkspace(root: string): {
  files: SourceText[];
  manifests: Map<string, Manifest>;
} {
  const find = (pattern: string): string[] =>
    globSync(pattern, { cwd: root, exclude: (name) => SKIPPED.has(name) })
      .map(toPosix)
      .sort();
  const folders = ["packages", ...new Set(Object.values(ROOMS).map(({ dir }) => dir.split("/")[0] ?? dir))];
  const files = [...new Set(folders)]
    .flatMap((folder) => find(`${folder}/**/*.{ts,tsx}`))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
  const manifests = new Map<string, Manifest>();
  const patterns = ["package.json", ...Object.values(ROOMS).map(({ dir }) => `${dir}/package.json`)];
  for (const path of patterns.flatMap((pattern) => (pattern.includes("*") ? find(pattern) : [pattern]))) {
    const file = join(root, path);
    if (!existsSync(file)) continue;
    manifests.set(path.replace(/\/?package\.json$/, ""), JSON.parse(readFileSync(file, "utf8")) as Manifest);
  }
  return { files, manifests };
}
