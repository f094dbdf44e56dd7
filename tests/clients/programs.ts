/** Agents that run in a terminal: each is installed into a folder of its own, and asked in one line. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Line } from "./report.ts";
import { type Setup, WIRES } from "./setup.ts";

const call = promisify(execFile);
const TIMEOUT_MS = 120_000;
const MOST_BYTES = 16 * 1024 * 1024;

interface Program {
  readonly language: Line["language"];
  readonly client: string;
  /** @param home of the program's own files */
  run(home: string, setup: Setup, model: string): Promise<string>;
  install(home: string): Promise<void>;
  version(home: string): Promise<string>;
  /** Words of which one stands in what it says of a prompt that does not fit. */
  readonly overflow: RegExp;
}

const pip = (home: string, ...packages: readonly string[]): Promise<unknown> =>
  call(join(home, "venv/bin/python"), [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    ...packages,
  ]);

/** A virtual environment of its own: these pin other versions of packages that the others use. */
async function python(home: string, name: string): Promise<void> {
  if (!existsSync(join(home, "venv"))) await call("python3", ["-m", "venv", join(home, "venv")]);
  await pip(home, "uv");
  await call(join(home, "venv/bin/python"), [
    "-m",
    "uv",
    "pip",
    "install",
    "--quiet",
    "--python",
    join(home, "venv/bin/python"),
    name,
  ]);
}

const versionOf = async (home: string, name: string): Promise<string> => {
  const code = `import importlib.metadata as m; print(m.version("${name}"))`;
  return (await call(join(home, "venv/bin/python"), ["-c", code])).stdout.trim();
};

/** Nothing of this machine's own settings reaches the program, and nothing of it leaves the machine. */
async function said(
  home: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const [file = "", ...args] = command;
  const work = join(home, "work");
  mkdirSync(work, { recursive: true });
  const running = call(file, args, {
    cwd: work,
    env: { HOME: home, PATH: process.env.PATH ?? "", ...env },
    timeout: TIMEOUT_MS,
    maxBuffer: MOST_BYTES,
  });
  running.child.stdin?.end();
  // A program that fails says why on its way out.
  const { stdout, stderr } = await running.catch((error: { stdout?: string; stderr?: string }) => {
    if (error.stdout === undefined) throw error;
    return { stdout: error.stdout, stderr: error.stderr ?? "" };
  });
  return `${stdout}\n${stderr}`;
}

export const PROGRAMS: readonly Program[] = [
  {
    language: "Node",
    client: "@anthropic-ai/claude-code",
    overflow: /Prompt is too long/,
    install: async (home) => {
      mkdirSync(home, { recursive: true });
      await call("npm", [
        "install",
        "--prefix",
        home,
        "--no-audit",
        "--no-fund",
        "@anthropic-ai/claude-code",
      ]);
    },
    version: async (home) =>
      (
        await call(join(home, "node_modules/.bin/claude"), ["--version"], {
          env: { HOME: home, PATH: process.env.PATH ?? "" },
        })
      ).stdout
        .trim()
        .replace(/ .*/, ""),
    run: (home, { url, key }, model) =>
      said(home, [join(home, "node_modules/.bin/claude"), "-p", "Say hello.", "--model", model], {
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_AUTH_TOKEN: key,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        CLAUDE_CODE_MAX_RETRIES: "2",
      }),
  },
  {
    language: "Python",
    client: "aider-chat",
    overflow: /exceeds? .{0,40}(?:context window|token limit|limit)|context window|token limits?/i,
    install: (home) => python(home, "aider-chat"),
    version: (home) => versionOf(home, "aider-chat"),
    run: (home, { url, key }, model) =>
      said(
        home,
        [
          join(home, "venv/bin/aider"),
          ...["--no-git", "--yes-always", "--no-check-update", "--no-show-model-warnings", "--no-pretty"],
          ...["--analytics-disable", "--model", `openai/${model}`, "--message", "Say hello."],
        ],
        { OPENAI_API_KEY: key, OPENAI_API_BASE: `${url}/v1`, LITELLM_LOCAL_MODEL_COST_MAP: "True" },
      ),
  },
  {
    language: "Python",
    client: "hermes-agent",
    overflow: /context|too long|maximum/i,
    install: (home) => python(home, "hermes-agent"),
    version: (home) => versionOf(home, "hermes-agent"),
    run: (home, { url, key }, model) => {
      const settings = { default: model, provider: "custom", base_url: `${url}/v1`, api_key: key };
      mkdirSync(join(home, ".hermes"), { recursive: true });
      // JSON is YAML.
      writeFileSync(join(home, ".hermes/config.yaml"), JSON.stringify({ model: settings }));
      return said(home, [join(home, "venv/bin/hermes"), "chat", "-q", "Say hello.", "-m", model], {});
    },
  },
];

const GREETING = /Hello there\./;

async function check(
  program: Program,
  home: string,
  setup: Setup,
  wire: string,
  ending: string,
): Promise<string | null> {
  const words = ending === "-long" ? program.overflow : GREETING;
  try {
    const text = await program.run(home, setup, wire + ending);
    return words.test(text) ? null : `it says: ${text.trim().slice(-300)}`;
  } catch (error) {
    return String(error).slice(0, 300);
  }
}

const CHECKS: Readonly<Record<string, string>> = {
  chat: "",
  "retry 429": "-429",
  "retry 503": "-503",
  overflow: "-long",
};

/** @param place where each program has its folder, kept for the next run */
export async function runPrograms(
  setup: Setup,
  place: string,
  { only, show }: { readonly only: string | undefined; readonly show: (line: Line) => void },
): Promise<Line[]> {
  const lines: Line[] = [];
  const add = (line: Line): void => {
    show(line);
    lines.push(line);
  };
  for (const program of PROGRAMS) {
    const { language, client } = program;
    if (only !== undefined && !only.split(",").includes(client)) continue;
    const home = join(place, client.replaceAll(/\W+/g, "-"));
    let version: string;
    try {
      await program.install(home);
      version = await program.version(home);
    } catch (error) {
      add({ language, client, skipped: `it could not be installed: ${String(error).slice(0, 160)}` });
      continue;
    }
    for (const wire of Object.keys(WIRES)) {
      for (const [name, ending] of Object.entries(CHECKS)) {
        const why = await check(program, home, setup, wire, ending);
        add({ language, client, version, wire, check: name, ok: why === null, why });
      }
    }
  }
  return lines;
}
