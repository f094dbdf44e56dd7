/**
 * Agent-sized bodies, embeddings and uploads: Headgate beside the floor in alternating rounds. A round in which other
 * programs used more than a tenth of the machine is dropped and counted.
 *
 * `node bench/bodies.ts [--rounds 7] [--seconds 1] [--only 49] [--json]`
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  BOUNDARY,
  chatBody,
  embeddingsBody,
  messagesBody,
  responsesBody,
  uploadBody,
} from "./bodies-wire.ts";
import { Connection, postBytes } from "./client.ts";
import { type Child, cpuMs, machineCpu, reportedPort, startNode } from "./process.ts";
import { median } from "./stats.ts";
import { startSubject, startUpstream } from "./subjects.ts";

const KB = 1024;

export interface BodyCase {
  readonly name: string;
  readonly path: string;
  readonly body: string | Buffer;
  readonly type?: string;
  /** The floor reads and writes each body as JSON. */
  readonly translated?: true;
  /** The least share of the floor's requests/s. */
  readonly share: number;
}

export const CASES: readonly BodyCase[] = [
  { name: "chat, 1 KB", path: "/v1/chat/completions", body: chatSmall(), share: 0.75 },
  { name: "chat, 49 KB", path: "/v1/chat/completions", body: chatBody("bench-chat", 49 * KB), share: 0.78 },
  { name: "Messages, 49 KB", path: "/v1/messages", body: messagesBody("bench-claude", 49 * KB), share: 0.78 },
  {
    name: "Responses, 49 KB",
    path: "/v1/responses",
    body: responsesBody("bench-chat", 49 * KB),
    share: 0.78,
  },
  { name: "chat, 500 KB", path: "/v1/chat/completions", body: chatBody("bench-chat", 500 * KB), share: 0.78 },
  {
    name: "Messages to a chat provider, 49 KB",
    path: "/v1/messages",
    body: messagesBody("bench-chat", 49 * KB),
    translated: true,
    share: 0.85,
  },
  {
    name: "chat to a Messages provider, 49 KB",
    path: "/v1/chat/completions",
    body: chatBody("bench-claude", 49 * KB),
    translated: true,
    share: 0.85,
  },
  {
    name: "embeddings, 100 × 1,536, float",
    path: "/v1/embeddings",
    body: embeddingsBody("bench-vectors", "float"),
    share: 0.85,
  },
  {
    name: "embeddings, 100 × 1,536, base64",
    path: "/v1/embeddings",
    body: embeddingsBody("bench-vectors", "base64"),
    share: 0.85,
  },
  {
    name: "transcription, 10 MB",
    path: "/v1/audio/transcriptions",
    body: uploadBody("bench-scribe", 10 * KB * KB),
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    share: 0.7,
  },
];

function chatSmall(): string {
  return JSON.stringify({
    model: "bench-chat",
    messages: [{ role: "user", content: "Why does water in a canal need a headgate? ".repeat(20) }],
    max_tokens: 256,
  });
}

export interface BodyResult {
  readonly name: string;
  /** Headgate's requests/s over the floor's, median of rounds. */
  readonly share: number;
  readonly wantedShare: number;
  readonly floorCpuMs: number;
  readonly headgateCpuMs: number;
  /** Rounds that counted, and those that other programs disturbed. */
  readonly rounds: number;
  readonly dropped: number;
}

const CONNECTIONS = 8;
const FOREIGN_BUSY = 0.1;

interface Served {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly child: Child;
}

interface Rate {
  readonly perSecond: number;
  readonly cpuMs: number;
}

/** A closed loop on several connections. @throws {Error} for an answer that is no 200 */
async function rate(served: Served, one: BodyCase, seconds: number): Promise<Rate> {
  const bytes = postBytes(served.port, served.headers, one.body, one.path, one.type);
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Connection.open(served.port)),
  );
  const startedMs = performance.now();
  const before = cpuMs(served.child.pid);
  const endMs = startedMs + seconds * 1000;
  let answered = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < endMs) {
        const { status, excerpt } = await connection.send(bytes);
        if (status !== 200) throw new Error(`${one.name}: ${status} ${excerpt}`);
        answered += 1;
      }
      connection.close();
    }),
  );
  const tookMs = performance.now() - startedMs;
  return { perSecond: (answered / tookMs) * 1000, cpuMs: (cpuMs(served.child.pid) - before) / answered };
}

