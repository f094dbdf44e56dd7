import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutAt } from "./contract-samples.ts";
import { type SseFrame, SseFramer } from "./sse.ts";

const payload = ({ source, dataStart, dataEnd }: SseFrame): string =>
  source.toString("utf8", dataStart, dataEnd);

function read(chunks: Iterable<Buffer>, framer = new SseFramer()): SseFrame[] {
  const frames: SseFrame[] = [];
  for (const chunk of chunks) frames.push(...framer.push(chunk));
  return [...frames, ...framer.end()];
}

const essence = (frame: SseFrame) => ({
  kind: frame.kind,
  event: frame.event,
  partial: frame.partial,
  data: payload(frame),
});
const readText = (text: string) => read([Buffer.from(text)]).map(essence);
const data = (text: string, event = "") => ({ kind: "data", event, partial: false, data: text });

describe("the SSE framer", () => {
  it.each([
    ["LF", "data: a\n\ndata: b\n\n"],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n"],
    ["CR", "data: a\r\rdata: b\r\r"],
    ["CRLF inside a frame", "id: 1\r\ndata: a\r\n\r\ndata: b\r\nid: 2\r\n\r\n"],
    ["mixed line ends", "data: a\r\n\ndata: b\n\r\n"],
    ["no space after the colon", "data:a\n\ndata:b\n\n"],
    ["more blank lines than needed", "\n\ndata: a\n\n\n\ndata: b\n\n\n"],
    ["a byte order mark", "\uFEFFdata: a\n\ndata: b\n\n"],
    ["ids and retries", "id: 7\ndata: a\n\nretry: 10\n\ndata: b\nid\n\n"],
  ])("reads frames with %s", (_name, text) => {
    expect(readText(text)).toEqual([data("a"), data("b")]);
  });

  it("removes one space only, and joins several data lines by LF", () => {
    expect(readText("data:  a\ndata\ndata:b\n\n")).toEqual([data(" a\n\nb")]);
  });

  it("keeps a frame's lines together under CRLF", () => {
    expect(readText("event: e\r\ndata: a\r\ndata: b\r\n\r\n")).toEqual([data("a\nb", "e")]);
  });

  it("reads an event's name, also without data", () => {
    expect(readText("event: error\ndata: x\n\nevent: ping\n\n")).toEqual([
      data("x", "error"),
      data("", "ping"),
    ]);
  });

  it("distinguishes comments from lines that are no event stream", () => {
    const kinds = read([Buffer.from(": keep-alive\n\n:\n\n<html>\n\ndata: x\n: in between\n\n")]);
    expect(kinds.map(({ kind, canonical }) => [kind, canonical])).toEqual([
      ["comment", true],
      ["comment", true],
      ["unknown", false],
      ["data", false],
    ]);
  });

  it("shares the chunk's memory for whole canonical frames", () => {
    const chunk = Buffer.from("data: a\n\ndata: bc\n\n");
    const frames = new SseFramer().push(chunk);
    expect(frames.map(({ start, end, canonical }) => [start, end, canonical])).toEqual([
      [0, 9, true],
      [9, 19, true],
    ]);
    expect(frames.every(({ source }) => source === chunk)).toBe(true);
  });

  it("returns a last frame without its blank line as partial, and nothing for a comment", () => {
    expect(readText("data: a\n\ndata: [DO")).toEqual([data("a"), { ...data("[DO"), partial: true }]);
    expect(readText("data: a")).toEqual([{ ...data("a"), partial: true }]);
    expect(readText(": hel")).toEqual([]);
  });

  it("reads the same frames however the bytes are cut", () => {
    const lines = fc.constantFrom(
      "data: ä🦆",
      "data:x",
      "data",
      ": c",
      "event: e",
      "id: 1",
      "",
      "",
      "odd",
      "\uFEFFdata: y",
    );
    const ends = fc.constantFrom("\n", "\r\n", "\r");
    const text = fc.array(fc.tuple(lines, ends), { maxLength: 12 }).map((all) => all.flat().join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(120)), (all, positions) => {
        const bytes = Buffer.from(all);
        expect(read(cutAt(bytes, positions)).map(essence)).toEqual(read([bytes]).map(essence));
      }),
      { numRuns: 500 },
    );
  });

  it("agrees with the specification's algorithm", () => {
    const line = fc.stringMatching(/^(data|event|id|: |x)?:? ?[ab]{0,2}$/);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), (lines) => {
        const text = `${lines.join("\n")}\n\n`;
        const ours = readText(text).filter(({ kind, data: value }) => kind === "data" && value !== "");
        expect(ours.map(({ event, data: value }) => [event, value])).toEqual(specification(text));
      }),
      { numRuns: 500 },
    );
  });

  it("takes a frame of just as many bytes as fit, and no more", () => {
    const fits = "data: 0123456789\n\n";
    for (const cut of [0, 7, fits.length - 1]) {
      const framer = new SseFramer(fits.length);
      const chunks = [fits.slice(0, cut), fits.slice(cut) + fits].map((text) => Buffer.from(text));
      expect(read(chunks, framer).map(payload)).toEqual(["0123456789", "0123456789"]);
      expect(framer.overflowed).toBe(false);
    }
    const framer = new SseFramer(fits.length - 1);
    expect(framer.push(Buffer.from(fits))).toEqual([]);
    expect(framer.overflowed).toBe(true);
    expect(framer.end()).toEqual([]);
    expect(framer.push(Buffer.from("data: x\n\n"))).toEqual([]);
  });

  it("does not count frames that came before against the bound of a later one", () => {
    const framer = new SseFramer(12);
    const many = "data: abc\n\n".repeat(5);
    expect(framer.push(Buffer.from(many))).toHaveLength(5);
    expect(framer.overflowed).toBe(false);
  });

  it("keeps no bytes of a frame that was too large", () => {
    const framer = new SseFramer(8);
    framer.push(Buffer.from("data: ab"));
    framer.push(Buffer.from("cd"));
    expect(framer.overflowed).toBe(true);
    expect(framer.end()).toEqual([]);
  });

  it("takes a byte order mark off the beginning, and no other", () => {
    expect(readText("\uFEFFdata: a\n\n\uFEFFdata: b\n\n")).toEqual([
      data("a"),
      { kind: "unknown", event: "", partial: false, data: "\uFEFFdata: b" },
    ]);
    expect(readText("\uFEFFdata: a")).toEqual([{ ...data("a"), partial: true }]);
    expect(readText("\uFEFFevent: e\ndata: a\n\n")).toEqual([data("a", "e")]);
  });

  it("reads a comment together with an id as no canonical one", () => {
    const frames = read([Buffer.from(": a\n: b\n\n: c\nid: 1\n\n")]);
    expect(frames.map(({ kind, canonical, start, end }) => [kind, canonical, start, end])).toEqual([
      ["comment", true, 0, 9],
      ["comment", false, 9, 20],
    ]);
  });

  it("says nothing for ids and retries alone, with or without a value", () => {
    expect(readText("id: 1\nretry: 5\n\nid\n\nretry\n\n")).toEqual([]);
  });

  it("takes longer names than those of the specification for strange lines", () => {
    expect(readText("datax: a\n\nevents: a\n\n").map(({ kind }) => kind)).toEqual(["unknown", "unknown"]);
  });

  it("reads an empty event's name, an empty payload and a name without a colon", () => {
    expect(readText("event:\ndata: a\n\nevent\ndata:\n\ndata\n\n")).toEqual([data("a"), data(""), data("")]);
  });

  it("reads frames from chunks that begin with the line end before", () => {
    expect(read(["data: a\n", "\ndata: b\n", "\n"].map((text) => Buffer.from(text))).map(essence)).toEqual([
      data("a"),
      data("b"),
    ]);
    expect(read(["data: a\r", "\n\r", "\n"].map((text) => Buffer.from(text))).map(essence)).toEqual([
      data("a"),
    ]);
  });

  it.each([
    ["in one chunk", 1000],
    ["in many", 3],
  ])("refuses a frame beyond the bound, %s", (_name, size) => {
    const framer = new SseFramer(20);
    const bytes = Buffer.from(`data: ok\n\ndata: ${"x".repeat(40)}\n\ndata: late\n\n`);
    const positions = Array.from({ length: 100 }, (_, index) => (index + 1) * Number(size));
    expect(read(cutAt(bytes, positions), framer).map(payload)).toEqual(["ok"]);
    expect(framer.overflowed).toBe(true);
  });
});

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation, in its own steps. */
function specification(text: string): [event: string, data: string][] {
  const out: [string, string][] = [];
  let buffer = "";
  let event = "";
  for (const line of text.split("\n").slice(0, -1)) {
    if (line === "") {
      if (buffer.length > 1) out.push([event, buffer.slice(0, -1)]);
      buffer = "";
      event = "";
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") buffer += `${value}\n`;
    if (field === "event") event = value;
  }
  return out.filter(([, value]) => value !== "");
}
