/**
 * `make connect-clients`: each client that npm has is installed, connected by `headgate connect` in a home of its own, asked one
 * question through a real gateway, and taken back. It needs the network for the packages, and none for the answers.
 * Usage: node --conditions=@headgate/source tests/connect-clients/main.ts [client…]
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { healthy, type Lab, startLab } from "@headgate/upstream-lab";
import { makeRoot, type Running, removeRoot, runHeadgate, startServe } from "../support/serve.ts";
import { CLIENTS, type RealClient } from "./clients.ts";

const ANSWER = "The gateway answers this client";
/** Without a limit on tokens: a coding client begins with more than a free tier allows in a minute. */
const MODEL = "mistral-large";
const INSTALL_MS = 300_000;
const ASK_MS = 120_000;
const packages = resolve(".build/connect-clients");

interface Ran {
  readonly code: number;
  readonly output: string;
}

function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv; readonly timeoutMs: number },
): Promise<Ran> {
  return new Promise((done) => {
    const { timeoutMs: timeout, ...where } = options;
    const child = execFile(
      program,
      [...args],
      { ...where, timeout, killSignal: "SIGKILL", maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) =>
        done({
          code: child.exitCode ?? -1,
          output: `${stdout}${stderr}${error?.killed === true ? "\n(timed out)" : ""}`,
        }),
    );
    child.stdin?.end();
  });
}

/** @returns the folder with the installed package, and its version */
async function install({
  id,
  npm,
  program,
}: RealClient): Promise<{ readonly bin: string; readonly version: string }> {
  const folder = join(packages, id);
  const bin = join(folder, "node_modules", ".bin", program);
  if (!existsSync(bin)) {
    mkdirSync(folder, { recursive: true });
    // npm runs the install script of a package only where it is allowed: a client's fetches or links its program.
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ private: true, allowScripts: { [npm]: true } }),
    );
    const args = ["install", "--no-audit", "--no-fund", npm];
    const { code, output } = await run("npm", args, { cwd: folder, timeoutMs: INSTALL_MS });
    if (code !== 0) throw new Error(`npm cannot install ${npm}: ${output.trim().split("\n").at(-1)}`);
  }
  const { version } = JSON.parse(readFileSync(join(folder, "node_modules", npm, "package.json"), "utf8")) as {
    version: string;
  };
  return { bin, version };
}

async function tryClient(client: RealClient, root: string, gateway: Running, lab: Lab): Promise<string> {
  const { bin, version } = await install(client);
  const home = mkdtempSync(join(tmpdir(), `headgate-connect-${client.id}-`));
  const work = join(home, "work");
  mkdirSync(work);
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    TERM: "dumb",
    CI: "1",
    ...client.env,
  };
  const connect = (...args: string[]) =>
    runHeadgate(["connect", client.id, "--root", root, ...args], root, {
      ...env,
      HEADGATE_PORT: new URL(gateway.url).port,
    });
  try {
    const connected = await connect("--yes", "--model", MODEL);
    if (connected.code !== 0) throw new Error(`connect failed: ${connected.stderr}`);
    const before = lab.requests.length;
    const { output } = await run(bin, client.args("Say one sentence."), {
      cwd: work,
      env,
      timeoutMs: ASK_MS,
    });
    const asked = lab.requests.length - before;
    if (!output.includes(ANSWER))
      throw new Error(
        `no answer after ${asked} requests upstream:\n${output.trim().split("\n").slice(-15).join("\n")}`,
      );
    const undone = await connect("--undo", "--yes");
    if (undone.code !== 0) throw new Error(`undo failed: ${undone.stderr}`);
    return `${version}, ${asked} requests upstream`;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const wanted = process.argv.slice(2);
const lab = await startLab();
const root = makeRoot();
writeFileSync(join(root, ".env"), `MISTRAL=1\nMISTRAL_API_KEY=test-key\nMISTRAL_BASE_URL=${lab.baseUrl}\n`, {
  mode: 0o600,
});
lab.behave("mistral-large-2512", healthy({ text: ANSWER.match(/\S+\s*/g) ?? [] }));
const gateway = await startServe(root);
let failed = 0;
for (const client of CLIENTS.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
  try {
    console.log(`${client.id}: ok, ${await tryClient(client, root, gateway, lab)}`);
  } catch (error) {
    failed += 1;
    console.log(`${client.id}: FAILED, ${error instanceof Error ? error.message : String(error)}`);
  }
}
gateway.child.kill("SIGTERM");
await gateway.exited;
await lab.close();
removeRoot(root);
process.exitCode = failed === 0 ? 0 : 1;
