/** JSON (RFC 8259, strictly) → a tree with places. JSON.parse gives neither the place of a failure nor a repeated key. */
import {
  type ListNode,
  MAX_DEPTH,
  type MapNode,
  type Parsed,
  type ParseProblem,
  type TreeNode,
} from "./tree.ts";

class JsonFailure extends Error {
  readonly problem: ParseProblem;
  constructor(problem: ParseProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 section 7 forbids them unescaped
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS = new Map<string, boolean | null>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

export function parseJson(text: string): Parsed {
  const reader = new Reader(text);
  try {
    return { root: reader.document(), problems: reader.problems };
  } catch (error) {
    if (error instanceof JsonFailure) return { problems: [...reader.problems, error.problem] };
    throw error;
  }
}

class Reader {
  readonly problems: ParseProblem[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): TreeNode {
    const root = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#failure("something follows the end of the value");
    return root;
  }

  #value(depth: number): TreeNode {
    if (depth > MAX_DEPTH) {
      throw new JsonFailure({
        code: "HG112",
        start: this.#at,
        end: this.#at + 1,
        message: `Nested more than ${MAX_DEPTH} levels deep.`,
        fix: "Flatten the structure.",
      });
    }
    this.#space();
    const start = this.#at;
    const sign = this.#text[start];
    if (sign === "{") return this.#map(start, depth);
    if (sign === "[") return this.#list(start, depth);
    if (sign === '"') {
      const value = this.#string();
      return { kind: "scalar", value, start, end: this.#at };
    }
    const number = this.#match(NUMBER);
    if (number !== undefined) return { kind: "scalar", value: Number(number), start, end: this.#at };
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, start)) {
        this.#at += word.length;
        return { kind: "scalar", value, start, end: this.#at };
      }
    }
    throw this.#failure("a value is expected");
  }

  #map(start: number, depth: number): MapNode {
    const node: MapNode = { kind: "map", entries: [], start, end: start };
    const seen = new Map<string, { start: number; end: number }>();
    this.#at += 1;
    this.#space();
    while (this.#text[this.#at] !== "}") {
      if (node.entries.length > 0) this.#expect(",", "a comma or a closing brace is expected");
      this.#space();
      const keyStart = this.#at;
      if (this.#text[keyStart] !== '"') throw this.#failure("a key in double quotes is expected");
      const key = this.#string();
      const keyEnd = this.#at;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, { start: keyStart, end: keyEnd });
      else {
        this.problems.push({
          code: "HG102",
          start: keyStart,
          end: keyEnd,
          message: `The key \`${key}\` occurs a second time.`,
          fix: "Keep one of the two.",
          first,
        });
      }
      this.#space();
      this.#expect(":", "a colon is expected after the key");
      node.entries.push({ key, keyStart, keyEnd, node: this.#value(depth + 1) });
      this.#space();
    }
    this.#at += 1;
    node.end = this.#at;
    return node;
  }

  #list(start: number, depth: number): ListNode {
    const node: ListNode = { kind: "list", items: [], start, end: start };
    this.#at += 1;
    this.#space();
    while (this.#text[this.#at] !== "]") {
      if (node.items.length > 0) this.#expect(",", "a comma or a closing bracket is expected");
      node.items.push(this.#value(depth + 1));
      this.#space();
    }
    this.#at += 1;
    node.end = this.#at;
    return node;
  }

  #string(): string {
    const token = this.#match(STRING);
    if (token === undefined) throw this.#failure("this text is not closed, or holds a forbidden character");
    return token.includes("\\") ? String(JSON.parse(token)) : token.slice(1, -1);
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    if (match !== undefined) this.#at += match.length;
    return match;
  }

  #expect(sign: string, message: string): void {
    if (this.#text[this.#at] !== sign) throw this.#failure(message);
    this.#at += 1;
  }

  #failure(message: string): JsonFailure {
    const ended = this.#at >= this.#text.length;
    return new JsonFailure({
      code: "HG109",
      start: ended ? Math.max(0, this.#text.length - 1) : this.#at,
      end: ended ? this.#text.length : this.#at + 1,
      message: `Not valid JSON: ${ended ? "the file ends too early; " : ""}${message}.`,
      fix: "Correct this place; JSON has no comments and no trailing commas.",
    });
  }
}
