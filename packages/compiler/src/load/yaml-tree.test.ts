import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { MAX_DEPTH, plainOf } from "./tree.ts";
import { parseYaml } from "./yaml-tree.ts";

const read = (text: string) => {
  const { root } = parseYaml(text);
  return root === undefined ? undefined : plainOf(root);
};

/** The text under each problem, with its code. */
const problemsOf = (text: string) =>
  parseYaml(text).problems.map(({ code, start, end }) => `${code} ${text.slice(start, end)}`);

describe("parseYaml", () => {
  it("reads mappings, lists and every style of text", () => {
    const text = "a: 'it''s'\nb: \"x\\ny\"\nc: |\n  one\n  two\nd: >-\n  fold\n  ed\ne: [1, {f: ~}]\n";
    expect(read(text)).toEqual({
      a: "it's",
      b: "x\ny",
      c: "one\ntwo\n",
      d: "fold ed",
      e: [1, { f: null }],
    });
  });

  it("gives plain scalars the meaning of YAML 1.2, where `yes` and dates are text", () => {
    const text =
      "a: 0x1F\nb: 0o17\nc: 1e3\nd: 1_000\ne: 2026-11-21\nf: +1\ng: 012\nh: yes\ni: True\nj: -.5\nk: 1.2.3";
    expect(read(text)).toEqual({
      a: 31,
      b: 15,
      c: 1000,
      d: "1_000",
      e: "2026-11-21",
      f: 1,
      g: 12,
      h: "yes",
      i: true,
      j: -0.5,
      k: "1.2.3",
    });
  });

  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("node")),
      fc.dictionary(fc.string(), tie("node"), { noNullPrototype: true }),
    ),
  })).node;

  it("gives back the values that were written, in blocks, in braces and as JSON", () => {
    fc.assert(
      fc.property(tree, fc.constantFrom("any", "block", "flow", "json"), (value, style) => {
        const text =
          style === "json"
            ? JSON.stringify(value)
            : stringify(value, { collectionStyle: style, aliasDuplicateObjects: false });
        // JSON has no -0.
        expect(JSON.parse(JSON.stringify(read(text)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 300 },
    );
  });

  it("gives plain values the meaning that `yaml` itself gives them", () => {
    const plain = fc.stringMatching(/^[-+.~0-9a-zA-Z_]{1,8}$/).filter((source) => source !== "-");
    fc.assert(
      fc.property(plain, (source) => {
        expect(read(`a: ${source}\n`)).toEqual(parse(`a: ${source}\n`, { schema: "core" }));
      }),
      { numRuns: 500 },
    );
  });

  it("underlines an anchor, an alias and a tag, and builds nothing from them", () => {
    expect(problemsOf("a: &x 1\nb: *x\n")).toEqual(["HG103 &x", "HG103 *x"]);
    expect(problemsOf("a: !!js/function 'x'\n")).toEqual(["HG108 !!js/function"]);
    expect(problemsOf("&r\na: !foo [1]\n")).toEqual(["HG103 &r", "HG108 !foo"]);
    expect(parseYaml("a: &x 1\n").root).toBeUndefined();
  });

  it("refuses directives, so that no file can ask for YAML 1.1", () => {
    expect(problemsOf("%YAML 1.1\n---\na: yes\n")).toEqual(["HG108 %"]);
  });

  it("refuses a second document", () => {
    expect(problemsOf("a: 1\n---\nb: 2\n")).toEqual(["HG107 "]);
    expect(problemsOf("---\na: 1\n...\n")).toEqual([]);
  });

  it("names both places of a key that stands twice, and still gives the values", () => {
    const text = "a: 1\nb: {c: 1, c: 2}\na: 3\n";
    const { problems, root } = parseYaml(text);
    expect(problems.map(({ code, start, first }) => [code, start, first?.start])).toEqual([
      ["HG102", text.indexOf("c: 2"), text.indexOf("c: 1")],
      ["HG102", text.lastIndexOf("a"), 0],
    ]);
    expect(root).toBeDefined();
  });

  it("takes keys as the text they are written as", () => {
    expect(read("1: x\ntrue: y\n'q': z\n")).toEqual({ "1": "x", true: "y", q: "z" });
  });

  it("refuses a collection as a key", () => {
    expect(problemsOf("? [a]\n: b\n")).toEqual(["HG113 [a]"]);
    expect(problemsOf("? {a: 1}\n: b\nc: d\n")).toEqual(["HG113 {a: 1}"]);
  });

  it("keeps merge keys and __proto__ as ordinary keys", () => {
    const value = read("<<: {a: 1}\n__proto__: {polluted: true}\n") as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["<<", "__proto__"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(value.toString).toBeUndefined();
  });

  it("says where the syntax breaks", () => {
    expect(problemsOf("a:\n\t- b\n")).toEqual(["HG101 \t"]);
    expect(problemsOf("a: 1\nb: c: d\n")).toEqual(["HG101 :"]);
    expect(parseYaml('name: "Groq').problems[0]?.message).toMatch(/double quoted/);
    expect(problemsOf("a: \u0007b\n")).toEqual(["HG101 \u0007"]);
    expect(problemsOf("a: \ud800\n")).toEqual(["HG101 \ud800"]);
  });

  it.each<[string, number, string, string]>([
    ["summary: fast: very\n", 13, "fast", 'Put the text in quotes: `summary: "fast: very"`.'],
    ["summary: fast: very # why\n", 13, "fast", 'Put the text in quotes: `summary: "fast: very"`.'],
    ["models:\n  - alias: a: b\n    x: 1\n", 20, "a", 'Put the text in quotes: `alias: "a: b"`.'],
    ["a: https://x: y\n", 12, "https://x", 'Put the text in quotes: `a: "https://x: y"`.'],
    ["a: {b: c: d}\n", 8, "c", "Put the text that holds the colon in quotes."],
    ["a: then:\n", 7, "then", 'Put the text in quotes: `a: "then:"`.'],
  ])("names the colon of an unquoted text: %j", (text, at, before, fix) => {
    expect(parseYaml(text).problems).toEqual([
      {
        code: "HG101",
        start: at,
        end: at + 1,
        message: `The colon after \`${before}\` starts a second key on the same line.`,
        fix,
      },
    ]);
  });

  it("tells every such colon once, and nothing that follows from it", () => {
    expect(problemsOf("a: b: c: d\ne: f\ng: h: i\n  j: k\n")).toEqual(["HG101 :", "HG101 :"]);
  });

  it.each(["[", "{", "- ", "? ", "a:\n "])("stops at %j nested beyond the bound, at once", (opener) => {
    const deep = opener === "a:\n " ? nested(MAX_DEPTH + 2) : opener.repeat(200_000);
    expect(parseYaml(deep).problems[0]?.code).toBe("HG112");
  });

  it("accepts nesting up to the bound", () => {
    expect(parseYaml(nested(MAX_DEPTH - 1)).problems).toEqual([]);
  });

  it("never throws, whatever the text", () => {
    const scrap = fc.constantFrom(
      "a",
      ": ",
      "- ",
      "\n",
      "  ",
      "[",
      "]",
      "{",
      "}",
      "&x ",
      "*x",
      "!t ",
      "? ",
      "'",
      '"',
      "|",
      ">",
      "#",
      "---\n",
      "%",
      ",",
      "\t",
      "\\",
    );
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 40 }), (parts) => {
        const text = parts.join("");
        const { root, problems } = parseYaml(text);
        for (const { start, end } of problems) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(text.length);
        }
        if (root !== undefined) plainOf(root);
      }),
      { numRuns: 500 },
    );
  });
});

const nested = (levels: number): string =>
  Array.from({ length: levels }, (_, level) => `${" ".repeat(level)}a:\n`).join("");
