/**
 * A batch by `headgate batch run` whose gateway is killed (SIGKILL) at random moments and started again. Every line must be
 * in the output once, in order, answered.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { healthy, startLab } from "@headgate/upstream-lab";
import { Random } from "../fuzz/random.ts";
import { type Running, startServe } from "../support/serve.ts";

export interface KillsInput {
  readonly kills: number;
  readonly lines: number;
  readonly seed: number;
  /** How long an answer of the upstream takes. */
  readonly answerMs: number;
  readonly log: (text: string) => void;
}

export interface KillsResult {
  /** Kills while lines were still open. */
  readonly kills: number;
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly customIds: readonly string[];
  readonly expected: readonly string[];
  readonly unanswered: number;
  /** What the upstream was asked; a line that a kill hit is asked again. */
  readonly calls: number;
}

const KEY = "batch-client-key-0123456789-abcdefghijklmnop";
const HEADGATE = resolve("packages/cli/bin/headgate.js");
const PROVIDER = `name: Batch
summary: An upstream on this machine.
flag: BATCH
tier: free
adapter: openai-compatible
base_url:
  default: https://batch.invalid/v1
  env: BATCH_BASE_URL
auth:
  scheme: bearer
  env: BATCH_API_KEY
sources:
  - what: everything
    from: tests/batch-kills/run.ts
    date: "2026-12-01"
models:
  - alias: batch-chat
    upstream: batch-chat
    operation: chat
    context_tokens: 131072
`;

export async function batchUnderKills({
  kills,
  lines,
  seed,
  answerMs,
  log,
}: KillsInput): Promise<KillsResult> {
  const random = new Random(seed);
  const lab = await startLab();
  lab.behave("batch-chat", healthy({ everyMs: answerMs }));
  const root = mkdtempSync(join(tmpdir(), "headgate-kills-"));
  const folder = join(root, "providers", "batch");
  for (const path of [folder, join(root, "models"), join(root, "fallbacks")])
    mkdirSync(path, { recursive: true });
  writeFileSync(join(folder, "provider.yaml"), PROVIDER);
  writeFileSync(
    join(root, ".env"),
    `BATCH=1\nBATCH_API_KEY=test\nBATCH_BASE_URL=${lab.baseUrl}\nHEADGATE_API_KEY=${KEY}\nHEADGATE_SECRET=0123456789abcdef0123\n`,
  );
  const expected = Array.from({ length: lines }, (_, at) => `line-${at}`);
  writeFileSync(
    join(root, "in.jsonl"),
    expected
      .map((custom_id) =>
        JSON.stringify({ custom_id, body: { messages: [{ role: "user", content: custom_id }] } }),
      )
      .join("\n"),
  );
  let gateway: Running | undefined;
  try {
    gateway = await startServe(root);
    const { port } = new URL(gateway.url);
    const command = spawn(
      process.execPath,
      [
        HEADGATE,
        "batch",
        "run",
        "in.jsonl",
        "--out",
        "out.jsonl",
        "--model",
        "batch-chat",
        "--root",
        root,
        "--url",
        gateway.url,
      ],
      { cwd: root, env: { PATH: process.env.PATH ?? "", HOME: root }, stdio: ["ignore", "ignore", "pipe"] },
    );
    let stderr = "";
    command.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    let over = false;
    const exited = new Promise<number | null>((done) => command.once("close", done)).finally(() => {
      over = true;
    });
    // The first kill comes once the batch exists.
    while (!over && !stderr.includes(" lines:")) await wait(20);
    let killed = 0;
    for (; killed < kills && !over; ) {
      await wait(random.below(900));
      if (over) break;
      gateway.child.kill("SIGKILL");
      await gateway.exited;
      killed += 1;
      gateway = await startServe(root, ["--port", port]);
      log(`kill ${killed}: ${lab.requests.length} calls so far`);
    }
    const exitCode = await exited;
    const output = !existsSync(join(root, "out.jsonl"))
      ? []
      : readFileSync(join(root, "out.jsonl"), "utf8")
          .trim()
          .split("\n")
          .map((one) => JSON.parse(one) as Line);
    return {
      kills: killed,
      exitCode,
      stderr,
      customIds: output.map(({ custom_id }) => custom_id),
      expected,
      unanswered: output.filter(({ response }) => response?.status_code !== 200).length,
      calls: lab.requests.length,
    };
  } finally {
    gateway?.child.kill("SIGKILL");
    await gateway?.exited;
    await lab.close();
    rmSync(root, { recursive: true, force: true });
  }
}

interface Line {
  readonly custom_id: string;
  readonly response: { readonly status_code: number } | null;
}
