/** What the compiler's results depend on beside its inputs. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
/** Packages whose code decides what a compilation finds. */
const ROOMS = ["compiler", "contract", "diagnostics"];

/**
 * The version of an installed compiler. In a checkout the sources change without it, so that sizes and dates of the
 * sources stand in for a version.
 */
export function compilerVersion(): string {
  const yaml = readFileSync(fileURLToPath(import.meta.resolve("yaml/package.json")), "utf8");
  const versions = [process.version, versionIn(yaml)];
  if (!here.endsWith("src")) {
    return [...versions, versionIn(readFileSync(join(here, "..", "package.json"), "utf8"))].join(" ");
  }
  const stats = ROOMS.flatMap((room) => statsOf(join(here, "..", "..", room, "src")));
  return [...versions, ...stats].join(" ");
}

const versionIn = (manifest: string): string =>
  String((JSON.parse(manifest) as { version?: string }).version);

function statsOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "testing" ? [] : statsOf(path);
    if (!entry.name.endsWith(".ts") || entry.name.endsWith(".test.ts")) return [];
    const { size, mtimeMs } = statSync(path);
    return [`${entry.name} ${size} ${mtimeMs}`];
  });
}
