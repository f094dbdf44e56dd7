import { describe, expect, it } from "vitest";
import type { RelayPiece } from "./adapter.ts";
import type { RelayWriter } from "./relay-writer.ts";
import { payloadText, type SseFrame, SseFramer } from "./sse.ts";
import { type FrameWatcher, namedBytes, passNamed, passPlain, SseRelay } from "./sse-relay.ts";

const told = (pieces: readonly RelayPiece[]): string[] =>
  pieces.map(({ kind, bytes, error }) => `${kind}: ${error?.message ?? bytes.toString("utf8")}`);

/** Passes each frame on; `end` and `fail` are terminal. */
const echo = (writer: RelayWriter): FrameWatcher => ({
  take(frame: SseFrame): void {
    const payload = payloadText(frame);
    if (payload === "end") writer.finish(Buffer.from("bye"), undefined);
    else if (payload === "fail") writer.fail({ message: "failed" }, undefined);
    else passPlain(writer, frame.kind === "comment" ? "comment" : "content", frame);
  },
  close: () => writer.fail({ message: "cut" }, undefined),
  tooLarge: () => writer.fail({ message: "too large" }, undefined),
});

const MAX_TEST_BYTES = 1_000;

const relay = () => {
  const made = new SseRelay(echo, MAX_TEST_BYTES);
  return {
    push: (text: string) => told(made.push(Buffer.from(text))),
    end: () => told(made.end()),
  };
};

describe("a relay of server-sent events", () => {
  it("hands on whole frames alone, however they are cut", () => {
    const { push, end } = relay();
    expect(push("data: o")).toEqual([]);
    expect(push("ne\n\ndata: two\n\ndata: th")).toEqual(["content: data: one\n\ndata: two\n\n"]);
    expect(push("ree\n\n: still here\n\n")).toEqual([
      "content: data: three\n\n",
      "comment: : still here\n\n",
    ]);
    expect(push("data: end\n\n")).toEqual(["end: bye"]);
    expect(end()).toEqual([]);
  });

  it.each([
    ["end", "end: bye"],
    ["fail", "error: failed"],
  ])("hands on nothing after %s: not in the same chunk, not later", (last, piece) => {
    const { push, end } = relay();
    expect(push(`data: one\n\ndata: ${last}\n\ndata: late\n\n`)).toEqual(["content: data: one\n\n", piece]);
    expect(push("data: later\n\n")).toEqual([]);
    expect(end()).toEqual([]);
  });

  it("fails when the upstream closed without a last word, after what was cut", () => {
    const { push, end } = relay();
    expect(push("data: one\n\ndata: tw")).toEqual(["content: data: one\n\n"]);
    expect(end()).toEqual(["content: data: tw\n\n", "error: cut"]);
    expect(end()).toEqual([]);
  });

  it("does not fail when the frame that was cut is the last word", () => {
    const { push, end } = relay();
    push("data: end");
    expect(end()).toEqual(["end: bye"]);
  });

  it("fails once where a frame is larger than what is kept, and not after a whole answer", () => {
    const tooMuch = `data: ${"x".repeat(MAX_TEST_BYTES)}`;
    const { push, end } = relay();
    expect(push(`data: one\n\n${tooMuch}`)).toEqual(["content: data: one\n\n", "error: too large"]);
    expect(push("data: late\n\n")).toEqual([]);
    expect(end()).toEqual([]);
    expect(relay().push(`data: end\n\n${tooMuch}`)).toEqual(["end: bye"]);
  });
});

function frameOf(text: string, end = false): SseFrame {
  const framer = new SseFramer();
  const pushed = framer.push(Buffer.from(text));
  const [frame] = end ? framer.end() : pushed;
  if (frame === undefined) throw new Error(`no frame in ${JSON.stringify(text)}`);
  return frame;
}

/** The one piece that passing a frame makes. */
function passed(pass: (writer: RelayWriter) => void): string {
  let found = "";
  const made = new SseRelay((writer) => ({
    take: () => pass(writer),
    close: () => {},
    tooLarge: () => {},
  }));
  for (const { bytes } of made.push(Buffer.from("data: x\n\n"))) found += bytes.toString("utf8");
  return found;
}

describe("a frame for clients that read data alone", () => {
  it.each([
    ["data: ä\n\n", "data: ä\n\n"],
    [": ping\n\n", ": ping\n\n"],
    ["data:ä\n\n", "data: ä\n\n"],
    ["event: e\nid: 1\ndata: ä\n\n", "data: ä\n\n"],
    ["data: {\ndata: }\n\n", "data: { }\n\n"],
    [": ping\nid: 1\n\n", ": ping id: 1\n\n"],
  ])("%j is passed on as %j", (text, expected) => {
    expect(passed((writer) => passPlain(writer, "content", frameOf(text)))).toBe(expected);
  });
});

describe("a frame for clients that go by the event's name", () => {
  it.each([
    ["event: delta\ndata: ä\n\n", "event: delta\ndata: ä\n\n"],
    ["event: delta\nid: 7\ndata: ä\n\n", "event: delta\nid: 7\ndata: ä\n\n"],
    [": ping\n\n", ": ping\n\n"],
    ["data: ä\n\n", "event: type\ndata: ä\n\n"],
    ["event: delta\ndata: {\ndata: }\n\n", "event: type\ndata: { }\n\n"],
  ])("%j is passed on as %j", (text, expected) => {
    expect(passed((writer) => passNamed(writer, "content", frameOf(text), "type"))).toBe(expected);
    expect(namedBytes(frameOf(text), "type").toString("utf8")).toBe(expected);
  });

  it("is written anew where the stream was cut in it", () => {
    const frame = frameOf("event: delta\ndata: ä", true);
    expect(passed((writer) => passNamed(writer, "content", frame, "type"))).toBe("event: type\ndata: ä\n\n");
    expect(namedBytes(frame, "type").toString("utf8")).toBe("event: type\ndata: ä\n\n");
  });

  it("shares the memory of the chunk where it is passed as it came", () => {
    const frame = frameOf("event: delta\ndata: a\n\n");
    expect(namedBytes(frame, "type").buffer).toBe(frame.source.buffer);
  });
});
