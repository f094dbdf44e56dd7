import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Model } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainOf } from "../load/tree.ts";
import { parseYaml } from "../load/yaml-tree.ts";
import { editModels } from "./models.ts";

const NEW: Model = { alias: "acme-new", upstream: "new", operation: "chat" };
const edit = (text: string, remove: readonly string[], add: Parameters<typeof editModels>[1]["add"] = []) =>
  editModels(text, { remove: new Set(remove), add });
const lines = (...text: readonly string[]): string => `${text.join("\n")}\n`;

const FRAGMENT = lines(
  "# head",
  "name: Acme   # its name",
  "models:",
  "  # the first",
  "  - alias: acme-a",
  "    upstream: a",
  "    operation: chat",
  "",
  "  # the second,",
  "  # in two lines",
  "  - alias: acme-b # trailing",
  "    upstream: 'b'",
  "    operation: chat",
  "    notes: |",
  "      text",
  "      # no comment",
  "    # context_tokens: 1",
  "",
  "  # the third",
  "  - alias: acme-c",
  "    upstream: c",
  "    operation: chat",
  "",
  "# between",
  "signup: https://acme.example",
);

describe("editModels", () => {
  it("takes a model out with its own comments and blank line, and nothing else", () => {
    const from = FRAGMENT.indexOf("  # the second");
    const to = FRAGMENT.indexOf("  # the third");
    expect(edit(FRAGMENT, ["acme-b"])).toBe(FRAGMENT.slice(0, from) + FRAGMENT.slice(to));
  });

  it("takes out the first, the last, and several side by side", () => {
    const third = FRAGMENT.indexOf("  # the third");
    const second = FRAGMENT.indexOf("  # the second");
    const first = FRAGMENT.indexOf("  # the first");
    const between = FRAGMENT.indexOf("# between");
    expect(edit(FRAGMENT, ["acme-a"])).toBe(FRAGMENT.slice(0, first) + FRAGMENT.slice(second));
    expect(edit(FRAGMENT, ["acme-c"])).toBe(FRAGMENT.slice(0, third) + FRAGMENT.slice(between));
    expect(edit(FRAGMENT, ["acme-a", "acme-b"])).toBe(FRAGMENT.slice(0, first) + FRAGMENT.slice(third));
    expect(edit(FRAGMENT.slice(0, between - 1), ["acme-c"])).toBe(FRAGMENT.slice(0, third - 1));
  });

  it("appends in the fragment's own layout, in the order of its fields", () => {
    const between = FRAGMENT.indexOf("\n# between");
    const added = edit(
      FRAGMENT,
      [],
      [
        {
          ...NEW,
          context_tokens: 8192,
          capabilities: ["tools", "json"],
          unverified: ["tier"],
          comment: "listed today",
        },
      ],
    );
    expect(added).toBe(
      FRAGMENT.slice(0, between) +
        lines(
          "",
          "  # listed today",
          "  - alias: acme-new",
          "    upstream: new",
          "    operation: chat",
          "    context_tokens: 8192",
          "    capabilities: [tools, json]",
          "    unverified: [tier]",
        ) +
        FRAGMENT.slice(between),
    );
    const flow =
      "models:\n- { alias: x, upstream: x, operation: chat }\n- { alias: y, upstream: y, operation: chat }";
    expect(edit(flow, [], [NEW])).toBe(`${flow}\n- { alias: acme-new, upstream: new, operation: chat }`);
  });

  it("adds and takes out at once, even when nothing old remains", () => {
    const text = "models:\n  - alias: old\n    upstream: old\n    operation: chat\n";
    expect(edit(text, ["old"], [NEW])).toBe(
      "models:\n  - alias: acme-new\n    upstream: new\n    operation: chat\n",
    );
  });

  it.each([
    ["@cf/meta/llama", '"@cf/meta/llama"'],
    ["a: b", '"a: b"'],
    ["a #b", '"a #b"'],
    ["a#b", "a#b"],
    ["yes", '"yes"'],
    ["true", '"true"'],
    ["2024", '"2024"'],
    ["null", '"null"'],
    ["- x", '"- x"'],
    ["*x", '"*x"'],
    ["{x}", '"{x}"'],
    ['"hi"\\', `'"hi"\\'`],
    ["llama3.2:3b", "llama3.2:3b"],
    ["x:", '"x:"'],
  ])("writes %s so that YAML reads it as it is", (upstream, written) => {
    expect(edit(FRAGMENT, [], [{ ...NEW, upstream }])).toContain(`    upstream: ${written}\n`);
  });

  it.each([
    ["models in brackets", "models: [{ alias: a, upstream: a, operation: chat }]\n"],
    ["models that are no list", "models: x\n"],
    ["broken YAML", "models:\n  - alias: 'a\n"],
    ["two lists of models", "models:\n  - alias: a\nmodels:\n  - alias: b\n"],
    ["an anchor", "models:\n  - &x\n    alias: a\n"],
  ])("refuses %s", (_, text) => {
    expect(edit(text, [], [NEW])).toBeUndefined();
  });

  it("refuses to empty the list", () => {
    expect(edit(FRAGMENT, ["acme-a", "acme-b", "acme-c"])).toBeUndefined();
  });

  const EOL = fc.constantFrom("\n", "\r\n");
  /** An indentation, for a comment; empty: a blank line. */
  const noise = fc.constantFrom("", "", "0", "1", "2");
  const field = fc.constantFrom(
    "notes: plain",
    "notes: 'single # quoted'",
    'notes: "double\\n- alias: no"',
    "notes: |\nLITERAL",
    "notes: >-\nLITERAL",
    "capabilities: [tools,\nDEEP json] # c",
    "context_tokens: 5   # tokens",
    "limits:\nLIMITS",
  );
  const model = fc.record({
    above: fc.array(noise, { maxLength: 3 }),
    fields: fc.uniqueArray(field, { maxLength: 3, selector: (text) => text.split(":")[0] }),
    below: fc.constantFrom("", "    # own"),
    dash: fc.constantFrom("- ", "-\n    "),
    gone: fc.boolean(),
  });
  const fragment = fc.record({
    head: fc.array(noise, { maxLength: 3 }),
    models: fc.array(model, { minLength: 1, maxLength: 5 }),
    tail: fc.array(noise, { maxLength: 3 }),
    after: fc.boolean(),
    ended: fc.boolean(),
    eol: EOL,
    bom: fc.boolean(),
  });
  type Drawn = typeof fragment extends fc.Arbitrary<infer Value> ? Value : never;
  const textOf = ({ head, models, tail, after, ended, eol, bom }: Drawn): string => {
    const said = (list: readonly string[], owner: string): string[] =>
      list.map((indent, at) => (indent === "" ? "" : `${" ".repeat(Number(indent))}# c ${owner}.${at}`));
    const blocks = models.map(({ above, fields, below, dash }, index) =>
      [
        ...said(above, `m${index}`),
        `  ${dash}alias: m${index} # its alias`,
        `    upstream: u${index}`,
        ...fields.map((text) =>
          `    ${text}`
            .replace("LITERAL", `      text ${index}\n\n      - alias: x\n      # no comment`)
            .replace("DEEP", "       ")
            .replace("LIMITS", "      - amount: 1\n      # deeper\n      - amount: 2"),
        ),
        ...(below === "" ? [] : [`${below} m${index}`]),
      ].join("\n"),
    );
    const text = [
      ...said(head, "head"),
      "name: Acme # n",
      "models: # all",
      ...blocks,
      ...said(tail, "tail"),
      ...(after ? ["z: 1"] : []),
    ].join("\n");
    return (bom ? "\ufeff" : "") + (ended ? `${text}\n` : text).replaceAll("\n", eol);
  };
  const modelsOf = (text: string): unknown => {
    const { root, problems } = parseYaml(text.replace("\ufeff", ""));
    expect(problems).toEqual([]);
    return root === undefined
      ? undefined
      : (JSON.parse(JSON.stringify(plainOf(root))) as { models: unknown }).models;
  };

  it("leaves every line of what stays as it is, in its order, whatever comments and blank lines there are", () => {
    fc.assert(
      fc.property(fragment, fc.boolean(), (drawn, adds) => {
        const text = textOf(drawn);
        const gone = drawn.models.flatMap((entry, index) => (entry.gone ? [`m${index}`] : []));
        fc.pre(adds || gone.length < drawn.models.length);
        const edited = edit(text, gone, adds ? [NEW] : []);
        if (edited === undefined) throw new Error(`refused:\n${text}`);
        const old = modelsOf(text) as { alias: string }[];
        expect(modelsOf(edited)).toEqual([
          ...old.filter(({ alias }) => !gone.includes(alias)),
          ...(adds ? [NEW] : []),
        ]);

        // Without what was added, nothing but whole lines is missing, and nothing is rewritten or moved.
        const left = edited.split(drawn.eol);
        const first = left.findIndex((line) => line.includes("acme-new"));
        if (adds) left.splice(first, 3);
        if (adds && left[first - 1] === "") left.splice(first - 1, 1);
        const before = text.split(drawn.eol);
        // The last line of a file may have no line break; the one before it has.
        if (!drawn.ended && left.at(-1) === "") left.pop();
        let at = 0;
        for (const line of left) {
          at = before.indexOf(line, at) + 1;
          expect(at, `${JSON.stringify(line)} of\n${edited}`).toBeGreaterThan(0);
        }
        const blanks = (list: readonly string[]): number => list.filter((line) => line === "").length;
        if (gone.length === 0) expect(blanks(before) - blanks(left)).toBeLessThanOrEqual(1);
        if (gone.length === 0)
          expect(left.filter((line) => line !== "")).toEqual(before.filter((line) => line !== ""));
        // What stays keeps its comments.
        const kept = drawn.models.flatMap(({ gone: goes, above, below }, index) =>
          goes
            ? []
            : [...above.map((_, at) => above[at] && `# c m${index}.${at}`), below && `# own m${index}`],
        );
        for (const comment of [...kept, ...drawn.head.map((_, at) => drawn.head[at] && `# c head.${at}`)]) {
          if (comment) expect(edited).toContain(comment);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("gives back the very text when what it added is taken out again", () => {
    fc.assert(
      fc.property(fragment, (drawn) => {
        const text = textOf({ ...drawn, tail: [], after: false, ended: true });
        const added = edit(text, [], [NEW]);
        expect(added === undefined ? undefined : edit(added, [NEW.alias])).toBe(text);
      }),
    );
  });

  it("reads back whatever it wrote, and the rest as it was", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1 }).map((drawn) => drawn.replaceAll("\ufeff", ""));
    const model = fc.record(
      { upstream: text, notes: text, capabilities: fc.array(text, { maxLength: 3 }), dimensions: fc.nat() },
      { requiredKeys: ["upstream"] },
    );
    const flow = "models:\n- { alias: x, upstream: x, operation: chat }\n";
    fc.assert(
      fc.property(model, fc.constantFrom(FRAGMENT, flow, "name: Acme\n"), (drawn, base) => {
        const { upstream, ...others } = drawn;
        const added = { alias: "acme-new", upstream, operation: "chat", ...others } as Model;
        const edited = edit(base, [], [added]);
        if (edited === undefined) throw new Error("refused");
        const old = (modelsOf(base) ?? []) as unknown[];
        expect(modelsOf(edited)).toEqual([...old, added]);
        if (old.length > 0) expect(edit(edited, ["acme-new"])).toBe(base);
      }),
      { numRuns: 300, examples: [[{ upstream: "x", notes: "\u2000" } as never, FRAGMENT]] },
    );
  });

  it("gives models to a fragment that has none, at its end", () => {
    expect(edit("name: Acme", [], [NEW])).toBe(
      "name: Acme\n\nmodels:\n  - alias: acme-new\n    upstream: new\n    operation: chat\n",
    );
    expect(edit("name: Acme\r\n", [], [NEW])).toContain("Acme\r\n\r\nmodels:\r\n  - alias");
  });

  const providers = fileURLToPath(new URL("../../../../providers/", import.meta.url));
  const fragments = readdirSync(providers)
    .map((id) => join(id, "provider.yaml"))
    .filter((path) => existsSync(join(providers, path)));

  it("knows fragments with models and fragments without", () => {
    expect(fragments.length).toBeGreaterThan(50);
  });

  /** The lines that are in `after` and not in `before`, where those are one block. @throws where any other line differs */
  function insertedBlock(before: string, after: string): string {
    const old = before.split("\n");
    const changed = after.split("\n");
    let head = 0;
    while (head < old.length && old[head] === changed[head]) head += 1;
    const length = changed.length - old.length;
    expect(changed.toSpliced(head, length)).toEqual(old);
    return changed.slice(head, head + length).join("\n");
  }

  it.each(fragments)("adds one block to %s, and takes it out again without a trace", (path) => {
    const text = readFileSync(join(providers, path), "utf8");
    const added = edit(text, [], [{ ...NEW, comment: "new" }]);
    if (added === undefined) throw new Error("refused");
    const block = insertedBlock(text, added);
    expect(block.match(/# new\n *-/g)).toHaveLength(1);
    expect(block.split("\n").length).toBeLessThanOrEqual(6);
    if (/^models:/m.test(text)) expect(edit(added, [NEW.alias])).toBe(text);
    // A list of models cannot be empty, so that the only model of a fragment stays.
    else expect(edit(added, [NEW.alias])).toBeUndefined();
  });
});
