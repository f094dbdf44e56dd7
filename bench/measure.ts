/** The measurements. Each alternates between all subjects, so that drift of the machine affects all. */
import { Connection, postBytes } from "./client.ts";
import { type LoadTool, load } from "./load.ts";
import { CAN_MEASURE_PROCESSES, cpuMs, residentBytes } from "./process.ts";
import { median, quantile } from "./stats.ts";
import type { Subject, SubjectId, Upstream } from "./subjects.ts";
import { chatBody, MarkReader, nowUs } from "./wire.ts";

export type PerSubject<T> = Partial<Record<SubjectId, T>>;

/** Each round starts with another subject, so that none always follows the same one. */
const turns = <T>(items: readonly T[], round: number): T[] =>
  items.map((_, index) => items[(index + round) % items.length]).filter((item) => item !== undefined);

/** Appends to the list of rounds of one subject. */
function note(rounds: PerSubject<number[]>, id: SubjectId, value: number): void {
  const list = rounds[id];
  if (list === undefined) rounds[id] = [value];
  else list.push(value);
}

const requestBytes = (subject: Subject, body: string): Buffer =>
  postBytes(subject.port, subject.headers, body);

async function checked(answer: ReturnType<Connection["send"]>, subject: Subject): Promise<void> {
  const { status, excerpt } = await answer;
  if (status !== 200) throw new Error(`${subject.id} answered ${status}: ${excerpt}`);
}

const cpuOf = (pid: number | undefined): number =>
  pid !== undefined && CAN_MEASURE_PROCESSES ? cpuMs(pid) : Number.NaN;

export interface Throughput {
  readonly requestsPerSecond: number[];
  readonly p50Ms: number[];
  readonly p99Ms: number[];
  /** NaN where it cannot be measured. */
  readonly cpuMsPerRequest: number[];
  /** The upstream's CPU share, 1 = one core; near 1 the upstream itself is measured. */
  readonly upstreamLoad: number[];
}

export async function measureThroughput(
  subjects: readonly Subject[],
  upstream: Upstream,
  tool: LoadTool,
  plan: { connections: number; rounds: number; seconds: number },
): Promise<PerSubject<Throughput>> {
  const results: PerSubject<Throughput> = {};
  for (let round = 0; round < plan.rounds; round++) {
    for (const subject of turns(subjects, round)) {
      const target = { port: subject.port, headers: subject.headers, body: chatBody() };
      const before = { cpuMs: cpuOf(subject.child?.pid), upstreamMs: cpuOf(upstream.child.pid), at: nowUs() };
      const result = await load(tool, target, plan.connections, plan.seconds);
      const tookMs = (nowUs() - before.at) / 1000;
      const into = results[subject.id] ?? {
        requestsPerSecond: [],
        p50Ms: [],
        p99Ms: [],
        cpuMsPerRequest: [],
        upstreamLoad: [],
      };
      results[subject.id] = into;
      into.requestsPerSecond.push(result.requestsPerSecond);
      into.p50Ms.push(result.p50Ms);
      into.p99Ms.push(result.p99Ms);
      into.cpuMsPerRequest.push((cpuOf(subject.child?.pid) - before.cpuMs) / result.requests);
      into.upstreamLoad.push((cpuOf(upstream.child.pid) - before.upstreamMs) / tookMs);
    }
  }
  return results;
}

export interface Latency {
  /** One value for each round, in ms. */
  readonly p50Ms: PerSubject<number[]>;
  readonly p99Ms: PerSubject<number[]>;
}

/** Whole answers on one kept-alive connection for each subject, one request at a time. */
export async function measureLatency(
  subjects: readonly Subject[],
  plan: { rounds: number; requests: number; warmup: number },
): Promise<Latency> {
  return latencyOf(subjects, chatBody(), plan, async (connection, bytes, subject) => {
    const startUs = nowUs();
    await checked(connection.send(bytes), subject);
    return nowUs() - startUs;
  });
}

/** From sending a stream request to its first content, on one kept-alive connection; later chunks are held back. */
export async function measureFirstToken(
  subjects: readonly Subject[],
  plan: { rounds: number; requests: number; warmup: number },
): Promise<Latency> {
  const body = chatBody({ chunks: 2, paceMs: 5 });
  return latencyOf(subjects, body, plan, async (connection, bytes, subject) => {
    let firstUs = Number.NaN;
    const reader = new MarkReader(() => {
      if (Number.isNaN(firstUs)) firstUs = nowUs();
    });
    const startUs = nowUs();
    await checked(
      connection.send(bytes, (text) => reader.push(text)),
      subject,
    );
    if (Number.isNaN(firstUs) || !reader.done) throw new Error(`${subject.id} cut a stream short`);
    return firstUs - startUs;
  });
}

