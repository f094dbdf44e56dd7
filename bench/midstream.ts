/**
 * `node bench/midstream.ts`: what it costs that a stream may be continued. Two gateways serve the same streams at the same
 * time, one by default and one with `x-headgate-midstream: error`, under which nothing is kept; they change sides in each round,
 * so that neither the machine nor the process decides. CPU time is the gateways', from /proc.
 */
import { Connection, postBytes } from "./client.ts";
import { cpuMs } from "./process.ts";
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

const CHUNKS: Plan = { rounds: 24, connections: 60, streams: 2, chunks: 80, paceMs: 10 };
const STREAMS: Plan = { rounds: 24, connections: 16, streams: 150, chunks: 2, paceMs: 0 };

async function cpuOfRound(subject: Subject, midstream: string, plan: Plan): Promise<number> {
  const headers = { ...subject.headers, "x-headgate-midstream": midstream };
  const bytes = postBytes(subject.port, headers, chatBody(plan));
  const lanes = await Promise.all(
    Array.from({ length: plan.connections }, () => Connection.open(subject.port)),
  );
  const before = cpuMs(subject.child?.pid ?? process.pid);
  await Promise.all(
    lanes.map(async (lane) => {
      for (let at = 0; at < plan.streams; at += 1) {
        const { status, excerpt } = await lane.send(bytes, () => {});
        if (status !== 200) throw new Error(`the gateway answered ${status}: ${excerpt}`);
      }
    }),
  );
  const spentMs = cpuMs(subject.child?.pid ?? process.pid) - before;
  for (const lane of lanes) lane.close();
  return spentMs;
}

async function compare(
  pair: readonly [Subject, Subject],
  plan: Plan,
): Promise<{ ratio: number; errorMs: number }> {
  const spent = { continue: 0, error: 0 };
  for (let round = -2; round < plan.rounds; round += 1) {
    const [one, two] = round % 2 === 0 ? pair : [pair[1], pair[0]];
    const [continued, plain] = await Promise.all([
      cpuOfRound(one, "continue", plan),
      cpuOfRound(two, "error", plan),
    ]);
    if (round < 0) continue;
    spent.continue += continued;
    spent.error += plain;
  }
  return { ratio: spent.continue / spent.error, errorMs: spent.error / plan.rounds };
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
