/** One SVG for each trace: mean and longest wait of every policy, on a logarithmic scale. Readable on light and dark pages. */
import type { TraceReport } from "./compare.ts";
import { OURS } from "./ours.ts";

const LEFT = 130;
const WIDTH = 640;
const ROW = 30;
const TOP = 44;
const FLOOR_S = 0.01;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export function plot({ trace, about, rows }: TraceReport): string {
  const longestS = Math.max(1, ...rows.map((row) => row.maxWaitMs / 1_000));
  const decades = Math.ceil(Math.log10(longestS / FLOOR_S));
  const scale = (WIDTH - LEFT - 70) / decades;
  const x = (seconds: number): number =>
    LEFT + scale * Math.max(0, Math.log10(Math.max(seconds, FLOOR_S) / FLOOR_S));
  const height = TOP + rows.length * ROW + 28;
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#7a7a7a">`,
    `<title>Waits on the trace ${escaped(trace)}</title>`,
    `<text x="8" y="18" font-size="14" font-weight="bold">${escaped(trace)}</text>`,
    `<text x="8" y="34">${escaped(about)}; wait in s: bar = mean, line = longest</text>`,
  ];
  for (let decade = 0; decade <= decades; decade += 1) {
    const at = (LEFT + decade * scale).toFixed(1);
    const label = FLOOR_S * 10 ** decade;
    out.push(
      `<line x1="${at}" y1="${TOP}" x2="${at}" y2="${height - 22}" stroke="#7a7a7a" stroke-opacity="0.3"/>`,
    );
    out.push(`<text x="${at}" y="${height - 8}" text-anchor="middle">${Number(label.toPrecision(1))}</text>`);
  }
  for (const [index, row] of rows.entries()) {
    const y = TOP + index * ROW + 6;
    const colour = row.policy === OURS ? "#1f7a5c" : row.boundUsed > 1 ? "#b4493a" : "#6a7fa8";
    const mean = x(row.meanWaitMs / 1_000);
    const longest = x(row.maxWaitMs / 1_000);
    out.push(`<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${escaped(row.policy)}</text>`);
    out.push(`<rect x="${LEFT}" y="${y}" width="${(mean - LEFT).toFixed(1)}" height="18" fill="${colour}"/>`);
    out.push(
      `<line x1="${mean.toFixed(1)}" y1="${y + 9}" x2="${longest.toFixed(1)}" y2="${y + 9}" stroke="${colour}" stroke-width="2"/>`,
    );
    const label = `${(row.meanWaitMs / 1_000).toFixed(1)} / ${(row.maxWaitMs / 1_000).toFixed(0)}`;
    out.push(`<text x="${(longest + 6).toFixed(1)}" y="${y + 13}">${label}</text>`);
  }
  return `${[...out, "</svg>"].join("\n")}\n`;
}
