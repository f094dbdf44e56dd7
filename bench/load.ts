/** Closed-loop load at a number of connections: wrk where it is installed, otherwise autocannon. */
import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { endWithUs } from "./process.ts";

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LoadTarget {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type LoadTool = "wrk" | "autocannon";

export const loadTool = (): LoadTool =>
  spawnSync("wrk", ["--version"], { stdio: "ignore" }).error === undefined ? "wrk" : "autocannon";

/** Runs for `seconds`. Throws when any request failed: a rate of errors is not a rate of answers. */
export async function load(
  tool: LoadTool,
  target: LoadTarget,
  connections: number,
  seconds: number,
): Promise<LoadResult> {
  const url = `http://127.0.0.1:${target.port}/v1/chat/completions`;
  const { result, failed } =
    tool === "wrk"
      ? await runWrk(url, target, connections, seconds)
      : await runAutocannon(url, target, connections, seconds);
  if (failed > 0) throw new Error(`${failed} of ${result.requests} requests failed under load`);
  return result;
}

async function runWrk(url: string, target: LoadTarget, connections: number, seconds: number) {
  const script = fileURLToPath(new URL("load.lua", import.meta.url));
  const headers = Object.entries(target.headers).map(([name, value]) => `${name}: ${value}`);
  const args = [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--timeout",
    "20s",
    "--latency",
    "-s",
    script,
    url,
  ];
  const text = await output(
    "wrk",
    args,
    { BENCH_BODY: target.body, BENCH_HEADERS: headers.join("\n") },
    seconds,
  );
  const line = /^RESULT (.*)$/m.exec(text)?.[1];
  if (line === undefined) throw new Error(`wrk printed no result:\n${text}`);
  const printed = JSON.parse(line) as Record<
    "requests" | "durationUs" | "failed" | "p50Us" | "p99Us",
    number
  >;
  return {
    failed: printed.failed,
    result: {
      requests: printed.requests,
      requestsPerSecond: printed.requests / (printed.durationUs / 1e6),
      p50Ms: printed.p50Us / 1000,
      p99Ms: printed.p99Us / 1000,
    },
  };
}

async function runAutocannon(url: string, target: LoadTarget, connections: number, seconds: number) {
  const program = createRequire(import.meta.url).resolve("autocannon");
  const headers = Object.entries({ ...target.headers, "content-type": "application/json" });
  const args = [program, "-c", `${connections}`, "-d", `${seconds}`, "-t", "20", "-m", "POST", "--json"];
  for (const [name, value] of headers) args.push("-H", `${name}=${value}`);
  const text = await output(process.execPath, [...args, "-b", target.body, url], {}, seconds);
  const printed = JSON.parse(text.slice(text.indexOf("{"))) as {
    requests: { total: number };
    latency: { p50: number; p99: number };
    duration: number;
    errors: number;
    non2xx: number;
  };
  return {
    failed: printed.errors + printed.non2xx,
    result: {
      requests: printed.requests.total,
      requestsPerSecond: printed.requests.total / printed.duration,
      p50Ms: printed.latency.p50,
      p99Ms: printed.latency.p99,
    },
  };
}

function output(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  seconds: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { PATH: process.env.PATH ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: (seconds + 30) * 1000,
    });
    endWithUs(child);
    let text = "";
    let errors = "";
    child.stdout.on("data", (data: Buffer) => {
      text += data.toString();
    });
    child.stderr.on("data", (data: Buffer) => {
      errors += data.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${command} ended with ${code}: ${errors.slice(-1000)}`));
    });
  });
}
