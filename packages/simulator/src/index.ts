/** Deterministic simulations that drive the real router and the real scheduler. */

export * as quota from "./quota/index.ts";
export { type Bar, type CompareOptions, compare, type Row, type TraceReport } from "./vram/compare.ts";
export { plot } from "./vram/plot.ts";
export { asMarkdown, asText, barLine, slug } from "./vram/report.ts";
export { TRACE_NAMES } from "./vram/traces.ts";
