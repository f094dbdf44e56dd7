import type { ChatEvent } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { payloadText, type SseFrame } from "./sse.ts";
import { type FrameReader, SseDecoder } from "./sse-decoder.ts";

const text = (piece: string): ChatEvent => ({ type: "text", text: piece });
const failure = (message: string): ChatEvent => ({ type: "error", error: { message } });
const END: ChatEvent = { type: "end" };

/** Returns each payload as text; `end` and `fail` are terminal, and comments give nothing. */
class Echo implements FrameReader {
  read(frame: SseFrame): readonly ChatEvent[] {
    if (frame.kind === "comment") return [];
    const payload = payloadText(frame);
    if (payload === "end") return [text("bye"), END];
    if (payload === "fail") return [failure("failed")];
    return [text(`${frame.kind}${frame.partial ? " cut" : ""}: ${payload}`)];
  }

  close(): readonly ChatEvent[] {
    return [text("closing"), failure("cut")];
  }

  tooLarge(): readonly ChatEvent[] {
    return [text("stopping"), failure("too large")];
  }
}

const push = (decoder: SseDecoder, bytes: string): readonly ChatEvent[] => decoder.push(Buffer.from(bytes));

describe("SseDecoder", () => {
  it("returns the events of each frame in order, however the bytes are cut", () => {
    const bytes = Buffer.from("data: one\n\n: still here\n\ndata: two ü\n\n<html>\n\ndata: end\n\n");
    const whole = [text("data: one"), text("data: two ü"), text("unknown: <html>"), text("bye"), END];
    for (let size = 1; size <= bytes.length; size++) {
      const decoder = new SseDecoder(new Echo());
      const events: ChatEvent[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        events.push(...decoder.push(bytes.subarray(at, at + size)));
      }
      expect(events).toEqual(whole);
      expect(decoder.end()).toEqual([]);
    }
  });

  it.each(["end", "fail"])("returns nothing after %s: not in the same chunk, not later", (last) => {
    const decoder = new SseDecoder(new Echo());
    const events = push(decoder, `data: ${last}\n\ndata: late\n\n`);
    expect(events.at(-1)?.type).toBe(last === "end" ? "end" : "error");
    expect(push(decoder, "data: later\n\n")).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });

  it("ends with the reader's close when no event was terminal, after the cut frame", () => {
    const decoder = new SseDecoder(new Echo());
    expect(push(decoder, "data: one\n\ndata: tw")).toEqual([text("data: one")]);
    expect(decoder.end()).toEqual([text("data cut: tw"), text("closing"), failure("cut")]);
    expect(decoder.end()).toEqual([]);
    expect(push(decoder, "data: late\n\n")).toEqual([]);
  });

  it("does not call the reader's close when the cut frame is terminal", () => {
    const decoder = new SseDecoder(new Echo());
    push(decoder, "data: end");
    expect(decoder.end()).toEqual([text("bye"), END]);
  });

  it("ends with the reader's events for a frame that is too large, once", () => {
    const decoder = new SseDecoder(new Echo(), 20);
    expect(push(decoder, `data: one\n\ndata: ${"x".repeat(40)}`)).toEqual([
      text("data: one"),
      text("stopping"),
      failure("too large"),
    ]);
    expect(push(decoder, "data: late\n\n")).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });

  it("ignores a frame that is too large when the answer was whole before it", () => {
    const decoder = new SseDecoder(new Echo(), 20);
    expect(push(decoder, `data: end\n\ndata: ${"x".repeat(40)}`)).toEqual([text("bye"), END]);
  });
});

describe("an end", () => {
  it("is told once, and not by a stream that is over", () => {
    const decoder = new SseDecoder(new Echo());
    expect(decoder.end()).toEqual([text("closing"), failure("cut")]);
    expect(decoder.end()).toEqual([]);
    expect(push(decoder, "data: end\n\n")).toEqual([]);
  });

  it("is final even where the reader's last word is no terminal event", () => {
    class Silent extends Echo {
      override close(): readonly ChatEvent[] {
        return [];
      }
    }
    const decoder = new SseDecoder(new Silent());
    expect(decoder.end()).toEqual([]);
    expect(push(decoder, "data: late\n\n")).toEqual([]);
  });
});
