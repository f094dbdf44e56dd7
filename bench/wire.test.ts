import { describe, expect, it } from "vitest";
import { contentFrame, DONE_FRAME, LAST_FRAME, MarkReader, ROLE_FRAME } from "./wire.ts";

const stream = ROLE_FRAME + contentFrame(12) + contentFrame(3456) + contentFrame(7) + LAST_FRAME + DONE_FRAME;

describe("the mark reader", () => {
  it("finds every mark once and the end, wherever the text is cut", () => {
    for (let size = 1; size <= stream.length; size++) {
      const marks: number[] = [];
      const reader = new MarkReader((sentUs) => marks.push(sentUs));
      for (let at = 0; at < stream.length; at += size) reader.push(stream.slice(at, at + size));
      expect([size, marks, reader.done]).toEqual([size, [12, 3456, 7], true]);
    }
  });

  it("does not accept a stream without its end as whole", () => {
    const reader = new MarkReader(() => {});
    reader.push(stream.slice(0, -DONE_FRAME.length));
    expect(reader.done).toBe(false);
  });

  it("reads frames that a gateway re-encoded", () => {
    const frame = contentFrame(99);
    const again = `data: ${JSON.stringify(JSON.parse(frame.slice("data: ".length)), null, 2).replaceAll("\n", "")}\n\n`;
    const marks: number[] = [];
    new MarkReader((sentUs) => marks.push(sentUs)).push(again);
    expect(marks).toEqual([99]);
  });
});
