import fc from "fast-check";
import { expect, it } from "vitest";
import { type JsonLine, jsonLines } from "./json-lines.ts";

async function* chunked(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = Math.max(1, sizes[index % Math.max(1, sizes.length)] ?? 7);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
async function read(
  text: string | Buffer,
  sizes: readonly number[] = [7],
  most = 1_000,
): Promise<JsonLine[]> {
  const all: JsonLine[] = [];
  for await (const one of jsonLines(chunked(Buffer.from(text), sizes), most)) all.push(one);
  return all;
}

it("lines are the same however the file is cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.jsonValue().map((value) => JSON.stringify(value)),
          fc.constant(""),
          fc.constant("{oops"),
        ),
      ),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      fc.constantFrom("\n", "\r\n"),
      async (lines, sizes, end) => {
        const text = lines.join(end);
        const got = await read(text, sizes, 1_000_000);
        const wanted = lines.flatMap((line, at) => (line === "" ? [] : [at + 1]));
        expect(got.map(({ line }) => line)).toEqual(wanted);
        for (const { line, value, problem } of got) {
          if (lines[line - 1] === "{oops") expect(problem?.code).toBe("invalid_json_line");
          else expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(lines[line - 1] ?? "")));
        }
      },
    ),
    { numRuns: 200 },
  );
});

it("a line that is too long or no UTF-8 is told, and the next ones are read", async () => {
  const bytes = Buffer.concat([
    Buffer.from(`{"a":"${"x".repeat(2_000)}"}\n`),
    Buffer.from([0x22, 0xff, 0x22, 10]),
    Buffer.from("﻿{}\n\n[1]"),
  ]);
  expect(await read(bytes)).toMatchObject([
    { line: 1, problem: { code: "line_too_long", line: 1 } },
    { line: 2, problem: { code: "invalid_json_line", line: 2 } },
    { line: 3, value: {} },
    { line: 5, value: [1] },
  ]);
});
