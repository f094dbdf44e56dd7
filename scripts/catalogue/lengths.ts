/** The catalogue's files stay short enough to be read: what is true once is written once. */

/** Columns of a line of YAML. */
const MAX_COLUMNS = 120;
/** Lines of the longest fragment. */
const MAX_FRAGMENT_LINES = 150;
/** Lines of the fragment in the middle. */
const MAX_MEDIAN_LINES = 40;
const MAX_CHAIN_LINES = 900;

const FRAGMENT = /^providers\/([^/]+)\/provider\.yaml$/;
const RETIRED = /^ {4}retired:/;
const CHAINS = "fallbacks/fallbacks.json";

export interface LengthProblem {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** What is wrong and how to mend it. */
  readonly message: string;
}

/** @param files texts by path, relative to the root */
export function lengthProblems(files: ReadonlyMap<string, string>): LengthProblem[] {
  const problems: LengthProblem[] = [];
  const counts: { readonly path: string; readonly lines: number }[] = [];
  for (const [path, text] of files) {
    const lines = text.replace(/\n$/, "").split("\n");
    const add = (line: number, message: string): number => problems.push({ path, line, message });
    if (path.endsWith(".yaml"))
      for (const [at, line] of lines.entries())
        if (line.length > MAX_COLUMNS)
          add(at + 1, `The line has ${line.length} columns; break it at ${MAX_COLUMNS}.`);
    if (path === CHAINS && lines.length > MAX_CHAIN_LINES)
      add(
        MAX_CHAIN_LINES + 1,
        `The file has ${lines.length} lines of at most ${MAX_CHAIN_LINES}; use ladders.`,
      );
    const id = FRAGMENT.exec(path)?.[1];
    if (id === undefined) continue;
    counts.push({ path, lines: lines.length });
    if (lines.length > MAX_FRAGMENT_LINES)
      add(
        MAX_FRAGMENT_LINES + 1,
        `The fragment has ${lines.length} lines of at most ${MAX_FRAGMENT_LINES}; move what is true of a model to models/, and what several providers share to providers/dialects.yaml.`,
      );
    // Of a provider that is gone all models are retired.
    const isGone = /^ {2}state: unusable$/m.test(text);
    for (const [at, line] of lines.entries()) {
      if (isGone && RETIRED.test(line)) continue;
      const told = wordsFor(line, id.toUpperCase().replaceAll("-", "_"));
      if (told !== undefined) add(at + 1, told);
    }
  }
  counts.sort((a, b) => a.lines - b.lines);
  const middle = counts.length / 2;
  const [low, high] = [counts[Math.ceil(middle) - 1], counts[Math.floor(middle)]];
  const median = ((low?.lines ?? 0) + (high?.lines ?? 0)) / 2;
  if (high !== undefined && median > MAX_MEDIAN_LINES)
    problems.push({
      path: high.path,
      line: 1,
      message: `Half of the fragments have more than ${median} lines; the median is ${MAX_MEDIAN_LINES} at most.`,
    });
  return problems;
}

function wordsFor(line: string, flag: string): string | undefined {
  if (/^ *- *\{ *["']?(alias|base)\b/.test(line)) return "Write the model as a block, a line for each key.";
  if (RETIRED.test(line)) return "Move the model to retired.yaml, beside the fragment.";
  const usual = [
    new RegExp(`^flag: ${flag}$`),
    /^adapter: openai-compatible$/,
    new RegExp(`\\benv: ${flag}_(API_KEY|BASE_URL)\\b`),
    /\bscheme: bearer\b/,
  ].find((pattern) => pattern.test(line));
  return usual === undefined
    ? undefined
    : "Delete what holds without being written: the flag of the folder's name, its variables, bearer, openai-compatible.";
}
