/**
 * `node bench/run.ts [--quick] [--no-bars] [--only direct,floor,…] [--no-save]`: measures, prints, saves, and checks the bars.
 * Exit codes: 0, 1 when a bar is missed or a measurement fails, 2 for a wrong option.
 */

import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { CompilerResult } from "./compiler.ts";
import { loadTool } from "./load.ts";
import {
  measureFirstToken,
  measureIdle,
  measureLatency,
  measureStreams,
  measureThroughput,
  type PerSubject,
} from "./measure.ts";
import type { MidstreamResult } from "./midstream.ts";
import { CAN_MEASURE_PROCESSES, machineCpu, residentBytes, startNode } from "./process.ts";
import { bars, type Measurements, markdown, rows, type Setting } from "./report.ts";
import type { RoutingResult } from "./routing.ts";
import { median } from "./stats.ts";
import { SUBJECT_IDS, type Subject, startSubject, startUpstream } from "./subjects.ts";

const FULL = {
  idleMs: 5_000,
  warmSeconds: 3,
  load: { connections: 32, rounds: 9, seconds: 2 },
  latency: { rounds: 15, requests: 300, warmup: 500 },
  firstToken: { rounds: 9, requests: 40, warmup: 40 },
  streams: { rounds: 3, streams: 200, chunks: 80, paceMs: 50 },
};
const QUICK: typeof FULL = {
  idleMs: 2_000,
  warmSeconds: 1,
  load: { connections: 32, rounds: 3, seconds: 1 },
  latency: { rounds: 5, requests: 100, warmup: 200 },
  firstToken: { rounds: 3, requests: 30, warmup: 20 },
  streams: { rounds: 1, streams: 200, chunks: 40, paceMs: 50 },
};
/** Above this share the upstream, not the subject, may be measured. */
const UPSTREAM_BUSY = 0.9;
/** The machine's share used by other programs. Above it figures are unreliable, rates more than CPU figures. */
const FOREIGN_BUSY = 0.05;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        "no-bars": { type: "boolean", default: false },
        "no-save": { type: "boolean", default: false },
        only: { type: "string", default: SUBJECT_IDS.join(",") },
      },
    });
    const wanted = values.only.split(",");
    const unknown = wanted.filter((name) => !SUBJECT_IDS.some((id) => id === name));
    if (unknown.length > 0)
      throw new Error(`--only accepts ${SUBJECT_IDS.join(", ")}; not ${unknown.join(", ")}`);
    return { ...values, subjects: SUBJECT_IDS.filter((id) => wanted.includes(id)) };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  const paths = require.resolve.paths(name) ?? [];
  for (const folder of paths) {
    try {
      return String(
        (JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8")) as { version: string }).version,
      );
    } catch {}
  }
  throw new Error(`${name} is not installed: run \`npm ci --prefix bench\``);
}

const chosen = options();
const plan = chosen.quick ? QUICK : FULL;
const log = (text: string): void => console.error(text);
const tool = loadTool();
const setting: Setting = {
  cores: availableParallelism(),
  node: process.versions.node,
  platform: process.platform,
  loadTool: tool,
  versions: { undici: versionOf("undici"), "@portkey-ai/gateway": versionOf("@portkey-ai/gateway") },
  quick: chosen.quick,
  date: new Date().toISOString().slice(0, 10),
};

/** In a process of its own, so that it does not slow the clients here. */
async function measuredBy<T>(program: string, ...options: string[]): Promise<T> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = startNode(["--conditions=@headgate/source", path, ...options]);
  await once(child.process, "close");
  if (child.process.exitCode !== 0) throw new Error(`${program} failed:\n${child.output()}`);
  return JSON.parse(child.output()) as T;
}

