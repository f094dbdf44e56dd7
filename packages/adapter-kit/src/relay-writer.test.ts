import { describe, expect, it } from "vitest";
import { RelayWriter } from "./relay-writer.ts";

const SOURCE = Buffer.from("aabbccdd");
const USAGE = { inputTokens: 3, outputTokens: 5 };

/** Kinds and bytes of the drained pieces. */
const drained = (writer: RelayWriter): string[] =>
  writer.drain().map(({ kind, bytes }) => `${kind} ${bytes.toString("latin1")}`);

describe("RelayWriter", () => {
  it("passes neighbours of one kind on as one piece", () => {
    const writer = new RelayWriter();
    for (let at = 0; at < 6; at += 2) writer.pass("content", SOURCE, at, at + 2);
    expect(drained(writer)).toEqual(["content aabbcc"]);
  });

  it("passes a whole buffer on as itself, and a part of one without copying it", () => {
    const writer = new RelayWriter();
    writer.pass("hold", SOURCE, 0, 4);
    writer.pass("hold", SOURCE, 4, 8);
    expect(writer.drain()[0]?.bytes).toBe(SOURCE);
    writer.pass("hold", SOURCE, 2, 4);
    const [part] = writer.drain();
    expect(part?.bytes.buffer).toBe(SOURCE.buffer);
    expect(part?.bytes.toString()).toBe("bb");
  });

  it("begins another piece for another kind, another buffer, or a gap", () => {
    const writer = new RelayWriter();
    writer.pass("hold", SOURCE, 0, 2);
    writer.pass("content", SOURCE, 2, 4);
    writer.pass("content", SOURCE, 6, 8);
    writer.pass("content", Buffer.from("........ee"), 8, 10);
    expect(drained(writer)).toEqual(["hold aa", "content bb", "content dd", "content ee"]);
    expect(drained(writer)).toEqual([]);
  });

  it("does not join across chunks", () => {
    const writer = new RelayWriter();
    writer.pass("content", SOURCE, 0, 2);
    expect(drained(writer)).toEqual(["content aa"]);
    writer.pass("content", SOURCE, 2, 4);
    expect(drained(writer)).toEqual(["content bb"]);
    expect(drained(writer)).toEqual([]);
  });

  it("puts usage on the piece that holds its frame; the last one counts", () => {
    const writer = new RelayWriter();
    writer.count({ inputTokens: 9, outputTokens: 9 });
    writer.pass("content", SOURCE, 0, 2);
    writer.count({ inputTokens: 1, outputTokens: 1 });
    writer.count(undefined);
    writer.count(USAGE);
    writer.flush();
    writer.pass("content", SOURCE, 2, 4);
    expect(writer.drain()).toEqual([
      { kind: "content", bytes: Buffer.from("aa"), usage: USAGE },
      { kind: "content", bytes: Buffer.from("bb") },
    ]);
  });

  it("finishes after the passed frames, with the terminator and the usage", () => {
    const writer = new RelayWriter();
    writer.pass("content", SOURCE, 0, 2);
    expect(writer.over).toBe(false);
    writer.finish(Buffer.from("done"), USAGE);
    expect(writer.over).toBe(true);
    expect(writer.drain()).toEqual([
      { kind: "content", bytes: Buffer.from("aa") },
      { kind: "end", bytes: Buffer.from("done"), usage: USAGE },
    ]);
  });

  it("fails after the passed frames, without bytes, and leaves unknown usage out", () => {
    const writer = new RelayWriter();
    writer.pass("hold", SOURCE, 0, 2);
    writer.fail({ message: "cut" }, undefined);
    expect(writer.over).toBe(true);
    expect(writer.drain()).toStrictEqual([
      { kind: "hold", bytes: SOURCE.subarray(0, 2) },
      { kind: "error", bytes: Buffer.alloc(0), error: { message: "cut" } },
    ]);
  });
});

describe("pieces", () => {
  it("have usage only where it was counted", () => {
    const writer = new RelayWriter();
    writer.finish(Buffer.from("done"), undefined);
    expect(writer.drain()).toStrictEqual([{ kind: "end", bytes: Buffer.from("done") }]);
    const failed = new RelayWriter();
    failed.fail({ message: "cut" }, USAGE);
    expect(failed.drain()).toStrictEqual([
      { kind: "error", bytes: Buffer.alloc(0), error: { message: "cut" }, usage: USAGE },
    ]);
  });

  it("that end at a flush are told apart, and a flush of nothing adds none", () => {
    const writer = new RelayWriter();
    writer.flush();
    writer.pass("hold", SOURCE, 0, 2);
    writer.flush();
    writer.flush();
    writer.pass("hold", SOURCE, 2, 4);
    expect(writer.drain()).toStrictEqual([
      { kind: "hold", bytes: SOURCE.subarray(0, 2) },
      { kind: "hold", bytes: SOURCE.subarray(2, 4) },
    ]);
    expect(writer.drain()).toStrictEqual([]);
  });

  it("that begin elsewhere in the same buffer are not joined to the one before", () => {
    const writer = new RelayWriter();
    writer.pass("content", SOURCE, 4, 6);
    writer.pass("content", SOURCE, 0, 2);
    expect(drained(writer)).toEqual(["content cc", "content aa"]);
  });
});
