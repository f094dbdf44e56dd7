import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutAt } from "./contract-samples.ts";
import { LineFramer } from "./ndjson.ts";

function read(chunks: Iterable<Buffer>, framer = new LineFramer()): string[] {
  const lines: Buffer[] = [];
  for (const chunk of chunks) lines.push(...framer.push(chunk));
  const last = framer.end();
  return [...lines, ...(last === undefined ? [] : [last])].map((line) => line.toString("utf8"));
}

describe("the line framer", () => {
  it("reads lines with LF or CRLF, skips blank ones and keeps the last without an end", () => {
    expect(read([Buffer.from('{"a":1}\r\n\n\r\n{"ä":2}\n{"b"')])).toEqual(['{"a":1}', '{"ä":2}', '{"b"']);
  });

  it("reads the same lines however the bytes are cut", () => {
    const text = fc.array(fc.constantFrom("ä🦆", "x", "\n", "\r\n", "{}"), { maxLength: 20 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(80)), (parts, positions) => {
        const bytes = Buffer.from(parts.join(""));
        expect(read(cutAt(bytes, positions))).toEqual(read([bytes]));
      }),
    );
  });

  it.each([[1000], [3]])("refuses a line beyond the bound, in chunks of %d bytes", (size) => {
    const framer = new LineFramer(10);
    const bytes = Buffer.from(`ok\n${"x".repeat(30)}\nlate\n`);
    const positions = Array.from({ length: 20 }, (_, index) => (index + 1) * size);
    expect(read(cutAt(bytes, positions), framer)).toEqual(["ok"]);
    expect(framer.overflowed).toBe(true);
  });
});

describe("the bound of a line", () => {
  it("is the most that a line may have, its end not counted", () => {
    const framer = new LineFramer(4);
    expect(framer.push(Buffer.from("abcd\nefgh\n")).map(String)).toEqual(["abcd", "efgh"]);
    expect(framer.push(Buffer.from("ij")).map(String)).toEqual([]);
    expect(framer.push(Buffer.from("kl\nmnop")).map(String)).toEqual(["ijkl"]);
    expect(framer.overflowed).toBe(false);
    expect(framer.push(Buffer.from("q"))).toEqual([]);
    expect(framer.overflowed).toBe(true);
    expect(framer.end()).toBeUndefined();
    expect(framer.push(Buffer.from("\nr\n"))).toEqual([]);
  });

  it("a line that comes whole shares the memory of its chunk", () => {
    const chunk = Buffer.from("ab\ncd\n");
    for (const line of new LineFramer().push(chunk)) expect(line.buffer).toBe(chunk.buffer);
  });
});
