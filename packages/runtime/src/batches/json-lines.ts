/** The lines of a JSONL file as it streams by: no more of it than a line is in memory. */
import { parseJson } from "@headgate/adapter-kit";
import type { BatchProblem, JsonValue } from "@headgate/contract";

export interface JsonLine {
  /** From 1. */
  readonly line: number;
  readonly value?: JsonValue;
  readonly problem?: BatchProblem;
}

const NEWLINE = 10;

/** Empty lines are passed by. @param maxBytes of one line */
export async function* jsonLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<JsonLine> {
  let held: Buffer[] = [];
  let bytes = 0;
  let line = 0;
  const take = (): JsonLine | undefined => {
    line += 1;
    const whole = Buffer.concat(held);
    const size = bytes;
    held = [];
    bytes = 0;
    if (size > maxBytes)
      return wrong(line, "line_too_long", `it is longer than ${maxBytes} bytes (HEADGATE_MAX_BODY_BYTES)`);
    return read(whole, line);
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, at));
      from = at + 1;
      const one = take();
      if (one !== undefined) yield one;
    }
    keep(chunk.subarray(from));
  }
  const last = bytes > 0 ? take() : undefined;
  if (last !== undefined) yield last;

  function keep(part: Buffer): void {
    bytes += part.length;
    // What is too long is told, and not kept.
    if (bytes <= maxBytes) held.push(part);
  }
}

function read(bytes: Buffer, line: number): JsonLine | undefined {
  let text: string;
  try {
    // A byte-order mark at the start of the file is passed by.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    return wrong(line, "invalid_json_line", "it is not valid UTF-8");
  }
  if (text === "") return undefined;
  const value = parseJson(text);
  return value === undefined
    ? wrong(line, "invalid_json_line", `it is no JSON: ${shown(text)}`)
    : { line, value };
}

const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

const wrong = (line: number, code: string, why: string): JsonLine => ({
  line,
  problem: { line, code, message: `Line ${line} cannot be run: ${why}.` },
});
