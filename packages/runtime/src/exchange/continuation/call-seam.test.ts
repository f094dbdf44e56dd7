import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallSeam, type SentCall } from "./call-seam.ts";

const sentCall = (text: string, index = 0, name = "look"): SentCall => ({
  index,
  id: `call_${index}`,
  name,
  arguments: text,
});

/** @returns the arguments that the client has in the end; undefined where the calls differ */
function join(sent: string, again: readonly string[]): string | undefined {
  const seam = new CallSeam([sentCall(sent)]);
  let whole = sent;
  for (const [at, text] of again.entries()) {
    const piece = seam.push({
      type: "tool-call",
      index: 0,
      ...(at === 0 ? { id: "x", name: "look" } : {}),
      arguments: text,
    });
    if (piece === "differs") return undefined;
    whole += piece?.arguments ?? "";
  }
  return seam.joined ? whole : undefined;
}

describe("the seam of a tool call", () => {
  it("sends only what the client does not have", () => {
    expect(join('{"ci', ['{"city":', '"Linz"}'])).toBe('{"city":"Linz"}');
    expect(join("", ['{"city":"Linz"}'])).toBe('{"city":"Linz"}');
  });

  it("ignores white space between tokens, and no white space in strings", () => {
    expect(join('{ "a" : "x', ['{"a":"x y"}'])).toBe('{ "a" : "x y"}');
    expect(join('{"a":"x ', ['{"a":"xy"}'])).toBeUndefined();
  });

  it("never joins a number that had ended", () => {
    expect(join('{"a":1', ['{"a":12}'])).toBe('{"a":12}');
    expect(join('{"a":1 ', ['{"a":12}'])).toBeUndefined();
    expect(join('{"a":1 ', ['{"a":1', ',"b":2}'])).toBe('{"a":1 ,"b":2}');
  });

  it("refuses another value, another tool, and an answer without the call", () => {
    expect(join('{"city":"Gr', ['{"city":"Linz"}'])).toBeUndefined();
    expect(join('{"city":"Gr', [])).toBeUndefined();
    const seam = new CallSeam([sentCall("{")]);
    expect(seam.push({ type: "tool-call", index: 0, id: "x", name: "other" })).toBe("differs");
  });

  it("does not send a whole call again, and gives a new one an index and an id of its own", () => {
    const seam = new CallSeam([sentCall('{"a":1}'), sentCall('{"b"', 1)]);
    const push = (index: number, text: string) =>
      seam.push({ type: "tool-call", index, id: `call_${index}`, name: "look", arguments: text });
    expect(push(4, '{"a": 1}\n')).toBeUndefined();
    expect(seam.joined).toBe(false);
    expect(push(5, '{"b":2}')).toEqual({ type: "tool-call", index: 1, arguments: ":2}" });
    expect(seam.joined).toBe(true);
    expect(push(1, '{"c":3}')).toEqual({
      type: "tool-call",
      index: 2,
      id: "call_1_1",
      name: "look",
      arguments: '{"c":3}',
    });
  });

  it("of any object, cut anywhere, written with any white space: what the client has is that object, or it differs", () => {
    const object = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    const space = fc.constantFrom(undefined, 1, 2, "\t");
    fc.assert(
      fc.property(
        object,
        space,
        space,
        fc.nat(60),
        fc.array(fc.nat(80), { maxLength: 4 }),
        (value, one, two, at, cuts) => {
          const sent = JSON.stringify(value, null, one).slice(0, at);
          const again = JSON.stringify(value, null, two);
          const ends = [
            0,
            ...cuts.map((cut) => Math.min(cut, again.length)).sort((a, b) => a - b),
            again.length,
          ];
          const whole = join(
            sent,
            ends.slice(1).map((end, index) => again.slice(ends[index], end)),
          );
          expect(whole?.startsWith(sent)).toBe(true);
          expect(JSON.parse(whole ?? "")).toEqual(JSON.parse(again));
        },
      ),
      { numRuns: 500 },
    );
  });
});
