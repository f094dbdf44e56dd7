/** The package as a user gets it: `npm pack`, installed into an empty folder with an empty home, and run from there. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MOST_BYTES = 40 * 1024 * 1024;

let work = "";
let folder = "";
let env: Record<string, string> = {};

const run = (program: string, args: readonly string[], cwd: string): string =>
  execFileSync(program, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
/** What npx starts in a folder that has it installed, without npm's own second. */
const headgate = (...args: string[]): string => run(join(folder, "node_modules/.bin/headgate"), args, folder);

const bytesBelow = (path: string): number =>
  lstatSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0)
    : lstatSync(path).size;

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "headgate-packed-"));
  folder = join(work, "folder");
  const home = join(work, "home");
  for (const path of [folder, home]) mkdirSync(path);
  // The Node that runs the tests, before whichever the machine has.
  env = { PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ""}`, HOME: home };
  const packed = run(
    "npm",
    ["pack", "--silent", "--pack-destination", work],
    join(process.cwd(), "packages/cli"),
  );
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(work, packed)], folder);
}, 120_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("the packed package", () => {
  it("is one package of at most 40 MB, with the licences of what is in it", () => {
    expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
      "headgate",
    ]);
    expect(bytesBelow(join(folder, "node_modules"))).toBeLessThan(MOST_BYTES);
    const licences = readFileSync(join(folder, "node_modules/headgate/dist/LICENCES.txt"), "utf8");
    for (const name of ["fastify", "undici", "yaml", "commander"])
      expect(licences).toMatch(new RegExp(`^${name} \\d`, "m"));
  });

  it("validates its own catalogue, and leaves the folder as it is", () => {
    const before = readdirSync(folder);
    expect(headgate("validate")).toContain("no problems");
    expect(readdirSync(folder)).toEqual(before);
  });

  it("serves with the user's configuration folder as home, and prints a request that works", async () => {
    const child = spawn(join(folder, "node_modules/.bin/headgate"), ["serve", "--port", "0"], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      const out = await untilPrinted(child, "curl ");
      const home = join(work, "home/.config/headgate");
      expect(statSync(join(home, ".env")).mode & 0o777).toBe(0o600);
      expect(existsSync(join(home, ".headgate/client-key"))).toBe(true);
      expect(existsSync(join(folder, ".env"))).toBe(false);
      for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
      expect(out).toContain("$(npx headgate key)");
      // As it is printed; npx takes a second that the program's own path does not.
      const command = out.slice(out.indexOf("curl ")).replace("npx headgate", "node_modules/.bin/headgate");
      const answer = run("bash", ["-c", command], folder);
      expect(JSON.parse(answer)).toMatchObject({
        object: "chat.completion",
        choices: [{ finish_reason: "stop" }],
      });
    } finally {
      child.kill();
    }
  });
});

function untilPrinted(child: ChildProcess, text: string): Promise<string> {
  return new Promise((found, lost) => {
    let out = "";
    let errors = "";
    child.stderr?.on("data", (part: Buffer) => {
      errors += part.toString();
    });
    child.stdout?.on("data", (part: Buffer) => {
      out += part.toString();
      if (out.includes(text)) found(out);
    });
    child.once("close", (code) => lost(new Error(`it ended with ${code}:\n${errors}`)));
  });
}
