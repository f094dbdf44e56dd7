/** `docs/diagnostics.md`: every code, what triggers it, why it matters and how to mend it. */
import { CODES, type CodeEntry, type CodeExample } from "@headgate/diagnostics";

/** The hundreds of the codes are the places where findings are made. */
const CHAPTERS: Readonly<Record<string, string>> = {
  HG1: "Reading files",
  HG2: "One file against its schema",
  HG3: "Fragments together",
  HG4: "Chains and groups",
  HG5: "The environment",
  HG6: "The overlay",
};

interface ExampleView {
  /** What no text can show, or the empty text. */
  readonly prose: string;
  readonly file: string;
  /** The lines of a diff. */
  readonly diff: readonly string[];
}

interface CodeView {
  readonly code: string;
  readonly slug: string;
  readonly severity: string;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  readonly example: ExampleView;
}

export interface DiagnosticsView {
  readonly chapters: readonly { readonly title: string; readonly codes: readonly CodeView[] }[];
}

/** @throws for a code of a hundred that has no chapter. */
export function diagnosticsView(codes: Readonly<Record<string, CodeEntry>> = CODES): DiagnosticsView {
  const chapters = new Map<string, CodeView[]>();
  for (const [code, { example, ...entry }] of Object.entries(codes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const title = CHAPTERS[code.slice(0, 3)];
    if (title === undefined) throw new Error(`docs/diagnostics.md has no chapter for ${code}`);
    const view = { code, ...entry, example: exampleView(example) };
    const chapter = chapters.get(title);
    if (chapter === undefined) chapters.set(title, [view]);
    else chapter.push(view);
  }
  return { chapters: [...chapters].map(([title, views]) => ({ title, codes: views })) };
}

function exampleView(example: CodeExample): ExampleView {
  if ("prose" in example) return { prose: example.prose, file: "", diff: [] };
  const { file, was, shows } = example;
  const removed = was === "*" ? [] : linesOf(was, "-");
  return { prose: "", file, diff: [...removed, ...linesOf(shows, "+")] };
}

const linesOf = (text: string, sign: string): string[] =>
  text === ""
    ? []
    : text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => `${sign} ${line}`.trimEnd());
