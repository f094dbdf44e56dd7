import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editJson, type JsonEdits } from "./json-edit.ts";
import { lastMember, topLevel } from "./json-scan.ts";

const edit = (text: string, edits: JsonEdits): string =>
  editJson(Buffer.from(text), edits).bytes.toString("utf8");
const model = { set: { model: '"up"' } };

describe("editing JSON in place", () => {
  it("splices one value and leaves every other byte as it was", () => {
    const text = ' {"n" : 12345678901234567890,\n"model": "x" ,"f":1e400,"e":"\\u00e9\\/"}\n';
    expect(edit(text, model)).toBe(text.replace('"x"', '"up"'));
  });

  it("finds a key that is written with escapes, and not one inside a value", () => {
    expect(edit('{"\\u006dodel":1,"a":{"model":2},"b":"\\"model\\":3"}', model)).toBe(
      '{"\\u006dodel":"up","a":{"model":2},"b":"\\"model\\":3"}',
    );
  });

  it("reads a backslash in a key", () => {
    expect(edit('{"a\\\\":1,"model":2}', { drop: ["a\\"], ...model })).toBe('{"model":"up"}');
  });

  it("leaves one of several members of the same name, since parsers differ in which they use", () => {
    expect(edit('{"model":1,"a":1,"\\u006dodel":2}', model)).toBe('{"model":"up","a":1}');
  });

  it("appends what is not there", () => {
    expect(edit("{}", model)).toBe('{"model":"up"}');
    expect(edit('{"a":1}', model)).toBe('{"a":1,"model":"up"}');
  });

  it("drops and renames, and reports each dropped name once", () => {
    const { bytes, dropped } = editJson(Buffer.from('{"a": 1,"seed" : 1e400,"b":2,"b":3,"c":{}}'), {
      drop: ["b", "zz"],
      rename: { seed: "random_seed", none: "x" },
    });
    expect(bytes.toString("utf8")).toBe('{"a": 1,"random_seed" : 1e400,"c":{}}');
    expect(dropped).toEqual(["b"]);
  });

  it("replaces a member whose name another is renamed to", () => {
    expect(
      edit('{"max_tokens":1,"max_completion_tokens":2}', { rename: { max_tokens: "max_completion_tokens" } }),
    ).toBe('{"max_completion_tokens":1}');
  });

  it.each([
    "",
    "[]",
    '"x"',
    "{",
    '{"a":1',
    '{"a":1}}',
    '{"a" 1}',
    "{a:1}",
    '{"a":1,}',
    '{"a":[}',
    '{"a":[}}',
    '{"a":{]}',
    '{"a":tru}',
    '{"a":01}',
  ])("refuses text that is no whole object: %s", (text) => {
    expect(topLevel(Buffer.from(text))).toBeUndefined();
    expect(() => edit(text, model)).toThrow(TypeError);
  });

  it("has the result of the same edit on the parsed object, for any object and any formatting", () => {
    const name = fc
      .oneof(fc.constantFrom("a", "b", "c", "d", "model", "ä", '"', "__proto__", ""), fc.string())
      .filter(withoutBackslash);
    const object = fc.array(fc.tuple(name, value), { maxLength: 8 });
    const values = fc.dictionary(
      name,
      value.map((any) => JSON.stringify(any)),
      { maxKeys: 3 },
    );
    fc.assert(
      fc.property(
        object,
        fc.record({ set: values, drop: fc.array(name), rename: fc.dictionary(name, name) }),
        fc.constantFrom("", " ", "\n\t"),
        fc.boolean(),
        (entries, edits, space, escaped) => {
          // Two names that become one are ambiguous, as they are in the object itself.
          fc.pre(new Set(Object.values(edits.rename)).size === Object.keys(edits.rename).length);
          const text = write(entries, space, escaped);
          const { bytes, dropped } = editJson(Buffer.from(text), edits);
          const before = entriesOf(JSON.parse(text));
          expect(sorted(entriesOf(JSON.parse(bytes.toString("utf8"))))).toEqual(
            sorted(reference(before, edits)),
          );
          const droppable = before.map(([key]) => key).filter((key) => edits.drop.includes(key));
          expect([...dropped].sort()).toEqual(
            droppable.filter((key) => !Object.hasOwn(edits.set, key)).sort(),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("spans exactly the values that a parser finds", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string().filter(withoutBackslash), value)), (entries) => {
        const bytes = Buffer.from(write(entries, " ", true));
        const members = topLevel(bytes)?.members ?? [];
        expect(
          members.map(({ key, valueStart, valueEnd }) => [
            key,
            JSON.parse(bytes.toString("utf8", valueStart, valueEnd)),
          ]),
        ).toEqual(entries.map(([key, value]) => [key, JSON.parse(JSON.stringify(value))]));
      }),
    );
  });

  it("never accepts a truncated object", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), value)), fc.nat(), (entries, cut) => {
        const bytes = Buffer.from(write(entries, "", false));
        expect(topLevel(bytes.subarray(0, cut % bytes.length))).toBeUndefined();
      }),
    );
  });
});

/**
 * Node 24's JSON.parse compares an escaped key with known ones as it is written: once it has seen the key `\`, it may
 * take `\u0062` in its place for that. So it is no reference for keys with a backslash; an example covers them.
 */
