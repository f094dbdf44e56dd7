/** The compared subjects: how each is started, and how a client calls it. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Child, freePort, reportedPort, startNode } from "./process.ts";

export const SUBJECT_IDS = ["direct", "floor", "headgate", "portkey"] as const;
export type SubjectId = (typeof SUBJECT_IDS)[number];

export const SUBJECT_NAMES: Readonly<Record<SubjectId, string>> = {
  direct: "direct to the upstream",
  floor: "raw pass-through",
  headgate: "Headgate",
  portkey: "Portkey",
};

export interface Subject {
  readonly id: SubjectId;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent for the upstream itself. */
  readonly child?: Child;
}

export interface Upstream {
  readonly port: number;
  readonly child: Child;
}

const UPSTREAM_KEY = "test-key";
const CLIENT_KEY = "test-key-of-the-benchmark-0123456789abcdef";
const READY_WITHIN_MS = 30_000;
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export async function startUpstream(): Promise<Upstream> {
  const child = startNode([file("upstream.ts")], {}, true);
  return { child, port: await reportedPort(child) };
}

/**
 * Starts one subject in front of the upstream and waits until it answers.
 * @param nodeArgs flags for the subject's Node, for profiling.
 */
export async function startSubject(
  id: SubjectId,
  upstream: Upstream,
  nodeArgs: readonly string[] = [],
): Promise<Subject> {
  const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
  switch (id) {
    case "direct":
      return { id, port: upstream.port, headers: bearer(UPSTREAM_KEY) };
    case "floor": {
      const child = startNode([...nodeArgs, file("floor.ts"), `http://127.0.0.1:${upstream.port}`], {}, true);
      return { id, port: await reportedPort(child), headers: bearer(UPSTREAM_KEY), child };
    }
    case "headgate": {
      const port = await freePort();
      const ready = `http://127.0.0.1:${port}/health/ready`;
      const args = headgateArguments(port, upstream.port);
      // A checkout's first start strips the types of its sources and caches the result; later starts are faster.
      const first = startNode(args);
      await untilAnswers(id, first, ready);
      await first.kill();
      const child = startNode([...nodeArgs, ...args]);
      await untilAnswers(id, child, ready);
      return { id, port, headers: bearer(CLIENT_KEY), child };
    }
    case "portkey": {
      const port = await freePort();
      const server = createRequire(import.meta.url).resolve("@portkey-ai/gateway/build/start-server.js");
      const child = startNode([...nodeArgs, server, `--port=${port}`, "--headless"], {
        TRUSTED_CUSTOM_HOSTS: "127.0.0.1",
      });
      await untilAnswers(id, child, `http://127.0.0.1:${port}/`);
      const headers = {
        ...bearer(UPSTREAM_KEY),
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": `http://127.0.0.1:${upstream.port}/v1`,
      };
      return { id, port, headers, child };
    }
  }
}

/** The whole catalogue of the repository plus the benchmark's own provider, all options at their defaults. */
function headgateArguments(port: number, upstreamPort: number): string[] {
  const root = mkdtempSync(join(tmpdir(), "headgate-bench-"));
  process.once("exit", () => rmSync(root, { recursive: true, force: true }));
  for (const folder of ["providers", "models", "fallbacks"]) {
    cpSync(file(`../${folder}`), join(root, folder), { recursive: true });
  }
  mkdirSync(join(root, "providers", "bench"));
  cpSync(file("fixture/provider.yaml"), join(root, "providers", "bench", "provider.yaml"));
  mkdirSync(join(root, "providers", "bench-claude"));
  cpSync(file("fixture/claude.yaml"), join(root, "providers", "bench-claude", "provider.yaml"));
  const chainsFile = join(root, "fallbacks", "fallbacks.json");
  const fallbacks = JSON.parse(readFileSync(chainsFile, "utf8")) as { chains: Record<string, string[]> };
  // No fallback: a failure of the upstream must be visible.
  for (const alias of ["bench-chat", "bench-vectors", "bench-scribe", "bench-claude"])
    fallbacks.chains[alias] = [];
  writeFileSync(chainsFile, JSON.stringify(fallbacks));
  const env = [
    "BENCH=1",
    `BENCH_API_KEY=${UPSTREAM_KEY}`,
    `BENCH_BASE_URL=http://127.0.0.1:${upstreamPort}/v1`,
    "BENCH_CLAUDE=1",
    `BENCH_CLAUDE_API_KEY=${UPSTREAM_KEY}`,
    `BENCH_CLAUDE_BASE_URL=http://127.0.0.1:${upstreamPort}/v1`,
    `HEADGATE_API_KEY=${CLIENT_KEY}`,
  ];
  const envFile = join(root, ".env");
  writeFileSync(envFile, `${env.join("\n")}\n`, { mode: 0o600 });
  const program = file("../packages/cli/bin/headgate.js");
  const options = [
    "--root",
    root,
    "--env-file",
    envFile,
    "--state-dir",
    join(root, "state"),
    "--port",
    `${port}`,
  ];
  return [program, "serve", ...options];
}

/** Polls until a 200. Rejects with the program's last output when it ends or takes too long. */
async function untilAnswers(id: SubjectId, child: Child, url: string): Promise<void> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < READY_WITHIN_MS) {
    if (child.process.exitCode !== null) break;
    const ok = await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status === 200;
      },
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await child.kill();
  throw new Error(`${SUBJECT_NAMES[id]} did not become ready. It printed:\n${child.output()}`);
}
