/**
 * Damaged requests and damaged answers through a real gateway. A finding is a crash, an answer of 500 or above that no
 * upstream caused, an error in another envelope, or a request without an end.
 */
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { startLab } from "@headgate/upstream-lab";
import { type ProviderSketch, startGateway, type TestGateway } from "../support/gateway.ts";
import { healthyUpstream } from "./healthy.ts";
import { damaged, type Json, Random, torn } from "./random.ts";
import { close, listen, readAll } from "./server.ts";
import { type SoundRequest, soundRequests, wrongEnvelope } from "./surfaces.ts";

export interface Plan {
  readonly seed: number;
  readonly bodies: number;
  readonly answers: number;
  /** A request that takes longer is a finding, in ms. */
  readonly hangMs: number;
  /** Requests at once. */
  readonly width: number;
  /** One case alone, to see a finding again. */
  readonly only?: number;
}

export interface Report {
  readonly bodies: number;
  readonly answers: number;
  readonly findings: readonly string[];
  readonly slowestMs: number;
}

const OPERATIONS = {
  vectors: "embedding",
  rank: "rerank",
  pictures: "image",
  voice: "speech",
  judge: "moderation",
} as const;
const ADAPTERS = ["openai-compatible", "anthropic", "gemini", "cohere", "ollama"] as const;

const provider = (adapter: (typeof ADAPTERS)[number], baseUrl: string): ProviderSketch => ({
  id: adapter,
  adapter,
  baseUrl,
  models: [
    { alias: adapter },
    ...(adapter === "openai-compatible"
      ? Object.entries(OPERATIONS).map(([name, operation]) => ({ alias: `${adapter}-${name}`, operation }))
      : []),
  ],
});

/** Cooldowns of one case must not hide the next. */
const MONTHS_MS = 62 * 24 * 3_600_000;

class Fuzz {
  readonly findings: string[] = [];
  readonly #plan: Plan;
  readonly #gateway: TestGateway;
  readonly #slow: (() => Promise<void>)[] = [];
  slowestMs = 0;

  constructor(plan: Plan, gateway: TestGateway) {
    this.#plan = plan;
    this.#gateway = gateway;
  }