const withoutBackslash = (name: string): boolean => !name.includes("\\");
const value = fc.jsonValue().filter((any) => !JSON.stringify(any).includes("\\\\"));

type Entry = [key: string, value: unknown];

const entriesOf = (object: object): Entry[] => Object.entries(object);
const sorted = (entries: readonly Entry[]): Entry[] => entries.toSorted(([a], [b]) => (a < b ? -1 : 1));

/** JSON text with members that may repeat, white space between tokens and escaped keys. */
function write(entries: readonly (readonly [string, unknown])[], space: string, escaped: boolean): string {
  const members = entries.map(([key, value]) => {
    const name = escaped ? JSON.stringify(key).replace(/[a-z](?=[^\\]*"$)/g, unicode) : JSON.stringify(key);
    return `${space}${name}${space}:${space}${JSON.stringify(value, null, space)}${space}`;
  });
  return `${space}{${members.join(",")}}${space}`;
}

const unicode = (letter: string, at: number, whole: string): string =>
  whole[at - 1] === "\\" ? letter : `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The same edits on parsed members. */
function reference(before: readonly Entry[], { set = {}, drop = [], rename = {} }: JsonEdits): Entry[] {
  const dropped = new Set(drop);
  const kept = before.filter(([key]) => !dropped.has(key));
  const moves = ([key]: Entry): boolean => Object.hasOwn(rename, key);
  const targets = new Set(kept.filter(moves).map(([key]) => rename[key]));
  const after = new Map<string, unknown>();
  for (const entry of kept) {
    const [key, value] = entry;
    if (moves(entry)) after.set(rename[key] ?? "", value);
    else if (!targets.has(key)) after.set(key, value);
  }
  for (const [key, value] of Object.entries(set)) after.set(key, JSON.parse(value));
  return [...after];
}

describe("the members that are found", () => {
  const members = (text: string) =>
    topLevel(Buffer.from(text))?.members.map(({ key, keyStart, keyEnd, valueStart, valueEnd }) => [
      key,
      keyStart,
      keyEnd,
      valueStart,
      valueEnd,
    ]);

  it("stand at these bytes", () => {
    expect(members('{"a":1,"b" : [2]}')).toEqual([
      ["a", 1, 4, 5, 6],
      ["b", 7, 10, 13, 16],
    ]);
    expect(topLevel(Buffer.from(' {"a":1}\n'))).toMatchObject({ open: 1, close: 7 });
    expect(topLevel(Buffer.from("{ }"))).toMatchObject({ open: 0, close: 2, members: [] });
  });

  it("may follow a byte order mark, at the beginning alone", () => {
    expect(members('\uFEFF{"a":1}')).toEqual([["a", 4, 7, 8, 9]]);
    expect(topLevel(Buffer.from('{"a":1}\uFEFF'))).toBeUndefined();
    expect(topLevel(Buffer.from(' \uFEFF{"a":1}'))).toBeUndefined();
  });

  it.each([
    ['{"\\u0061":1}', "a"],
    ['{"\\"":1}', '"'],
    ['{"a\\\\":1}', "a\\"],
    ['{"ä🦆":1}', "ä🦆"],
    ['{"~":1}', "~"],
    ['{"\x7f":1}', "\x7f"],
    ['{" ":1}', " "],
    ['{"":1}', ""],
  ])("are read as a parser reads them: %s", (text, key) => {
    expect(members(text)?.map(([name]) => name)).toEqual([key]);
    expect(Object.keys(JSON.parse(text) as object)).toEqual([key]);
  });

  it.each([
    '{"a\n":1}',
    '{"a\u001f":1}',
    '{"\\x":1}',
    '{"a":1"b":2}',
    '{"a":1 2}',
    '{"a"}',
    '{"a":}',
    '{"a',
    '{"a":"b',
    '{"a":[1',
    '{"a":{"b',
    '{,"a":1}',
    '{"a":-}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":1e}',
    '{"a":NaN}',
    '{"a":]}',
    '{"a":1}x',
    "{'a':1}",
    '{"a":["]}',
  ])("are none where no parser finds them: %j", (text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(members(text)).toBeUndefined();
  });

  it.each([
    "0",
    "-0",
    "-1.5",
    "1e5",
    "1E+5",
    "1e-10",
    "12.50e3",
    "true",
    "false",
    "null",
    '"\\\\"',
    '"\\""',
    '"]}"',
    "[]",
    "{}",
    '[[{"a":["\\"]"]}]]',
  ])("have the value %s, and all of it", (value) => {
    const [member] = topLevel(Buffer.from(`{"a":${value} ,"b":0}`))?.members ?? [];
    expect([member?.valueStart, member?.valueEnd]).toEqual([5, 5 + value.length]);
  });

  it("of one name are several, and the last is the one that a parser takes", () => {
    const object = topLevel(Buffer.from('{"a":1,"b":2,"a":3}'));
    if (object === undefined) throw new Error("it is one");
    expect(lastMember(object, "a")?.valueStart).toBe(17);
    expect(lastMember(object, "b")?.valueStart).toBe(11);
    expect(lastMember(object, "c")).toBeUndefined();
  });
});
