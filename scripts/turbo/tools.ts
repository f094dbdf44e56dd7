/**
 * What decides on this machine whether a test runs or is skipped, as one text. turbo hashes it into every test task, so
 * that a test that was skipped where a program is missing runs once the program is there.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs that tests start where they are installed. */
const PROGRAMS = [
  "redis-server",
  "valkey-server",
  "espeak-ng",
  "chromium",
  "chromium-browser",
  "google-chrome",
  "postgres",
  "docker",
  "hadolint",
  "kubectl",
  "nginx",
  "python3",
  "shellcheck",
  "systemd-analyze",
  "ollama",
];

/** Folders that hold what is not on the PATH: PostgreSQL of Debian, docker's own commands, engines that npm installs. */
const FOLDERS = [
  "/usr/lib/postgresql",
  "/usr/libexec/docker/cli-plugins",
  "/usr/local/lib/docker/cli-plugins",
  "node_modules/@node-llama-cpp",
  ".build/bin/ollama",
];

export interface Machine {
  /** The PATH variable. */
  readonly path: string;
  readonly nodeVersion: string;
  readonly platform: string;
  readonly arch: string;
  exists(path: string): boolean;
}

export function describeTools({ path, nodeVersion, platform, arch, exists }: Machine): string {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  const programs = PROGRAMS.filter((name) => folders.some((folder) => exists(join(folder, name))));
  return [`node ${nodeVersion}`, `${platform} ${arch}`, ...programs, ...FOLDERS.filter(exists)].join(", ");
}

export const thisMachine = (root: string): Machine => ({
  path: process.env.PATH ?? "",
  nodeVersion: process.version,
  platform: process.platform,
  arch: process.arch,
  exists: (path) => existsSync(join(path.startsWith("/") ? "" : root, path)),
});
