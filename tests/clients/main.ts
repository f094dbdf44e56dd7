/** `make clients`: real clients from PyPI and npm against a gateway in front of strict twins; writes docs/clients-tested.md. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { type NodeClient, nodeClients } from "./node-clients.ts";
import { runPrograms } from "./programs.ts";
import { type Line, passes, reportOf } from "./report.ts";
import { type Setup, startSetup, WIRES } from "./setup.ts";

const ROOT = join(import.meta.dirname, "../..");
const PLACE = join(ROOT, ".build/clients");
const PYTHON = join(PLACE, "venv/bin/python");
const PAGE = join(ROOT, "docs/clients-tested.md");
const LEAST_CLIENTS = 12;
const TIMEOUT_MS = 60_000;

const PACKAGES = [
  "openai",
  "anthropic",
  "google-genai",
  "ollama",
  "litellm",
  "langchain-openai",
  "langchain-anthropic",
  "pydantic-ai-slim[openai]",
  "openai-agents",
  "instructor",
];
/** @returns the exit status; its output is shown */
const run = (command: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", () => resolve(127));
    child.on("close", (code) => resolve(code ?? 1));
  });

/** A virtual environment with the clients, kept for the next run. @returns why there is none */
async function installPython(): Promise<string | undefined> {
  if (!existsSync(PYTHON) && (await run("python3", ["-m", "venv", join(PLACE, "venv")])) !== 0)
    return "python3 -m venv failed";
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  // uv resolves the packages in seconds, pip in minutes.
  if ((await run(PYTHON, [...pip, "uv"])) !== 0) return "pip install uv failed";
  const installed = await run(PYTHON, [
    "-m",
    "uv",
    "pip",
    "install",
    "--quiet",
    "--python",
    PYTHON,
    ...PACKAGES,
  ]);
  return installed === 0 ? undefined : "the packages could not be installed";
}

async function runPython({ url, key }: Setup, only: string | undefined): Promise<Line[]> {
  const why = await installPython();
  if (why !== undefined)
    return PACKAGES.map((client) => ({
      language: "Python",
      client: client.replace(/\[.*/, ""),
      skipped: why,
    }));
  const args = [join(import.meta.dirname, "clients.py"), url, key, Object.keys(WIRES).join(",")];
  const child = spawn(PYTHON, only === undefined ? args : [...args, only], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: Line[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    const line: Line = { language: "Python", ...(JSON.parse(text) as Omit<Line, "language">) };
    show(line);
    lines.push(line);
  }
  return lines;
}

const CHECKS: Readonly<
  Record<string, readonly [method: "chat" | "stream" | "structured" | "tools", ending: string]>
> = {
  chat: ["chat", ""],
  stream: ["stream", ""],
  structured: ["structured", ""],
  tools: ["tools", ""],
  "retry 429": ["chat", "-429"],
  "retry 503": ["chat", "-503"],
};

async function runNode({ url, key }: Setup, only: string | undefined): Promise<Line[]> {
  const lines: Line[] = [];
  for (const client of nodeClients(url, key)) {
    if (only !== undefined && !only.split(",").includes(client.name)) continue;
    const version = versionOf(client.name);
    for (const wire of Object.keys(WIRES)) {
      for (const [check, attempt] of checksOf(client, wire)) {
        const why = await bounded(attempt);
        const line: Line = {
          language: "Node",
          client: client.name,
          version,
          wire,
          check,
          ok: why === undefined,
          why: why ?? null,
        };
        show(line);
        lines.push(line);
      }
    }
  }
  return lines;
}

function* checksOf(client: NodeClient, wire: string): Generator<readonly [string, () => Promise<unknown>]> {
  for (const [check, [method, ending]] of Object.entries(CHECKS))
    yield [check, () => client[method](wire + ending)];
  yield ["overflow", () => raises(client.chat(`${wire}-long`), client.overflow)];
  yield ["cut", () => raises(client.stream(`${wire}-cut`), [])];
}

async function raises(call: Promise<unknown>, words: readonly string[]): Promise<void> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown ?? new Error("nothing"),
  );
  if (error === undefined) throw new Error("no error");
  const { name, code } = error as { readonly name?: string; readonly code?: string };
  const said = `${name} ${String(error)} ${code}`;
  if (words.length > 0 && !words.some((word) => said.includes(word)))
    throw new Error(`not recognised: ${said}`);
}

/** Why it failed; undefined where it passed. */
async function bounded(attempt: () => Promise<unknown>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no end within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
  });
  const done = attempt().then(
    () => undefined,
    (error: unknown) => String(error).slice(0, 300),
  );
  const why = await Promise.race([done, late]);
  clearTimeout(timer);
  return why;
}

function versionOf(name: string): string {
  let folder = createRequire(import.meta.url).resolve(name);
  while (!existsSync(join(folder, "package.json")) || nameIn(folder) !== name) folder = join(folder, "..");
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}
const nameIn = (folder: string): unknown =>
  (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown }).name;

function show({ language, client, wire, check, ok, why, skipped }: Line): void {
  if (skipped !== undefined) console.log(`skipped  ${language} ${client}: ${skipped}`);
  else if (ok !== true) console.log(`failed   ${language} ${client}, ${wire}, ${check}: ${why}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: "string" }, node: { type: "boolean" }, python: { type: "boolean" } },
  });
  await using setup = await startSetup();
  const node = values.python === true ? [] : await runNode(setup, values.only);
  const python = values.node === true ? [] : await runPython(setup, values.only);
  const programs =
    values.node === true || values.python === true
      ? []
      : await runPrograms(setup, PLACE, { only: values.only, show });
  const lines = [...python, ...node, ...programs];
  for (const { twin, rule, at } of setup.refusals) console.log(`refused  ${twin}: ${rule} at ${at}`);
  const whole = values.only === undefined && values.node !== true && values.python !== true;
  if (whole) writeFileSync(PAGE, reportOf(lines, Object.keys(WIRES)));
  const passed = lines.filter(({ ok }) => ok === true).length;
  console.log(
    `${passed} of ${lines.filter(({ ok }) => ok !== undefined).length} checks passed${whole ? `; wrote ${PAGE}` : ""}`,
  );
  return passes(lines, whole ? LEAST_CLIENTS : 0) ? 0 : 1;
}

process.exitCode = await main();
