/** One variable of a .env file: only its own line changes. Comments, order, line ends and every other byte stay. */
import { parse } from "dotenv";
import { Failure } from "../cli.ts";

/** As dotenv reads a line: https://github.com/motdotla/dotenv */
const LINE =
  /^[^\S\r\n]*(?:export[^\S\r\n]+)?([\w.-]+)(?:[^\S\r\n]*=[^\S\r\n]*|:[^\S\r\n]+)('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\r\n]*)/dgm;
const PLAIN = /^[A-Za-z0-9_./:@%+=,~*?&{}[\]|-]*$/;

/**
 * @param value null leaves the variable without a value, which counts as absent
 * @returns the new text; undefined where no line of .env can hold the value
 */
export function setVariable(text: string, name: string, value: string | null): string | undefined {
  const written = writtenValue(value ?? "");
  if (written === undefined) return undefined;
  let range: readonly [number, number] | undefined;
  for (const match of text.matchAll(LINE)) {
    // The last line of a name counts.
    if (match[1] === name) range = match.indices?.[2];
  }
  const edited = range === undefined ? append(text, name, value, written) : splice(text, range, written);
  const before = parse(text);
  const after = parse(edited);
  // Editing text is trusted only as far as the parser agrees.
  const others = Object.keys({ ...before, ...after }).every(
    (key) => key === name || before[key] === after[key],
  );
  return others && (after[name] ?? "") === (value ?? "") ? edited : undefined;
}

function splice(text: string, [start, end]: readonly [number, number], written: string): string {
  const old = text.slice(start, end);
  // The space before a comment stays.
  const space = /^['"`]/.test(old) ? "" : (/[^\S\r\n]*$/.exec(old)?.[0] ?? "");
  return text.slice(0, start) + written + space + text.slice(end);
}

function append(text: string, name: string, value: string | null, written: string): string {
  if (value === null) return text;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const closed = text === "" || text.endsWith("\n") ? text : text + eol;
  return `${closed}${name}=${written}${eol}`;
}

function writtenValue(value: string): string | undefined {
  if (/[\r\n\0]/.test(value) || value !== value.trim()) return undefined;
  if (PLAIN.test(value)) return value;
  const quote = ["'", '"', "`"].find((mark) => !value.includes(mark));
  return quote === undefined || value.includes("\\") ? undefined : quote + value + quote;
}

/**
 * Several variables, one after the other.
 * @throws {Failure} naming the variable of which no line of .env can hold the value
 */
export function setVariables(text: string, values: Readonly<Record<string, string>>): string {
  let edited = text;
  for (const [name, value] of Object.entries(values)) {
    const next = setVariable(edited, name, value);
    if (next === undefined)
      throw new Failure(`no line of .env can hold the value of ${name}; nothing was written`);
    edited = next;
  }
  return edited;
}

/** Empties every line of these variables, so that no earlier one holds a value that is not read. */
export function emptyVariables(text: string, names: readonly string[]): string {
  const ranges = [...text.matchAll(LINE)].flatMap((match) =>
    names.includes(match[1] ?? "") && match.indices?.[2] !== undefined ? [match.indices[2]] : [],
  );
  return ranges.reduceRight((edited, range) => splice(edited, range, ""), text);
}
