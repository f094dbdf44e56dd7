/** What the compiler's results depend on beside its inputs. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
/** Packages whose code decides what a compilation finds. */
const ROOMS = ["compiler", "contract", "diagnostics"];

/**
 * Sizes and dates of the sources, in a bundle of its files: both change without the package's version.
 */
export function compilerVersion(): string {
  // The bundle's files are named by their content.
  if (import.meta.url.endsWith(".js")) return [process.version, ...statsOf(here, ".js")].join(" ");
  const yaml = readFileSync(fileURLToPath(import.meta.resolve("yaml/package.json")), "utf8");
  const stats = ROOMS.flatMap((room) => statsOf(join(here, "..", "..", "..", room, "src"), ".ts"));
  return [process.version, versionIn(yaml), ...stats].join(" ");
}

const versionIn = (manifest: string): string =>
  String((JSON.parse(manifest) as { version?: string }).version);

function statsOf(folder: string, extension: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return extension === ".js" || entry.name === "testing" ? [] : statsOf(path, extension);
    if (!entry.name.endsWith(extension) || entry.name.endsWith(".test.ts")) return [];
    const { size, mtimeMs } = statSync(path);
    return [`${entry.name} ${size} ${mtimeMs}`];
  });
}
