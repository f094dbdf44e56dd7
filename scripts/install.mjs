/**
 * `npm ci` in a folder, with progress on a terminal, and one line where there is no network. For any Node that has modules, as
 * this comes before the pinned one.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] || ".";
const REFRESH_MS = 500;
const UNREACHABLE = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNRESET)\b/;
/** npm's own words for what is no cause: how its command is spelled. */
const USAGE = /^npm error Clean install[\s\S]*?^npm error Run.*\n/m;

const list = (path) => {
  try {
    return readdirSync(path).filter((name) => !name.startsWith("."));
  } catch (_) {
    return [];
  }
};
const countInstalled = () => {
  const modules = join(folder, "node_modules");
  return list(modules)
    .map((name) => (name.startsWith("@") ? list(join(modules, name)).length : 1))
    .reduce((sum, count) => sum + count, 0);
};
/** False for a package of another platform, which npm leaves out. */
const isHere = ({ os, cpu, libc }) =>
  (os === undefined || os.includes(process.platform)) &&
  (cpu === undefined || cpu.includes(process.arch)) &&
  (libc === undefined || !libc.includes("musl"));
const { packages } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
const wanted = Object.keys(packages).filter(
  (path) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && isHere(packages[path]),
).length;

const startedMs = Date.now();
const isTerminal = process.stderr.isTTY === true;
const label = `installing packages (${join(folder, "package-lock.json")})`;
const show = () => {
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  process.stderr.write(`\r${label}: ${Math.min(countInstalled(), wanted)} of ${wanted}, ${seconds} s `);
};
if (!isTerminal) console.error(label);
const timer = isTerminal ? setInterval(show, REFRESH_MS) : undefined;

const child = spawn(
  "npm",
  ["ci", "--prefix", folder, "--loglevel=error", "--no-audit", "--no-fund", "--no-progress"],
  { stdio: ["ignore", "ignore", "pipe"], shell: process.platform === "win32" },
);
let said = "";
child.stderr.on("data", (part) => {
  said += part;
});
child.on("error", (error) => {
  said += `headgate: npm cannot be started: ${error.message}\n`;
});
child.on("close", (code, signal) => {
  clearInterval(timer);
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  // Over the line of progress.
  if (isTerminal && code === 0)
    console.error(`\r\x1b[Kinstalled ${countInstalled()} packages in ${seconds} s`);
  else if (isTerminal) process.stderr.write("\n");
  const unreachable = UNREACHABLE.exec(said);
  if (code !== 0 && unreachable !== null)
    console.error(
      `headgate: the packages cannot be fetched: the npm registry does not answer (${unreachable[1]}). Connect to a network, or name a registry with npm config set registry, and repeat the command.`,
    );
  else if (said !== "") process.stderr.write(said.replace(USAGE, ""));
  process.exit(code === null ? (signal === "SIGINT" ? 130 : 1) : code);
});
