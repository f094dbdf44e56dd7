import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { findPackages } from "../build/workspace.ts";
import { outsidePaths } from "./outside-paths.ts";

const ROOT = join(import.meta.dirname, "..", "..");

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
interface TurboConfig {
  readonly tasks: Readonly<
    Record<string, { readonly dependsOn?: readonly string[]; readonly inputs?: readonly string[] }>
  >;
}
interface TsConfig {
  readonly references?: readonly { readonly path: string }[];
}

const parse = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
const packages = findPackages(ROOT);
const dirOf = new Map(packages.map(({ name, dir }) => [name, dir]));
const nameOf = new Map(packages.map(({ name, dir }) => [dir, name]));
const manifestOf = (dir: string) => parse(`${dir}/package.json`) as Manifest;

/** The packages of this workspace that a package names in its manifest. */
function dependenciesOf(dir: string): string[] {
  const { dependencies, devDependencies } = manifestOf(dir);
  return Object.keys({ ...dependencies, ...devDependencies }).flatMap((name) => dirOf.get(name) ?? []);
}

function reachedFrom(dirs: readonly string[]): Set<string> {
  const reached = new Set(dirs);
  for (const dir of reached) for (const next of dependenciesOf(dir)) reached.add(next);
  return reached;
}

const filesOf = (dir: string, pattern: string): string[] =>
  globSync(pattern, {
    cwd: join(ROOT, dir),
    exclude: (name) => name === "node_modules" || name === "dist" || name === ".build",
  }).map((path) => path.replaceAll("\\", "/"));

/** The globs by which a package declares what it reads of the repository. */
function rootInputs(dir: string): string[] {
  const [path] = filesOf(dir, "turbo.json");
  if (path === undefined) return [];
  const inputs = (parse(`${dir}/${path}`) as TurboConfig).tasks.test?.inputs ?? [];
  return inputs.filter((glob) => glob.startsWith("$TURBO_ROOT$/")).map((glob) => glob.slice(13));
}

describe.each(packages.map(({ dir }) => dir))("%s", (dir) => {
  it("has the tasks that turbo runs", () => {
    const { scripts = {} } = manifestOf(dir);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["check:types"]));
    expect("test" in scripts).toBe(filesOf(dir, "**/*.test.{ts,tsx}").length > 0);
  });

  it("refers the type checker to the packages that its manifest names", () => {
    const { references = [] } = parse(`${dir}/tsconfig.json`) as TsConfig;
    const referred = references.map(({ path }) => posix.join(dir, path));
    expect(referred.toSorted()).toEqual(dependenciesOf(dir).toSorted());
  });

  it("declares as inputs of its tests what it reads of the repository outside itself", () => {
    const globs = rootInputs(dir);
    // Generated validators hold examples of paths, which nothing reads.
    const files = filesOf(dir, "**/*.{ts,tsx,js}").filter((file) => !file.startsWith("src/generated/"));
    const undeclared = files.flatMap((file) =>
      outsidePaths(`${dir}/${file}`, readFileSync(join(ROOT, dir, file), "utf8"), dir)
        .filter((path) => !isCovered(path, globs))
        .map((path) => `${dir}/${file} reads ${path}`),
    );
    expect(undeclared).toEqual([]);
  });
});

/** For the root itself any declared glob will do: which files are read below it shows only as the tests run. */
const isCovered = (path: string, globs: readonly string[]): boolean =>
  path === "." ? globs.length > 0 : globs.some((glob) => glob === path || glob.startsWith(`${path}/`));

describe("the root's tasks", () => {
  const { tasks } = parse("turbo.json") as TurboConfig;
  const startOf = (task: string): string[] =>
    (tasks[task]?.dependsOn ?? []).flatMap((entry) => dirOf.get(entry.split("#")[0] ?? "") ?? []);

  it("check types after those of every package", () => {
    const start = startOf("//#check:types");
    expect([...reachedFrom(start)].toSorted()).toEqual([...nameOf.keys()].toSorted());
    const { references = [] } = parse("tsconfig.json") as TsConfig;
    expect(references.map(({ path }) => path).toSorted()).toEqual(start.toSorted());
  });

  it.each(["tests", "bench"])("test %s again when a package changes that it imports", (folder) => {
    const imported = filesOf(folder, "**/*.ts").flatMap((file) =>
      [...readFileSync(join(ROOT, folder, file), "utf8").matchAll(/"(@headgate\/[a-z-]+)[/"]/g)].flatMap(
        ([, name]) => dirOf.get(name ?? "") ?? [],
      ),
    );
    expect(imported).not.toEqual([]);
    expect([...reachedFrom(startOf(`//#test:${folder}`))]).toEqual(expect.arrayContaining(imported));
  });
});