async function latencyOf(
  subjects: readonly Subject[],
  body: string,
  plan: { rounds: number; requests: number; warmup: number },
  once: (connection: Connection, bytes: Buffer, subject: Subject) => Promise<number>,
): Promise<Latency> {
  const latency: Latency = { p50Ms: {}, p99Ms: {} };
  const runs = await Promise.all(
    subjects.map(async (subject) => ({
      subject,
      connection: await Connection.open(subject.port),
      bytes: requestBytes(subject, body),
    })),
  );
  for (const { connection, bytes, subject } of runs) {
    for (let i = 0; i < plan.warmup; i++) await once(connection, bytes, subject);
  }
  for (let round = 0; round < plan.rounds; round++) {
    for (const { connection, bytes, subject } of turns(runs, round)) {
      const tookMs: number[] = [];
      for (let i = 0; i < plan.requests; i++) tookMs.push((await once(connection, bytes, subject)) / 1000);
      note(latency.p50Ms, subject.id, quantile(tookMs, 0.5));
      note(latency.p99Ms, subject.id, quantile(tookMs, 0.99));
    }
  }
  for (const { connection } of runs) connection.close();
  return latency;
}

export interface Streaming {
  /** From the upstream's write to the client's read of a chunk, over all streams; one value a round. */
  readonly delayP50Ms: number[];
  readonly delayP99Ms: number[];
  /** The time of the slowest stream beyond its pace, in ms. */
  readonly overrunMs: number[];
  readonly cpuMsPerChunk: number[];
  /** Streams that ended early or lost chunks, all rounds together. */
  broken: number;
}

/** Many streams at once, each with its own connection, paced by the upstream; starts are spread over one pace. */
export async function measureStreams(
  subjects: readonly Subject[],
  plan: { rounds: number; streams: number; chunks: number; paceMs: number },
): Promise<PerSubject<Streaming>> {
  const results: PerSubject<Streaming> = {};
  for (let round = 0; round < plan.rounds; round++) {
    for (const subject of turns(subjects, round)) {
      const into = results[subject.id] ?? {
        delayP50Ms: [],
        delayP99Ms: [],
        overrunMs: [],
        cpuMsPerChunk: [],
        broken: 0,
      };
      results[subject.id] = into;
      await streamOnce(subject, plan, into);
    }
  }
  return results;
}

async function streamOnce(
  subject: Subject,
  plan: { streams: number; chunks: number; paceMs: number },
  into: Streaming,
): Promise<void> {
  const bytes = requestBytes(subject, chatBody(plan));
  const connections = await Promise.all(
    Array.from({ length: plan.streams }, () => Connection.open(subject.port)),
  );
  const delaysMs: number[] = [];
  let chunks = 0;
  const cpuBeforeMs = cpuOf(subject.child?.pid);
  const overruns = await Promise.all(
    connections.map(async (connection, index) => {
      await new Promise((resolve) => setTimeout(resolve, (index / plan.streams) * plan.paceMs));
      let got = 0;
      const reader = new MarkReader((sentUs) => {
        delaysMs.push((nowUs() - sentUs) / 1000);
        got += 1;
      });
      const askedUs = nowUs();
      await checked(
        connection.send(bytes, (text) => reader.push(text)),
        subject,
      ).catch((error: unknown) => {
        if (got === 0) throw error;
      });
      chunks += got;
      if (got !== plan.chunks || !reader.done) into.broken += 1;
      return (nowUs() - askedUs) / 1000 - (plan.chunks - 1) * plan.paceMs;
    }),
  );
  into.cpuMsPerChunk.push((cpuOf(subject.child?.pid) - cpuBeforeMs) / chunks);
  into.delayP50Ms.push(quantile(delaysMs, 0.5));
  into.delayP99Ms.push(quantile(delaysMs, 0.99));
  into.overrunMs.push(Math.max(...overruns));
  for (const connection of connections) connection.close();
}

/** Resident bytes when idle: the median of a few samples, since the time of a collection varies. */
export async function measureIdle(
  subjects: readonly Subject[],
  settleMs: number,
): Promise<PerSubject<number>> {
  const looks: PerSubject<number[]> = {};
  for (let look = 0; look < 5; look++) {
    await new Promise((resolve) => setTimeout(resolve, settleMs / 5));
    for (const { id, child } of subjects)
      if (child !== undefined) note(looks, id, residentBytes(child.pid).now);
  }
  const idle: PerSubject<number> = {};
  for (const { id } of subjects) {
    const list = looks[id];
    if (list !== undefined) idle[id] = median(list);
  }
  return idle;
}
