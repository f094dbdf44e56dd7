import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainBody } from "./plain-body.ts";

const ENCODINGS: readonly (readonly [name: string, compress: (bytes: Buffer) => Buffer])[] = [
  ["gzip", gzipSync],
  ["x-gzip", gzipSync],
  [" GZIP ", gzipSync],
  ["deflate", deflateSync],
  ["deflate", deflateRawSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
];

describe.each(ENCODINGS)("a body as %s", (name, compress) => {
  it("is decoded", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (raw) => {
        const bytes = Buffer.from(raw);
        expect(await plainBody(compress(bytes), name, 2_000)).toEqual(bytes);
      }),
      { numRuns: 20 },
    );
  });

  it("is refused beyond the bound, however small it comes", async () => {
    const bomb = compress(Buffer.alloc(100_000));
    expect(bomb.length).toBeLessThan(5_000);
    await expect(plainBody(bomb, name, 99_999)).rejects.toMatchObject({ status: 413 });
  });

  it("is refused where it is damaged", async () => {
    const damaged = compress(Buffer.from("a body that is long enough to be cut")).subarray(0, 12);
    await expect(plainBody(damaged, name, 1_000)).rejects.toMatchObject({ status: 400 });
  });
});

it("passes a body without an encoding as it is", () => {
  const bytes = Buffer.from("{}");
  for (const none of [undefined, "", "identity"]) expect(plainBody(bytes, none, 1)).toBe(bytes);
});

it.each(["compress", "gzip, br", "x", "constructor"])("answers 415 to %s", (name) => {
  expect(() => plainBody(Buffer.from("{}"), name, 100)).toThrow(
    expect.objectContaining({ status: 415, message: expect.stringContaining("zstd") }),
  );
});