function foreignShare(before: ReturnType<typeof machineCpu>, startedMs: number): number {
  const now = machineCpu();
  const foreignMs = now.allMs - before.allMs - (now.oursMs - before.oursMs);
  return foreignMs / (performance.now() - startedMs) / availableParallelism();
}

async function startFloor(port: number, ...more: string[]): Promise<Served> {
  const path = fileURLToPath(new URL("floor.ts", import.meta.url));
  const child = startNode([path, `http://127.0.0.1:${port}`, ...more], {}, true);
  return { child, port: await reportedPort(child), headers: { authorization: "Bearer test-key" } };
}

export async function measureBodies(
  plan: { readonly rounds: number; readonly seconds: number; readonly keepDisturbed: boolean },
  cases: readonly BodyCase[] = CASES,
): Promise<BodyResult[]> {
  const upstream = await startUpstream();
  const children: Child[] = [upstream.child];
  try {
    const plain = await startFloor(upstream.port);
    const translating = await startFloor(upstream.port, "--translate");
    const { child, port, headers } = await startSubject("headgate", upstream);
    if (child === undefined) throw new Error("Headgate has no process");
    children.push(plain.child, translating.child, child);
    const headgate: Served = { child, port, headers };
    const results: BodyResult[] = [];
    for (const one of cases) {
      const floor = one.translated === true ? translating : plain;
      for (const served of [floor, headgate]) await rate(served, one, plan.seconds);
      const rounds: { floor: Rate; headgate: Rate }[] = [];
      let dropped = 0;
      while (rounds.length < plan.rounds && dropped < plan.rounds * 2) {
        const before = machineCpu();
        const startedMs = performance.now();
        const swapped = (rounds.length + dropped) % 2 === 1;
        const first = await rate(swapped ? headgate : floor, one, plan.seconds);
        const second = await rate(swapped ? floor : headgate, one, plan.seconds);
        const disturbed = foreignShare(before, startedMs) > FOREIGN_BUSY;
        if (disturbed) dropped += 1;
        if (disturbed && !plan.keepDisturbed) continue;
        rounds.push(swapped ? { floor: second, headgate: first } : { floor: first, headgate: second });
      }
      const middle = (of: (round: (typeof rounds)[number]) => number): number =>
        rounds.length === 0 ? Number.NaN : median(rounds.map(of));
      results.push({
        name: one.name,
        share: middle((round) => round.headgate.perSecond / round.floor.perSecond),
        wantedShare: one.share,
        floorCpuMs: middle((round) => round.floor.cpuMs),
        headgateCpuMs: middle((round) => round.headgate.cpuMs),
        rounds: rounds.length,
        dropped,
      });
    }
    return results;
  } finally {
    for (const child of children.reverse()) await child.kill();
  }
}

const line = ({ name, share, wantedShare, floorCpuMs, headgateCpuMs, rounds, dropped }: BodyResult): string =>
  `| ${name} | ${share.toFixed(2)} | ≥ ${wantedShare} | ${floorCpuMs.toFixed(3)} | ${headgateCpuMs.toFixed(3)} | ${(headgateCpuMs / floorCpuMs).toFixed(2)} × | ${rounds} (${dropped}) |`;

export const bodiesTable = (results: readonly BodyResult[]): string =>
  [
    "| body | share of the floor's requests/s | wanted | floor, CPU ms | Headgate, CPU ms | | rounds (disturbed) |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...results.map(line),
  ].join("\n");

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "7" },
      seconds: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      "keep-disturbed": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const results = await measureBodies(
    {
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      keepDisturbed: values["keep-disturbed"],
    },
    CASES.filter(({ name }) => name.includes(values.only)),
  );
  console.log(values.json ? JSON.stringify(results) : bodiesTable(results));
}
