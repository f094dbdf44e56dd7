/** From measurements to rows, bars and Markdown. Pure. */
import { BARS as COMPILER_BARS, type CompilerResult, growthOf } from "./compiler.ts";
import type { Latency, PerSubject, Streaming, Throughput } from "./measure.ts";
import type { MidstreamResult } from "./midstream.ts";
import type { RoutingResult } from "./routing.ts";
import { median, pairedDifference, pairedRatio } from "./stats.ts";
import { SUBJECT_IDS, SUBJECT_NAMES, type SubjectId } from "./subjects.ts";

export interface Measurements {
  readonly subjects: readonly SubjectId[];
  readonly throughput: PerSubject<Throughput>;
  readonly latency: Latency;
  readonly firstToken: Latency;
  readonly streams: PerSubject<Streaming>;
  readonly idleBytes: PerSubject<number>;
  readonly peakBytes: PerSubject<number>;
  readonly routing?: RoutingResult;
  readonly midstream?: MidstreamResult;
  readonly compiler?: CompilerResult;
  readonly connections: number;
  readonly streamPlan: { readonly streams: number; readonly chunks: number; readonly paceMs: number };
}

export interface Setting {
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
  readonly loadTool: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly quick: boolean;
  readonly date: string;
}

export interface Row {
  readonly metric: string;
  /** `null` where it has no meaning or could not be measured. */
  readonly values: Readonly<Record<SubjectId, number | null>>;
  readonly digits: number;
}

export interface Bar {
  readonly bar: string;
  readonly wanted: string;
  readonly got: string;
  /** `null`: not measured here. */
  readonly ok: boolean | null;
}

const MIB = 1024 * 1024;

const row = (metric: string, digits: number, value: (id: SubjectId) => number | undefined): Row => {
  const of = (id: SubjectId): number | null => {
    const found = value(id);
    return found === undefined || Number.isNaN(found) ? null : found;
  };
  return {
    metric,
    digits,
    values: { direct: of("direct"), floor: of("floor"), headgate: of("headgate"), portkey: of("portkey") },
  };
};

const middle = (list: readonly number[] | undefined): number | undefined =>
  list === undefined || list.length === 0 ? undefined : median(list);

/** A round of the subject minus the same round of the direct path; undefined for the direct path itself. */
const added =
  (rounds: PerSubject<number[]>) =>
  (id: SubjectId): number | undefined => {
    const own = rounds[id];
    const direct = rounds.direct;
    return id === "direct" || own === undefined || direct === undefined
      ? undefined
      : pairedDifference(own, direct);
  };

export function rows(m: Measurements): Row[] {
  const load = (pick: (t: Throughput) => number[]) => (id: SubjectId) => {
    const found = m.throughput[id];
    return found && middle(pick(found));
  };
  const stream = (pick: (s: Streaming) => number[]) => (id: SubjectId) => {
    const found = m.streams[id];
    return found && middle(pick(found));
  };
  const { streams, chunks, paceMs } = m.streamPlan;
  const many = `${streams} streams × ${chunks} chunks, one each ${paceMs} ms`;
  const bytes = (found: number | undefined): number | undefined =>
    found === undefined ? undefined : found / MIB;
  return [
    row(
      `requests/s, ${m.connections} connections`,
      0,
      load((t) => t.requestsPerSecond),
    ),
    row(
      `latency p50 at ${m.connections} connections, ms`,
      2,
      load((t) => t.p50Ms),
    ),
    row(
      `latency p99 at ${m.connections} connections, ms`,
      2,
      load((t) => t.p99Ms),
    ),
    row(
      "CPU per request, ms",
      3,
      load((t) => t.cpuMsPerRequest),
    ),
    row("latency p50, 1 connection, ms", 3, (id) => middle(m.latency.p50Ms[id])),
    row("added p50, 1 connection, ms", 3, added(m.latency.p50Ms)),
    row("added p99, 1 connection, ms", 3, added(m.latency.p99Ms)),
    row("added time to first token p50, ms", 3, added(m.firstToken.p50Ms)),
    row("added time to first token p99, ms", 3, added(m.firstToken.p99Ms)),
    row(
      `chunk delay p50, ${many}, ms`,
      2,
      stream((s) => s.delayP50Ms),
    ),
    row(
      "chunk delay p99, same, ms",
      2,
      stream((s) => s.delayP99Ms),
    ),
    row(
      "slowest stream over its pace, same, ms",
      0,
      stream((s) => s.overrunMs),
    ),
    row(
      "CPU per chunk, same, ms",
      4,
      stream((s) => s.cpuMsPerChunk),
    ),
    row("broken streams, same", 0, (id) => m.streams[id]?.broken),
    row("idle RSS, MiB", 1, (id) => bytes(m.idleBytes[id])),
    row("peak RSS, MiB", 1, (id) => bytes(m.peakBytes[id])),
  ];
}

function bar(
  name: string,
  wanted: string,
  value: number | undefined,
  show: (value: number) => string,
  ok: (value: number) => boolean,
): Bar {
  if (value === undefined) return { bar: name, wanted, got: "not measured", ok: null };
  return { bar: name, wanted, got: show(value), ok: ok(value) };
}

