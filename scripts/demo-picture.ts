/**
 * docs/demo.svg: a run of `make demo` on a pseudo terminal, recorded line by line, as one picture that moves by CSS alone.
 * Usage: node scripts/demo-picture.ts, which needs `script` of util-linux
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const WIDTH = 860;
const LINE = 18;
const MARGIN = 16;
/** The picture is still for this long before it begins again, in ms. */
const PAUSE_MS = 4_000;
/** The terminal's colours by ANSI's numbers. */
const COLOURS: Readonly<Record<string, string>> = { 31: "#ff7b72", 32: "#3fb950", 36: "#39c5cf" };

const ESCAPE = "\u001b";
const COLOUR = new RegExp(`${ESCAPE}\\[([0-9;]*)m`);

interface Line {
  readonly text: string;
  readonly atMs: number;
}

const lines = await record();
const lastMs = lines.at(-1)?.atMs ?? 0;
const file = join(import.meta.dirname, "..", "docs", "demo.svg");
const svg = draw(lines, lastMs + PAUSE_MS);
writeFileSync(file, svg);
console.log(
  `wrote docs/demo.svg: ${lines.length} lines, ${(lastMs / 1000).toFixed(1)} s, ${svg.length} bytes`,
);

/** Each line with the moment at which it was whole, from the first on. */
function record(): Promise<Line[]> {
  const demo = "node --conditions=@headgate/source scripts/demo.ts";
  const child = spawn("script", ["--quiet", "--return", "--command", demo, "/dev/null"], {
    cwd: join(import.meta.dirname, ".."),
    env: { ...process.env, TERM: "xterm-256color" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((done, failed) => {
    const found: Line[] = [];
    let part = "";
    let firstMs: number | undefined;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      firstMs ??= performance.now();
      const atMs = Math.round(performance.now() - firstMs);
      const whole = (part + text).split(/\r*\n/);
      part = whole.pop() ?? "";
      for (const line of whole) found.push({ text: line, atMs });
    });
    child.once("error", failed);
    child.once("close", (code) =>
      code === 0 ? done(found) : failed(new Error(`the demo ended with ${code}`)),
    );
  });
}

function draw(shown: readonly Line[], totalMs: number): string {
  const height = shown.length * LINE + 2 * MARGIN;
  const rows = shown.flatMap(({ text, atMs }, row) => {
    if (text === "") return [];
    const y = MARGIN + (row + 1) * LINE - 4;
    const name = `t${Math.round((atMs / totalMs) * 1000)}`;
    return [`<text class="${name}" x="${MARGIN}" y="${y}">${spans(text)}</text>`];
  });
  const moments = new Set(shown.map(({ atMs }) => Math.round((atMs / totalMs) * 1000)));
  const rules = [...moments].map(
    (moment) =>
      `@keyframes k${moment}{0%,${moment / 10}%{opacity:0}${moment / 10 + 0.1}%,100%{opacity:1}}` +
      `.t${moment}{animation:k${moment} ${totalMs / 1000}s linear infinite}`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">
<title>make demo: a chain of three providers that fail one after the other, and every request is answered</title>
<style>text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre}.d{fill:#8b949e}.b{font-weight:700}
@media(prefers-reduced-motion:no-preference){${rules.join("")}}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join("\n")}
</svg>
`;
}

/** Text with ANSI colours as spans. */
function spans(text: string): string {
  const parts = text.split(COLOUR);
  let style = "";
  return parts
    .map((part, at) => {
      if (at % 2 === 1) {
        const colour = COLOURS[part];
        if (colour !== undefined) style = ` fill="${colour}"`;
        else if (part === "2") style = ' class="d"';
        else if (part === "1") style = ' class="b"';
        else style = "";
        return "";
      }
      if (part === "") return "";
      const safe = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      return style === "" ? safe : `<tspan${style}>${safe}</tspan>`;
    })
    .join("");
}