  async cases(count: number, one: (random: Random, at: number) => Promise<void>): Promise<void> {
    const { seed, width, only } = this.#plan;
    let next = 0;
    const line = async (): Promise<void> => {
      while (next < count) {
        const at = next;
        next += 1;
        if (only === undefined || only === at) await one(new Random(seed + at * 7_919), at);
      }
    };
    await Promise.all(Array.from({ length: width }, line));
    for (const repeat of this.#slow) await repeat();
  }

  /** @param caused whether the upstream may be the cause of an error */
  async send(
    where: string,
    { path, envelope }: Pick<SoundRequest, "path" | "envelope">,
    body: Buffer,
    headers: Record<string, string>,
    caused: boolean,
    again = false,
  ): Promise<void> {
    const startedMs = performance.now();
    this.#gateway.clock.nowMs += MONTHS_MS;
    try {
      const response = await this.#gateway.fetch(path, {
        method: "POST",
        body: new Uint8Array(body),
        headers,
        signal: AbortSignal.timeout(this.#plan.hangMs * 5),
      });
      const { status } = response;
      const text = await response.text();
      if (status === 500 || (status >= 500 && !caused))
        this.findings.push(`${where}: ${status} ${text.slice(0, 300)}`);
      const wrong = status >= 400 ? wrongEnvelope(envelope, status, text) : undefined;
      if (wrong !== undefined) this.findings.push(`${where}: ${wrong}: ${status} ${text.slice(0, 300)}`);
    } catch (error) {
      const late = error instanceof Error && error.name === "TimeoutError";
      if (again || !late)
        this.findings.push(`${where}: no answer: ${error instanceof Error ? (error.cause ?? error) : error}`);
    }
    const tookMs = performance.now() - startedMs;
    if (tookMs <= this.#plan.hangMs) this.slowestMs = Math.max(this.slowestMs, tookMs);
    // A busy machine delays any request; what hangs does so each time, and alone.
    else if (again) this.findings.push(`${where}: it took ${Math.round(tookMs)} ms, twice`);
    else this.#slow.push(() => this.send(where, { path, envelope }, body, headers, caused, true));
  }
}

export async function fuzz(plan: Plan): Promise<Report> {
  const crashes: string[] = [];
  const onCrash = (error: unknown): void => {
    crashes.push(`crash: ${error instanceof Error ? error.stack : error}`);
  };
  process.on("uncaughtException", onCrash);
  process.on("unhandledRejection", onCrash);
  try {
    const bodies = await fuzzBodies(plan);
    const answers = await fuzzAnswers(plan);
    return {
      bodies: plan.bodies,
      answers: plan.answers,
      findings: [...crashes, ...bodies.findings, ...answers.findings],
      slowestMs: Math.max(bodies.slowestMs, answers.slowestMs),
    };
  } finally {
    process.off("uncaughtException", onCrash);
    process.off("unhandledRejection", onCrash);
  }
}

async function fuzzBodies(plan: Plan): Promise<Fuzz> {
  const upstream = healthyUpstream();
  const gateway = await startGateway([provider("openai-compatible", `${await listen(upstream)}/v1`)], {
    logLevel: "error",
  });
  const run = new Fuzz(plan, gateway);
  const sound = soundRequests("openai-compatible");
  try {
    await run.cases(plan.bodies, async (random, at) => {
      const request = random.pick(sound);
      const json = random.chance(0.6)
        ? damaged(random, request.body, random.pick([0.02, 0.05, 0.2]))
        : request.body;
      let bytes = Buffer.from(JSON.stringify(withStream(random, json)));
      if (random.chance(0.4)) bytes = Buffer.from(torn(random, bytes));
      const headers: Record<string, string> = {};
      if (random.chance(0.05))
        headers["content-encoding"] = random.pick(["gzip", "br", "zstd", "deflate", "x"]);
      if (headers["content-encoding"] === "gzip" && random.chance(0.7)) bytes = gzipSync(bytes);
      if (random.chance(0.05))
        headers["content-type"] = random.pick(["text/plain", "multipart/form-data; boundary=b", ""]);
      await run.send(`body ${at} to ${request.path}`, request, bytes, headers, false);
    });
    run.findings.push(...gateway.logged.filter((line) => line.includes("unexpected error")).slice(0, 20));
  } finally {
    await gateway.close();
    await close(upstream);
  }
  return run;
}

const withStream = (random: Random, json: Json): Json =>
  random.chance(0.3) && typeof json === "object" && json !== null && !Array.isArray(json) && "stream" in json
    ? { ...json, stream: true }
    : json;

interface SoundAnswer {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Sound answers of each wire, whole and streamed, as the lab's providers give them. */
async function soundAnswers(baseUrl: string): Promise<ReadonlyMap<string, SoundAnswer>> {
  const found = new Map<string, SoundAnswer>();
  const relay = createServer((request, response) => {
    void readAll(request).then(async (body) => {
      const answer = await fetch(`${new URL(baseUrl).origin}${request.url}`, {
        method: "POST",
        body: new Uint8Array(body),
        headers: { "content-type": "application/json", authorization: "Bearer k", "x-api-key": "k" },
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const type = answer.headers.get("content-type") ?? "";
      found.set(String(request.url), { type, bytes });
      response.writeHead(answer.status, { "content-type": type }).end(bytes);
    });
  });
  const address = await listen(relay);
  const through = await startGateway(
    ADAPTERS.map((adapter) =>
      provider(
        adapter,
        new URL(baseUrl).pathname === "/" ? address : `${address}${new URL(baseUrl).pathname}`,
      ),
    ),
    { logLevel: "silent" },
  );
  const answers = new Map<string, SoundAnswer>();
  for (const adapter of ADAPTERS) {
    for (const stream of [false, true]) {
      found.clear();
      await (await through.chat({ model: adapter, stream })).text();
      const [answer] = found.values();
      if (answer !== undefined) answers.set(`${adapter} ${stream}`, answer);
    }
  }
  await through.close();
  await close(relay);
  return answers;
}

async function fuzzAnswers(plan: Plan): Promise<Fuzz> {
  const lab = await startLab();
  const sound = await soundAnswers(lab.baseUrl);
  const made = new Map<string, { readonly status: number; readonly type: string; readonly bytes: Buffer }>();
  const upstream = createServer((request, response) => {
    void readAll(request).then((body) => {
      const answer = made.get(/case-(\d+)-/.exec(body.toString("latin1"))?.[1] ?? "");
      if (answer === undefined) response.writeHead(500).end();
      else response.writeHead(answer.status, { "content-type": answer.type }).end(answer.bytes);
    });
  });
  const address = await listen(upstream);
  const gateway = await startGateway(
    ADAPTERS.map((adapter) => provider(adapter, `${address}/v1`)),
    {
      logLevel: "error",
    },
  );
  const run = new Fuzz(plan, gateway);
  const chats = soundRequests("x").slice(0, 3);
  try {
    await run.cases(plan.answers, async (random, at) => {
      const adapter = random.pick(ADAPTERS);
      const stream = random.chance(0.5);
      const answer = sound.get(`${adapter} ${random.chance(0.05) ? !stream : stream}`);
      if (answer === undefined) throw new Error(`the lab gave no answer for ${adapter}`);
      const key = String(at);
      made.set(key, {
        status: random.chance(0.85)
          ? 200
          : random.pick([201, 204, 302, 400, 401, 404, 413, 429, 500, 503, 529]),
        type: random.chance(0.95)
          ? answer.type
          : random.pick(["text/html", "application/json", "text/event-stream", ""]),
        bytes: mutated(random, answer),
      });
      const { path, envelope } = random.pick(chats);
      const text = `case-${at}-`;
      const body =
        path === "/v1/responses"
          ? { model: adapter, input: text, stream, store: false }
          : { model: adapter, messages: [{ role: "user", content: text }], max_tokens: 9, stream };
      await run.send(
        `answer ${at} of ${adapter} to ${path}`,
        { path, envelope },
        Buffer.from(JSON.stringify(body)),
        {},
        true,
      );
      made.delete(key);
    });
    run.findings.push(...gateway.logged.filter((line) => line.includes("unexpected error")).slice(0, 20));
  } finally {
    await gateway.close();
    await close(upstream);
    await lab.close();
  }
  return run;
}

/** Damages the JSON in an answer, or its bytes. */
function mutated(random: Random, { type, bytes }: SoundAnswer): Buffer {
  if (random.chance(0.4)) return torn(random, bytes);
  const share = random.pick([0.02, 0.05, 0.2]);
  if (/^application\/json/.test(type))
    return Buffer.from(JSON.stringify(damaged(random, JSON.parse(bytes.toString()) as Json, share)));
  const lines = bytes
    .toString()
    .split("\n")
    .map((line) => {
      const at = line.indexOf("{");
      if (at === -1 || random.chance(0.5)) return line;
      return line.slice(0, at) + JSON.stringify(damaged(random, JSON.parse(line.slice(at)) as Json, share));
    });
  return Buffer.from(lines.join("\n"));
}