/** The bars, as ratios within one run where the machine would otherwise decide. */
export function bars(m: Measurements): Bar[] {
  const rate = (id: SubjectId): number[] | undefined => m.throughput[id]?.requestsPerSecond;
  const ratio = (over: SubjectId): number | undefined => {
    const own = rate("headgate");
    const other = rate(over);
    return own === undefined || other === undefined ? undefined : pairedRatio(own, other);
  };
  const times = (value: number): string => `${value.toFixed(2)} ×`;
  const latency = added(m.latency.p50Ms)("headgate");
  const idle = m.idleBytes.headgate;
  return [
    bar("requests/s, of the raw pass-through's", "≥ 0.75 ×", ratio("floor"), times, (v) => v >= 0.75),
    bar("requests/s, of Portkey's", "≥ 8 ×", ratio("portkey"), times, (v) => v >= 8),
    bar(
      "added p50 at 1 connection",
      "≤ 0.35 ms",
      latency,
      (v) => `${v.toFixed(3)} ms`,
      (v) => v <= 0.35,
    ),
    streamBar(m),
    bar(
      "idle RSS",
      "≤ 90 MB",
      idle,
      (v) => `${(v / 1e6).toFixed(1)} MB`,
      (v) => v <= 90e6,
    ),
    bar(
      "a routing decision among 100,000 deployments",
      "≤ 5 µs",
      m.routing?.decisionUs,
      (v) => `${v.toFixed(2)} µs`,
      (v) => v <= 5,
    ),
    ...compilerBars(m.compiler),
    bar(
      "CPU of a chunk and of a stream that may be continued, over `midstream: error`",
      "≤ 1.02 ×",
      m.midstream && Math.max(m.midstream.chunkRatio, m.midstream.streamRatio),
      (v) => `${v.toFixed(3)} ×`,
      (v) => v <= 1.02,
    ),
  ];
}

function compilerBars(found: CompilerResult | undefined): Bar[] {
  const largest = found?.sizes.at(-1);
  const seconds = (value: number): string => `${value.toFixed(2)} s`;
  const times = (value: number): string => `${value.toFixed(2)} ×`;
  const atMost = (
    name: string,
    limit: number,
    unit: string,
    value: number | undefined,
    show: (value: number) => string,
  ): Bar => bar(name, `≤ ${limit} ${unit}`, value, show, (v) => v <= limit);
  const { coldRatio, warmRatio, largestS, oneChangedS, growth } = COMPILER_BARS;
  return [
    atMost("headgate validate, cold, over node -e 0", coldRatio, "×", found?.repository.coldRatio, times),
    atMost("headgate validate, warm, over node -e 0", warmRatio, "×", found?.repository.warmRatio, times),
    atMost("headgate validate, 1,000 × 100 models, cold", largestS, "s", largest?.seconds, seconds),
    atMost("the same with one fragment changed", oneChangedS, "s", largest?.oneChangedS, seconds),
    atMost(
      "time per model, 1,000 providers over 250",
      growth,
      "×",
      found === undefined ? undefined : growthOf(found.sizes),
      times,
    ),
  ];
}

/** Met when no stream is cut and the client has each chunk before the upstream writes the next one. */
function streamBar(m: Measurements): Bar {
  const { streams, paceMs } = m.streamPlan;
  const name = `${streams} concurrent streams without falling behind`;
  const wanted = `none broken, p99 delay and overrun ≤ ${paceMs} ms`;
  const found = m.streams.headgate;
  if (found === undefined) return { bar: name, wanted, got: "not measured", ok: null };
  const p99 = median(found.delayP99Ms);
  const overrun = median(found.overrunMs);
  return {
    bar: name,
    wanted,
    got: `${found.broken} broken, ${p99.toFixed(1)} ms and ${overrun.toFixed(0)} ms`,
    ok: found.broken === 0 && p99 <= paceMs && overrun <= paceMs,
  };
}

const table = (head: readonly string[], body: readonly (readonly string[])[]): string => {
  const widths = head.map((cell, i) => Math.max(cell.length, ...body.map((line) => line[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...body.map(line)].join("\n");
};

export function markdown(m: Measurements, setting: Setting, notices: readonly string[]): string {
  const ids = SUBJECT_IDS.filter((id) => m.subjects.includes(id));
  const figures = table(
    ["", ...ids.map((id) => SUBJECT_NAMES[id])],
    rows(m).map(({ metric, values, digits }) => [
      metric,
      ...ids.map((id) => values[id]?.toFixed(digits) ?? "–"),
    ]),
  );
  const verdict = (ok: boolean | null): string => (ok === null ? "not measured" : ok ? "pass" : "MISSED");
  const targets = table(
    ["bar", "wanted", "got", ""],
    bars(m).map(({ bar, wanted, got, ok }) => [bar, wanted, got, verdict(ok)]),
  );
  const versions = Object.entries(setting.versions).map(([name, version]) => `${name} ${version}`);
  return `# Benchmark

One run, one machine (${setting.cores} cores, ${setting.platform}, Node ${setting.node}), one zero-delay upstream on loopback${setting.quick ? ", short form" : ""}; ${setting.date}.
Load by ${setting.loadTool}; ${versions.join(", ")}. Every figure is the median of rounds in which the subjects alternated;
"added" is against the direct path of the same round. Compare ratios, not figures from different machines.

${figures}

${targets}
${notices.map((notice) => `\n- ${notice}`).join("")}
`;
}
