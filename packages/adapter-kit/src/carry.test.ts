import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Carry } from "./carry.ts";

describe("bytes of an unfinished frame", () => {
  it("come back whole and in order, followed by what completes them, and are then gone", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.uint8Array(), (chunks, last) => {
        const carry = new Carry();
        for (const chunk of chunks) carry.append(Buffer.from(chunk));
        const kept = Buffer.concat(chunks);
        expect(carry.length).toBe(kept.length);
        expect(carry.endsInLineFeed).toBe(kept.at(-1) === 10);
        expect(carry.take(Buffer.from(last)).equals(Buffer.concat([kept, last]))).toBe(true);
        expect(carry.length).toBe(0);
        expect(carry.take()).toHaveLength(0);
      }),
    );
  });

  it("do not change with the buffer that they came in", () => {
    const carry = new Carry();
    const chunk = Buffer.from("ab");
    carry.append(chunk);
    chunk.fill("x");
    expect(carry.take().toString()).toBe("ab");
  });

  it("are forgotten when they are cleared, and their end with them", () => {
    const carry = new Carry();
    carry.append(Buffer.from("a\n"));
    carry.clear();
    expect([carry.length, carry.endsInLineFeed]).toEqual([0, false]);
    carry.append(Buffer.from("b"));
    expect(carry.take().toString()).toBe("b");
  });

  it("cost no more than a few copies of each byte, however many chunks they come in", () => {
    const carry = new Carry();
    const copied: number[] = [];
    const chunk = Buffer.alloc(16, 1);
    const original = Buffer.prototype.copy;
    Buffer.prototype.copy = function copy(this: Buffer, ...args: Parameters<Buffer["copy"]>): number {
      const bytes = original.apply(this, args);
      copied.push(bytes);
      return bytes;
    };
    try {
      for (let count = 0; count < 4_096; count += 1) carry.append(chunk);
    } finally {
      Buffer.prototype.copy = original;
    }
    expect(copied.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(4 * 4_096 * 16);
  });
});
