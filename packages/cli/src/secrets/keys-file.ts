/** HEADGATE_KEYS_FILE: keys in a file of their own, as a dotenv file or as labels with a value below each. */
import { parse } from "dotenv";

const ASSIGNMENT = /^(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=/;
const COMMENT = /^(#|\/\/)/;
/** What ends the name of a variable that holds a key. */
const KEY_NAME = /_(KEY|TOKEN|SECRET|PASSWORD|URL|ACCOUNT)(_[1-9][0-9]?)?$/;

export interface KeysFile {
  readonly variables: Readonly<Record<string, string>>;
  /** What is wrong, with its line; never a value. */
  readonly problems: readonly string[];
}

/** The first line that is no comment decides which form the file has. */
export function parseKeysFile(text: string): KeysFile {
  const first = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .find((line) => line !== "" && !COMMENT.test(line));
  return first === undefined || ASSIGNMENT.test(first)
    ? { variables: parse(text), problems: [] }
    : parseLabelled(text);
}

/** A label line, then its value on the next line that is not blank. */
function parseLabelled(text: string): KeysFile {
  const variables: Record<string, string> = {};
  const problems: string[] = [];
  let label: { readonly name: string; readonly line: number } | undefined;
  for (const [at, raw] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = at + 1;
    const content = raw.trim();
    if (content === "") continue;
    if (label === undefined) {
      // A heading of Markdown is a label; a comment in code's form is none.
      if (content.startsWith("//")) continue;
      const name = variableOf(content);
      if (name === undefined) problems.push(`line ${line} must be a label such as Groq or GROQ_API_KEY`);
      label = { name: name ?? "", line };
      continue;
    }
    if (/\s/.test(content))
      problems.push(`line ${line} must be one key without blanks, the value of line ${label.line}`);
    else if (Object.hasOwn(variables, label.name))
      problems.push(`line ${label.line} names ${label.name} a second time`);
    else if (label.name !== "") variables[label.name] = content;
    label = undefined;
  }
  if (label !== undefined) problems.push(`line ${label.line} is a label without a value below it`);
  return { variables, problems };
}

/** `Groq`, `groq api key:` and `## GROQ_API_KEY` are GROQ_API_KEY; `Groq 2` is GROQ_API_KEY_2. */
export function variableOf(label: string): string | undefined {
  const name = label
    .replace(/^#+\s*/, "")
    .replace(/\s*:$/, "")
    .replace(/[\s.-]+/g, "_")
    .toUpperCase();
  if (!/^[A-Z][A-Z0-9_]*$/.test(name)) return undefined;
  if (KEY_NAME.test(name)) return name;
  const [, base = name, number] = /^(.*?)_([2-9]|[1-9][0-9])$/.exec(name) ?? [];
  return `${base}_API_KEY${number === undefined ? "" : `_${number}`}`;
}
