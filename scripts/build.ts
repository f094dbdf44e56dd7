/**
 * The publishable package: bundled and packed by `npm pack` in packages/cli, installed into an empty folder without network,
 * and run from there.
 * Usage: node scripts/build.ts
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
// The bundled packages must be found without a condition from outside.
const { NODE_OPTIONS: _, ...env } = process.env;

/** Runs a program and ends the build where it fails. */
function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) {
    console.error(`build: ${program} ${args.join(" ")} failed\n${error?.message ?? ""}${stdout}${stderr}`);
    process.exit(1);
  }
  return stdout.trim();
}

const target = join(root, ".build");
mkdirSync(target, { recursive: true });
const packed = run("npm", ["pack", "--json", "--pack-destination", target], join(root, "packages", "cli"));
const { filename, unpackedSize } = firstOf(JSON.parse(packed) as unknown);
// In a folder without a catalogue above it, the program must find its own.
const elsewhere = mkdtempSync(join(tmpdir(), "headgate-"));
let version = "";
try {
  const file = join(target, filename);
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--prefix", elsewhere, file], elsewhere);
  const bin = join(elsewhere, "node_modules", "headgate", "bin", "headgate.js");
  version = run(process.execPath, [bin, "--version"], elsewhere);
  run(process.execPath, [bin, "validate"], elsewhere);
} finally {
  rmSync(elsewhere, { recursive: true });
}
console.log(
  `build: .build/${filename}, ${(unpackedSize / 1e6).toFixed(1)} MB installed; headgate ${version} runs from it`,
);

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
}

/** npm prints a list, newer ones an object by package name. */
function firstOf(answer: unknown): Packed {
  const [first] = Object.values(answer as Record<string, Packed>);
  if (first === undefined) throw new Error("build: npm packed nothing");
  return first;
}