async function measure(): Promise<{ measured: Measurements; notices: string[] }> {
  const upstream = await startUpstream();
  const subjects: Subject[] = [];
  try {
    for (const id of chosen.subjects) {
      log(`starting ${id}`);
      subjects.push(await startSubject(id, upstream));
    }
    const cpuBefore = CAN_MEASURE_PROCESSES ? machineCpu() : undefined;
    const startedMs = performance.now();
    log("idle memory");
    const idleBytes = CAN_MEASURE_PROCESSES ? await measureIdle(subjects, plan.idleMs) : {};
    log("warming up");
    await measureThroughput(subjects, upstream, tool, {
      connections: plan.load.connections,
      rounds: 1,
      seconds: plan.warmSeconds,
    });
    log(`latency at 1 connection, ${plan.latency.rounds} rounds`);
    const latency = await measureLatency(subjects, plan.latency);
    log("time to first token");
    const firstToken = await measureFirstToken(subjects, plan.firstToken);
    log(`requests/s with ${tool}, ${plan.load.rounds} rounds`);
    const throughput = await measureThroughput(subjects, upstream, tool, plan.load);
    log(`${plan.streams.streams} concurrent streams`);
    const streams = await measureStreams(subjects, plan.streams);
    const peakBytes: PerSubject<number> = {};
    for (const { id, child } of subjects) {
      if (child !== undefined && CAN_MEASURE_PROCESSES) peakBytes[id] = residentBytes(child.pid).peak;
    }
    const whole = chosen.subjects.includes("headgate");
    log("routing decisions");
    const routing = whole ? await measuredBy<RoutingResult>("routing.ts") : undefined;
    if (whole && !chosen.quick) log("streams that may be continued");
    const midstream = whole && !chosen.quick ? await measuredBy<MidstreamResult>("midstream.ts") : undefined;
    if (whole && !chosen.quick) log("the compiler");
    const compiler =
      whole && !chosen.quick ? await measuredBy<CompilerResult>("compiler.ts", "--json") : undefined;
    const notices: string[] = [];
    if (!CAN_MEASURE_PROCESSES)
      notices.push("CPU and memory are left out: they are read from /proc, on Linux only.");
    if (cpuBefore !== undefined) {
      const cpu = machineCpu();
      const foreignMs = cpu.allMs - cpuBefore.allMs - (cpu.oursMs - cpuBefore.oursMs);
      const share = foreignMs / (performance.now() - startedMs) / setting.cores;
      if (share > FOREIGN_BUSY) {
        notices.push(
          `Other programs used ${(share * 100).toFixed(0)} % of the machine meanwhile: repeat this on a quiet one.`,
        );
      }
    }
    if (tool === "autocannon") {
      notices.push("wrk is not installed; autocannon takes a core of its own, which lowers all rates.");
    }
    for (const { id } of subjects) {
      const busy = median(throughput[id]?.upstreamLoad ?? [0]);
      if (id !== "direct" && busy > UPSTREAM_BUSY) {
        notices.push(
          `The upstream was ${(busy * 100).toFixed(0)} % busy behind ${id}: its rate is a lower bound.`,
        );
      }
    }
    return {
      notices,
      measured: {
        subjects: chosen.subjects,
        throughput,
        latency,
        firstToken,
        streams,
        idleBytes,
        peakBytes,
        ...(routing === undefined ? {} : { routing }),
        ...(midstream === undefined ? {} : { midstream }),
        ...(compiler === undefined ? {} : { compiler }),
        connections: plan.load.connections,
        streamPlan: plan.streams,
      },
    };
  } catch (error) {
    for (const { id, child } of subjects) {
      const words = child?.output();
      if (words) log(`--- the last ${id} printed ---\n${words}`);
    }
    throw error;
  } finally {
    for (const subject of subjects) await subject.child?.kill();
    await upstream.child.kill();
  }
}

try {
  const { measured, notices } = await measure();
  const text = markdown(measured, setting, notices);
  const verdicts = bars(measured);
  if (!chosen["no-save"]) {
    const folder = new URL("results/", import.meta.url);
    mkdirSync(folder, { recursive: true });
    writeFileSync(new URL("latest.md", folder), text);
    const record = { setting, bars: verdicts, rows: rows(measured), notices, measured };
    writeFileSync(new URL("latest.json", folder), `${JSON.stringify(record, null, 1)}\n`);
  }
  console.log(text);
  const missed = verdicts.some(({ ok }) => ok === false);
  process.exitCode = missed && !chosen["no-bars"] ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
