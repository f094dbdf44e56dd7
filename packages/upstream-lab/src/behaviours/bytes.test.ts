import { brotliDecompressSync, constants, gunzipSync, inflateSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { startLab } from "../lab.ts";
import { bytesOnTheWire, call, chat, collector, json, shown } from "../probe.ts";
import type { Behaviour } from "../step.ts";
import {
  byteOrderMark,
  closeDelimited,
  compressed,
  crlf,
  noSpaceAfterData,
  oneByteAtATime,
  oneChunk,
  splitUtf8,
  trailingGarbage,
} from "./bytes.ts";
import { healthy } from "./healthy.ts";
import { cleanTruncation } from "./stream.ts";

const lab = await startLab();
afterAll(() => lab.close());
const port = Number(new URL(lab.url).port);

const STREAM = chat({ stream: true });
const TEXT = "Hello from m. You said: hi there";
const send = (behaviour: Behaviour, body = STREAM) => {
  lab.behave("m", behaviour);
  return call(lab.url, { body });
};

describe("awkward bytes", () => {
  it("noSpaceAfterData leaves no space after any colon", async () => {
    const seen = await send(noSpaceAfterData());
    expect(seen.text).not.toContain("data: ");
    expect(shown(seen)).toBe(TEXT);
  });

  it("crlf ends every line in CRLF", async () => {
    const seen = await send(crlf());
    expect(seen.text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(shown(seen)).toBe(TEXT);
  });

  it("crlf can split each CR from its LF", async () => {
    const seen = await send(crlf({ split: true }));
    expect(seen.chunks.some((chunk) => chunk.includes("\r\n"))).toBe(false);
    expect(seen.text).toContain("\r\n\r\n");
  });

  it("byteOrderMark comes once, first", async () => {
    for (const body of [STREAM, chat()]) {
      const bytes = Buffer.concat((await send(byteOrderMark(), body)).chunks);
      expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
      expect(bytes.indexOf("\ufeff", 3)).toBe(-1);
    }
  });

  it("splitUtf8 breaks every multi-byte character", async () => {
    const seen = await send(splitUtf8());
    expect(shown(seen)).toBe("Grüße aus 東京 🌍🚀");
    const bad = seen.chunks.filter((chunk) => chunk.toString("utf8").includes("\ufffd"));
    expect(bad.length).toBeGreaterThan(6);
    for (const chunk of seen.chunks) expect(chunk.toString("utf8")).not.toMatch(/[üß東京🌍🚀]/u);
  });

  it("oneByteAtATime makes a chunk of every byte", async () => {
    const seen = await send(oneByteAtATime());
    expect(seen.chunks.length).toBe(seen.text.length);
    expect(shown(seen)).toBe(TEXT);
  });

  it("oneChunk puts all events into one", async () => {
    const seen = await send(oneChunk());
    expect(seen.chunks).toHaveLength(1);
    expect(shown(seen)).toBe(TEXT);
  });

  it("trailingGarbage follows the answer inside the body, or the message on the connection", async () => {
    expect((await send(trailingGarbage())).text).toMatch(/\[DONE\]\n\n\0\0garbage/);
    lab.behave("m", trailingGarbage({ where: "connection" }));
    const wire = await bytesOnTheWire(port, chat());
    const [head = "", after = ""] = wire.split("\r\n\r\n");
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect(after.slice(length)).toBe("\0\0garbage after the end\n");
    expect(JSON.parse(after.slice(0, length))).toMatchObject({ object: "chat.completion" });
  });
});

describe("compression without a request for it", () => {
  it.each([
    ["gzip", gunzipSync],
    ["br", brotliDecompressSync],
    ["deflate", inflateSync],
  ] as const)("%s, whole", async (encoding, decompress) => {
    const seen = await send(compressed({ encoding }), chat());
    expect(seen.headers["content-encoding"]).toBe(encoding);
    expect(seen.headers["content-length"]).toBeUndefined();
    expect(JSON.parse(decompress(Buffer.concat(seen.chunks)).toString())).toMatchObject({
      object: "chat.completion",
    });
  });

  it.each([
    ["gzip", gunzipSync],
    ["br", brotliDecompressSync],
    ["deflate", inflateSync],
  ] as const)("%s, streamed and flushed frame by frame", async (encoding, decompress) => {
    const seen = await send(compressed({ encoding }));
    expect(seen.chunks.length).toBeGreaterThan(7);
    const text = decompress(Buffer.concat(seen.chunks)).toString();
    expect(shown({ ...seen, text })).toBe(TEXT);
  });

  it("flushes: bytes sent before a gate can be read before it opens", async () => {
    const gate = lab.gate();
    const { stall } = await import("./connection.ts");
    lab.behave("m", compressed({}, stall({ after: 2, gate })));
    const { onChunk, upTo } = collector();
    const answer = call(lab.url, { body: STREAM, onChunk });
    await gate.reached();
    const got = await upTo(lab.requests.at(-1)?.bytesWritten ?? Number.NaN);
    const sofar = gunzipSync(got, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    expect(sofar).toContain('"content":" from"');
    gate.open();
    expect((await answer).end).toBe("clean");
  });

  it("passes the steps of the wrapped behaviour: an error stays an error", async () => {
    const { status } = await import("./status.ts");
    const seen = await send(compressed({}, status(503)), chat());
    expect(seen.status).toBe(503);
    expect(gunzipSync(Buffer.concat(seen.chunks)).toString()).toContain("Service Unavailable");
  });
});

describe("closeDelimited", () => {
  it("has neither length nor chunks and ends with the connection", async () => {
    const seen = await send(closeDelimited(), chat());
    expect(seen.headers).toMatchObject({ connection: "close" });
    expect(seen.headers["content-length"] ?? seen.headers["transfer-encoding"]).toBeUndefined();
    expect(json(seen).object).toBe("chat.completion");
    expect(lab.requests.at(-1)).toMatchObject({ outcome: "finished", bytesWritten: seen.text.length });
  });

  it("makes a truncation look like an end, on the wire too", async () => {
    const seen = await send(closeDelimited(cleanTruncation({ after: 1 })));
    expect([seen.end, shown(seen)]).toEqual(["clean", "Hello"]);
  });

  it("still sends a stream piece by piece, though no framing keeps the pieces apart", async () => {
    expect((await send(closeDelimited())).chunks.length).toBeGreaterThan(4);
  });

  it("wraps another behaviour", async () => {
    expect(shown(await send(closeDelimited(healthy({ text: ["a", "b"] }))))).toBe("ab");
  });
});
