/** The steps of the build, each on its own files. */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { WorkspacePackage } from "./workspace.ts";

const removeTree = (path: string): void => rmSync(path, { recursive: true, force: true });

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
}

/**
 * Empties the package's `dist/` and writes the compiler's configuration for it below `.build/`, so that no package
 * carries a configuration of its own for the build.
 * @returns the configuration's path
 */
export function prepareBuild(root: string, directory: string): string {
  removeTree(join(directory, "dist"));
  const folder = join(directory, ".build");
  const toRoot = relative(folder, root).replaceAll("\\", "/");
  // generated/ keeps its sources beside its package.json, every other package in src/.
  const sources = existsSync(join(directory, "src")) ? "../src" : "..";
  const below = (pattern: string): string => `${sources}/${pattern}`;
  const { references = [] } = JSON.parse(readFileSync(join(directory, "tsconfig.json"), "utf8")) as {
    references?: readonly { readonly path: string }[];
  };
  const config = {
    extends: `${toRoot}/tsconfig.build.json`,
    compilerOptions: { rootDir: sources, outDir: "../dist" },
    include: [below(sources === ".." ? "*.ts" : "**/*.ts")],
    exclude: [below("**/*.test.ts"), below("testing")],
    references: references.map(({ path }) => ({ path: `../${path}` })),
  };
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "tsconfig.build.json");
  writeFileSync(path, `${JSON.stringify(config, null, 2)}\n`);
  return path;
}

/** The compiler's `Installation`: schemas, and adapter packages with their manifests only. */
export function copyInstallation(root: string, target: string): void {
  removeTree(target);
  copy(join(root, "schemas"), join(target, "schemas"));
  for (const manifest of globSync("packages/adapters/*/package.json", { cwd: root })) {
    copy(
      join(root, manifest),
      join(target, "adapters", dirname(manifest).split(/[\\/]/).at(-1) ?? "", "package.json"),
    );
  }
}

/** The catalogue that an installed CLI falls back on: models, fragments, chains and the example .env, without recorded fixtures. */
export function copyCatalogue(root: string, target: string): void {
  removeTree(target);
  for (const fragment of globSync(["providers/*.yaml", "providers/*/*.yaml", "models/*.yaml"], { cwd: root })) {
    copy(join(root, fragment), join(target, fragment));
  }
  copy(join(root, "fallbacks"), join(target, "fallbacks"));
  copy(join(root, ".env.example"), join(target, ".env.example"));
}

/**
 * Lays the packages out as npm would install them, with only what their `files` list, below the repository so that
 * third-party packages are found in its node_modules.
 */
export function installCopy(root: string, installed: string, packages: readonly WorkspacePackage[]): void {
  removeTree(installed);
  for (const { name, dir, files } of packages) {
    for (const file of ["package.json", ...files]) {
      const from = join(root, dir, file);
      if (!existsSync(from))
        throw new Error(`build: ${dir}/package.json lists ${file}, which does not exist`);
      copy(from, join(installed, "node_modules", name, file));
    }
  }
}
