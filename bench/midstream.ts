/**
 * `node bench/midstream.ts`: what it costs that a stream may be continued. Two gateways serve the same streams at the same
 * time, one by default and one with `x-headgate-midstream: error`, under which nothing is kept. They change sides in the second
 * round of each pair, so that neither the machine nor the process decides; the ratio is the pairs' median. CPU time is the
 * gateways', from /proc.
 */
import { Connection, postBytes } from "./client.ts";
import { cpuMs } from "./process.ts";
import { median } from "./stats.ts";
import { type Subject, startSubject, startUpstream } from "./subjects.ts";
import { chatBody } from "./wire.ts";

export interface MidstreamResult {
  /** CPU time with the default over that with `error`, for streams of many chunks. */
  readonly chunkRatio: number;
  /** The same for streams of two chunks. */
  readonly streamRatio: number;
  readonly cpuUsPerChunk: number;
  readonly cpuUsPerStream: number;
}

interface Plan {
  readonly rounds: number;
  readonly connections: number;
  /** Streams on each connection, one after another. */
  readonly streams: number;
  readonly chunks: number;
  readonly paceMs: number;
}

const CHUNKS: Plan = { rounds: 32, connections: 60, streams: 2, chunks: 80, paceMs: 10 };
const STREAMS: Plan = { rounds: 32, connections: 16, streams: 150, chunks: 2, paceMs: 0 };

async function cpuOfRound(subject: Subject, midstream: string, plan: Plan): Promise<number> {
  const headers = { ...subject.headers, "x-headgate-midstream": midstream };
  const bytes = postBytes(subject.port, headers, chatBody(plan));
  const connections = await Promise.all(
    Array.from({ length: plan.connections }, () => Connection.open(subject.port)),
  );
  const before = cpuMs(subject.child?.pid ?? process.pid);
  await Promise.all(
    connections.map(async (connection) => {
      for (let at = 0; at < plan.streams; at += 1) {
        const { status, excerpt } = await connection.send(bytes, () => {});
        if (status !== 200) throw new Error(`the gateway answered ${status}: ${excerpt}`);
      }
    }),
  );
  const spentMs = cpuMs(subject.child?.pid ?? process.pid) - before;
  for (const connection of connections) connection.close();
  return spentMs;
}

async function compare(
  pair: readonly [Subject, Subject],
  plan: Plan,
): Promise<{ ratio: number; errorMs: number }> {
  const ratios: number[] = [];
  const errorMs: number[] = [];
  for (let pairNo = -1; pairNo < plan.rounds / 2; pairNo += 1) {
    const spent = { continue: 0, error: 0 };
    for (const [one, two] of [pair, [pair[1], pair[0]] as const]) {
      const [continued, plain] = await Promise.all([
        cpuOfRound(one, "continue", plan),
        cpuOfRound(two, "error", plan),
      ]);
      spent.continue += continued;
      spent.error += plain;
    }
    if (pairNo < 0) continue;
    ratios.push(spent.continue / spent.error);
    errorMs.push(spent.error / 2);
  }
  return { ratio: median(ratios), errorMs: median(errorMs) };
}

export async function measureMidstream(): Promise<MidstreamResult> {
  const upstream = await startUpstream();
  try {
    const one = await startSubject("headgate", upstream);
    const two = await startSubject("headgate", upstream);
    try {
      const chunks = await compare([one, two], CHUNKS);
      const streams = await compare([one, two], STREAMS);
      const perRound = ({ connections, streams: each }: Plan): number => connections * each;
      return {
        chunkRatio: chunks.ratio,
        streamRatio: streams.ratio,
        cpuUsPerChunk: (chunks.errorMs * 1000) / perRound(CHUNKS) / CHUNKS.chunks,
        cpuUsPerStream: (streams.errorMs * 1000) / perRound(STREAMS),
      };
    } finally {
      await one.child?.kill();
      await two.child?.kill();
    }
  } finally {
    await upstream.child.kill();
  }
}

if (import.meta.main) console.log(JSON.stringify(await measureMidstream()));
