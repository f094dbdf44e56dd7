/** The workspace's packages, read from the root's `workspaces`. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface WorkspacePackage {
  readonly name: string;
  /** Relative to the root. */
  readonly dir: string;
}

interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
}

const read = (path: string): Manifest => JSON.parse(readFileSync(path, "utf8")) as Manifest;

export function findPackages(root: string): WorkspacePackage[] {
  const patterns = read(join(root, "package.json")).workspaces ?? [];
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((dir) => dir.replaceAll("\\", "/"))
    .filter((dir) => existsSync(join(root, dir, "package.json")))
    .sort()
    .map((dir) => {
      const { name } = read(join(root, dir, "package.json"));
      return { name, dir };
    });
}

/**
 * The parts of the suite: each package that has tests, and the root's own folders, of which `test:tests` runs `tests/`.
 * @returns their folders, relative to the root, and the tasks of turbo that run them
 */
export function findTestParts(root: string): {
  readonly folders: readonly string[];
  readonly tasks: readonly string[];
} {
  const scriptsIn = (dir: string): string[] =>
    Object.keys(read(join(root, dir, "package.json")).scripts ?? {});
  const packages = findPackages(root)
    .map(({ dir }) => dir)
    .filter((dir) => scriptsIn(dir).includes("test"));
  const own = scriptsIn("").filter((name) => name.startsWith("test:"));
  return {
    folders: [...packages, ...own.map((name) => name.slice("test:".length))].sort(),
    tasks: ["test", ...own.map((name) => `//#${name}`)],
  };
}
