/** The steps of the build, each on its own files. */
import { cpSync, globSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTurbo } from "../turbo/run.ts";

const removeTree = (path: string): void => rmSync(path, { recursive: true, force: true });

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
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
  for (const fragment of globSync(["providers/*.yaml", "providers/*/*.yaml", "models/*.yaml"], {
    cwd: root,
  })) {
    copy(join(root, fragment), join(target, fragment));
  }
  copy(join(root, "fallbacks"), join(target, "fallbacks"));
  copy(join(root, ".env.example"), join(target, ".env.example"));
}

/** The web page, built by its own package. @throws {Error} where that fails */
export async function copyPage(root: string, target: string): Promise<void> {
  const args = ["build", "--filter=@headgate/dashboard", "--output-logs=errors-only"];
  // npm pack prints the package's name on stdout.
  const status = await runTurbo(root, args, "stderr");
  if (status !== 0) throw new Error("build: the page cannot be built");
  removeTree(target);
  copy(join(root, "packages", "dashboard", "dist"), target);
}
