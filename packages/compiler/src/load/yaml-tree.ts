/**
 * YAML 1.2 → a tree with places, out of one Document of the `yaml` package. Anchors, aliases, tags, directives, further
 * documents and deep nesting are refused while its tokens go by, before anything is built from them.
 */
import {
  Composer,
  CST,
  type Document,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type YAMLParseError,
} from "yaml";
import {
  MAX_DEPTH,
  type MapNode,
  type Parsed,
  type ParseProblem,
  type Range,
  type TreeNode,
} from "./tree.ts";
import { syntaxProblems } from "./yaml-words.ts";

const OPTIONS = { version: "1.2", schema: "core", uniqueKeys: false, logLevel: "silent" } as const;

/** What YAML text may not hold (section 5.1), lone surrogates included; the lexer's own marks are among it. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|\p{Surrogate}/u;

export function parseYaml(text: string): Parsed {
  const control = UNPRINTABLE.exec(text);
  if (control !== null) return { problems: [unprintable(control)] };
  const { document, problems } = parseDocument(text);
  if (document === undefined || problems.length > 0) return { problems };
  if (document.errors.length > 0)
    return { problems: syntaxProblems(text, document.errors as YAMLParseError[]) };
  const builder = new TreeBuilder(text);
  const root = document.contents === null ? undefined : builder.node(document.contents);
  return root === undefined || builder.refused ? builder : { root, problems: builder.problems };
}

/** The one Document of a text that uses nothing a fragment may not use. Its own `errors` are still to be looked at. */
export function parseDocument(text: string): {
  readonly document?: Document.Parsed;
  readonly problems: readonly ParseProblem[];
} {
  const guard = new Guard();
  const parser = new Parser();
  const composer = new Composer(OPTIONS);
  let document: Document.Parsed | undefined;
  const take = (documents: Iterable<Document.Parsed>): void => {
    for (const next of documents) {
      if (document === undefined) document = next;
      else guard.refuseSecond(document.contents?.range[1] ?? document.range[1]);
    }
  };
  for (const lexeme of new Lexer().lex(text)) {
    guard.see(lexeme);
    // What is refused is not parsed further; the tokens after it are looked at for more of the kind.
    if (guard.problems.length > 0) continue;
    for (const token of parser.next(lexeme)) take(composer.next(token));
    if (parser.stack.length > MAX_DEPTH + 2) return { problems: [tooDeep(guard.offset)] };
  }
  if (guard.problems.length === 0) {
    for (const token of parser.end()) take(composer.next(token));
    take(composer.end());
  }
  return document === undefined ? guard : { document, problems: guard.problems };
}

function unprintable({ 0: character, index }: RegExpExecArray): ParseProblem {
  const number = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return {
    code: "HG101",
    start: index,
    end: index + 1,
    message: `Not valid YAML: the control character U+${number} cannot be in a text${number === "0000" ? "; the file looks like UTF-16 or a binary file" : ""}.`,
    fix: number === "0000" ? "Save the file as UTF-8." : "Delete the character.",
  };
}

const tooDeep = (offset: number): ParseProblem => ({
  code: "HG112",
  start: Math.max(0, offset - 1),
  end: offset,
  message: `Nested more than ${MAX_DEPTH} levels deep.`,
  fix: "Flatten the structure.",
});

/** Looks at a lexer's tokens and collects those that fragments may not hold. */
class Guard {
  readonly problems: ParseProblem[] = [];
  /** Where the next token starts. */
  offset = 0;
  #scalarNext = false;

  see(lexeme: string): void {
    const type = this.#scalarNext ? "scalar" : CST.tokenType(lexeme);
    const content = this.#scalarNext;
    this.#scalarNext = !content && type === "scalar";
    const start = this.offset;
    // Marks of the lexer's own take no room in the text.
    if (!content && (type === "scalar" || type === "doc-mode" || type === "flow-error-end")) return;
    this.offset += lexeme.length;
    const range = { start, end: this.offset };
    if (type === "anchor" || type === "alias") {
      this.problems.push({
        code: "HG103",
        ...range,
        message: `A YAML ${type} is not accepted here.`,
        fix: "Write the value out where it is used.",
      });
    } else if (type === "tag") {
      this.problems.push({
        code: "HG108",
        ...range,
        message: "A YAML tag is not accepted here.",
        fix: "Delete the tag and write the plain value.",
      });
    } else if (type === "directive-line") {
      this.problems.push({
        code: "HG108",
        start,
        end: start + 1,
        message: "YAML directives (`%…`) are not accepted.",
        fix: "Delete the directive.",
      });
    }
  }

  refuseSecond(at: number): void {
    if (this.problems.some(({ code }) => code === "HG107")) return;
    this.problems.push({
      code: "HG107",
      start: at,
      end: at,
      message: "A second YAML document starts after this.",
      fix: "Move it into a provider folder of its own, or delete the `---` line.",
    });
  }
}

class TreeBuilder {
  readonly problems: ParseProblem[] = [];
  /** True when a problem leaves the values unknown. */
  refused = false;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  node(node: unknown): TreeNode {
    if (isMap(node)) return this.#map(node);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.node(item));
      const { start, end } = this.#collectionRange(node.range, node.flow, items.at(-1)?.end);
      return { kind: "list", items, start, end };
    }
    if (!isScalar(node)) throw new Error("the guard lets no alias through");
    const { start, end } = rangeOf(node.range);
    return { kind: "scalar", value: node.value as string | number | boolean | null, start, end };
  }

  #map(map: { items: unknown[]; range?: unknown; flow?: boolean }): MapNode {
    const seen = new Map<string, Range>();
    const entries: MapNode["entries"] = [];
    for (const { key, value } of map.items as { key: unknown; value: unknown }[]) {
      const keyNode = this.node(key);
      const { start, end } = keyNode;
      if (keyNode.kind !== "scalar") {
        this.refused = true;
        this.problems.push({
          code: "HG113",
          start,
          end,
          message: "A list or a mapping cannot be a key.",
          fix: "Use a plain name as the key.",
        });
        continue;
      }
      // Keys are names: `1:` and `true:` mean the text, as a reader would take them.
      const name = typeof keyNode.value === "string" ? keyNode.value : this.#text.slice(start, end);
      const first = seen.get(name);
      if (first === undefined) seen.set(name, { start, end });
      else {
        this.problems.push({
          code: "HG102",
          start,
          end,
          message: `The key \`${name}\` occurs a second time.`,
          fix: "Keep one of the two.",
          first,
        });
      }
      const node: TreeNode =
        value === null ? { kind: "scalar", value: null, start: end, end } : this.node(value);
      entries.push({ key: name, keyStart: start, keyEnd: end, node });
    }
    return {
      kind: "map",
      entries,
      ...this.#collectionRange(map.range, map.flow, entries.at(-1)?.node.end),
    };
  }

  /** A block collection ends with its last value, not with the comments and blank lines below it. */
  #collectionRange(range: unknown, flow: boolean | undefined, lastEnd: number | undefined): Range {
    const { start, end } = rangeOf(range);
    return { start, end: flow === true ? end : Math.max(start, lastEnd ?? end) };
  }
}

function rangeOf(range: unknown): Range {
  const [start, end] = range as readonly [number, number, number];
  return { start, end };
}
