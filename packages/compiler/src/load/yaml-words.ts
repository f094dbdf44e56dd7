/** What the YAML parser refuses, in words that say what to do. */
import { printable } from "@headgate/diagnostics/text";
import type { YAMLParseError } from "yaml";
import type { ParseProblem } from "./tree.ts";

/** One slip makes a parser stumble over much that follows, so the first error is told; of colons, one for each line. */
export function syntaxProblems(text: string, errors: readonly YAMLParseError[]): ParseProblem[] {
  const problems: ParseProblem[] = [];
  const lines = new Set<number>();
  for (const error of errors) {
    const colon = colonProblem(text, error);
    if (colon === undefined) {
      if (problems.length === 0) return [otherProblem(text, error)];
      continue;
    }
    const line = text.lastIndexOf("\n", colon.start);
    if (!lines.has(line)) problems.push(colon);
    lines.add(line);
  }
  return problems;
}

/** `summary: fast: very`: the second colon starts a key where none can be. */
function colonProblem(text: string, { code, pos }: YAMLParseError): ParseProblem | undefined {
  if (code !== "BLOCK_AS_IMPLICIT_KEY" && code !== "BLOCK_IN_FLOW") return undefined;
  const [start] = pos;
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = (text.indexOf("\n", start) + 1 || text.length + 1) - 1;
  const value = text
    .slice(start, lineEnd)
    .replace(/\s+#.*$/, "")
    .trimEnd();
  const at = value.search(/:(\s|$)/);
  if (at === -1) return undefined;
  const key = /([^\s:{[,#-][^:{[,]*):\s+$/.exec(text.slice(lineStart, start))?.[1];
  const whole = code === "BLOCK_AS_IMPLICIT_KEY" && key !== undefined && value.length <= MAX_SHOWN;
  return {
    code: "HG101",
    start: start + at,
    end: start + at + 1,
    message: `The colon after \`${shortened(value.slice(0, at))}\` starts a second key on the same line.`,
    fix: whole
      ? `Put the text in quotes: \`${key}: ${JSON.stringify(value)}\`.`
      : "Put the text that holds the colon in quotes.",
  };
}

const MAX_SHOWN = 60;

const shortened = (text: string): string => {
  const shown = printable(text);
  return shown.length > MAX_SHOWN ? `…${shown.slice(-MAX_SHOWN)}` : shown;
};

function otherProblem(text: string, error: YAMLParseError): ParseProblem {
  const [from, to] = error.pos;
  const start = Math.min(from, Math.max(0, text.length - 1));
  const end = Math.min(text.length, Math.max(start + 1, Math.min(to, endOfLine(text, start))));
  return { code: "HG101", start, end, ...wordsFor(error) };
}

const endOfLine = (text: string, at: number): number => {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
};

const FIX = "Correct this line or the one above it; indentation uses spaces, never tabs.";

function wordsFor({ code, message }: YAMLParseError): { message: string; fix: string } {
  switch (code) {
    case "TAB_AS_INDENT":
      return { message: "Not valid YAML: a tab is used for indentation.", fix: "Indent with spaces." };
    case "MISSING_CHAR": {
      const quote = /Missing closing (["'])/.exec(message)?.[1];
      if (quote === undefined) break;
      return {
        message: `Not valid YAML: a ${quote === '"' ? "double" : "single"} quoted text is not closed.`,
        fix: `Add the closing ${quote} to the text that starts with one.`,
      };
    }
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return {
        message: "Not valid YAML: this value is followed by a line that is indented deeper, or has no colon.",
        fix: "Indent keys of one mapping alike, and put a colon after each.",
      };
    case "BAD_SCALAR_START":
      return {
        message: `Not valid YAML: an unquoted text cannot start with \`${/character (.)$/.exec(message)?.[1] ?? "this"}\`.`,
        fix: "Put the text in quotes.",
      };
  }
  return { message: `Not valid YAML: ${plain(message)}.`, fix: FIX };
}

const plain = (message: string): string => {
  const [line = ""] = message.split("\n", 1);
  const shown = printable(line).replace(/\.$/, "");
  return `${shown.charAt(0).toLowerCase()}${shown.slice(1)}`;
};
