import { Agent } from "node:http";
import { afterAll, describe, expect, it } from "vitest";
import { startLab } from "../lab.ts";
import { bytesOnTheWire, call, chat, collector, json, shown } from "../probe.ts";
import type { Behaviour } from "../step.ts";
import {
  closeBeforeHeaders,
  closeOnReuse,
  cut,
  dribble,
  resetBeforeHeaders,
  silence,
  slowFirstToken,
  stall,
  truncatedBody,
} from "./connection.ts";

const lab = await startLab();
afterAll(() => lab.close());
const port = Number(new URL(lab.url).port);

const STREAM = chat({ stream: true });
const send = (behaviour: Behaviour, options: Parameters<typeof call>[1] = { body: STREAM }) => {
  lab.behave("m", behaviour);
  return call(lab.url, options);
};

describe("before any answer", () => {
  it("resetBeforeHeaders ends in RST, closeBeforeHeaders in FIN, both without a byte", async () => {
    lab.behave("m", resetBeforeHeaders());
    expect(await bytesOnTheWire(port)).toBe("[ECONNRESET]");
    lab.behave("m", closeBeforeHeaders());
    expect(await bytesOnTheWire(port)).toBe("");
    await expect(send(closeBeforeHeaders())).rejects.toThrow("ECONNRESET");
  });

  it("closeOnReuse answers on a fresh connection and closes a reused one", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const behaviour = closeOnReuse();
    expect((await send(behaviour, { agent })).status).toBe(200);
    await expect(send(behaviour, { agent })).rejects.toThrow("ECONNRESET");
    expect((await send(behaviour, { agent })).status).toBe(200);
    agent.destroy();
  });

  it("silence sends nothing until its gate opens", async () => {
    const gate = lab.gate();
    const answer = send(silence({ gate }));
    await gate.reached();
    const [record] = lab.requests.slice(-1);
    expect([record?.status, record?.bytesWritten]).toEqual([undefined, 0]);
    gate.open();
    expect((await answer).status).toBe(200);
  });
});

describe("waiting inside an answer", () => {
  it.each([
    [false, 0],
    [true, 1],
  ])(
    "slowFirstToken sends headers, with roleFirst %s then %i chunks, and waits",
    async (roleFirst, count) => {
      const gate = lab.gate();
      const { onChunk, upTo } = collector();
      const answer = send(slowFirstToken({ gate, roleFirst }), { body: STREAM, onChunk });
      await gate.reached();
      const record = lab.requests.at(-1);
      expect(record?.status).toBe(200);
      const got = (await upTo(record?.bytesWritten ?? Number.NaN)).toString();
      expect(got.match(/"role":"assistant"/g) ?? []).toHaveLength(count);
      expect(got.split("\n\n")).toHaveLength(count + 1);
      gate.open();
      expect(shown(await answer)).toBe("Hello from m. You said: hi there");
    },
  );

  it("stall stops after a number of pieces and continues from there", async () => {
    const gate = lab.gate();
    const answer = send(stall({ after: 2, gate }));
    await gate.reached();
    const sofar = lab.requests.at(-1)?.bytesWritten ?? 0;
    gate.open();
    const seen = await answer;
    expect(seen.text.slice(0, sofar).match(/"content":/g)).toHaveLength(3);
    expect(shown(seen)).toBe("Hello from m. You said: hi there");
  });

  it("stall of a whole answer stops in the middle of the JSON", async () => {
    const gate = lab.gate();
    const answer = send(stall({ gate }), {});
    await gate.reached();
    const sofar = lab.requests.at(-1)?.bytesWritten ?? 0;
    gate.open();
    const seen = await answer;
    expect(sofar).toBe(Math.ceil(seen.text.length / 2));
    expect(json(seen).object).toBe("chat.completion");
  });

  it("dribble sends one byte for each pass of its gate", async () => {
    const gate = lab.gate();
    const answer = send(dribble({ gate }));
    await gate.reached();
    gate.pass(3);
    await gate.reached(4);
    expect(lab.requests.at(-1)?.bytesWritten).toBe(3);
    gate.open();
    const seen = await answer;
    expect(seen.chunks.every((chunk) => chunk.length === 1)).toBe(true);
    expect(shown(seen)).toBe("Hello from m. You said: hi there");
  });

  it("dribble by hand waits between bytes", async () => {
    const paused: number[] = [];
    const quick = await startLab({
      pause: (ms) => {
        paused.push(ms);
        return Promise.resolve();
      },
    });
    quick.behave("m", dribble({ everyMs: 7 }));
    const seen = await call(quick.url);
    await quick.close();
    expect(paused).toEqual(new Array(seen.text.length).fill(7));
  });
});

describe("breaking off", () => {
  it.each([false, true])("cut leaves the chunked body without an end (reset: %s)", async (reset) => {
    lab.behave("m", cut({ after: 2, reset }));
    const wire = await bytesOnTheWire(port, STREAM);
    expect(wire.match(/"content":"[^"]/g)).toHaveLength(2);
    expect(wire).not.toContain("\r\n0\r\n\r\n");
    expect(wire.endsWith("[ECONNRESET]")).toBe(reset);
    const seen = await send(cut({ after: 2 }));
    expect([seen.status, seen.end]).toEqual([200, "ECONNRESET"]);
    expect(lab.requests.at(-1)?.outcome).toBe("cut");
  });

  it("cut with after: 0 sends headers and no byte of the body", async () => {
    const seen = await send(cut({ after: 0 }));
    expect([seen.status, seen.text, seen.end]).toEqual([200, "", "ECONNRESET"]);
  });

  it("cut of a whole answer leaves half of its JSON", async () => {
    const seen = await send(cut(), {});
    expect(seen.end).toBe("ECONNRESET");
    expect(seen.headers["transfer-encoding"]).toBe("chunked");
    expect(() => JSON.parse(seen.text) as unknown).toThrow();
  });

  it("truncatedBody announces twice the bytes that it sends", async () => {
    const seen = await send(truncatedBody(), {});
    expect(seen.end).toBe("ECONNRESET");
    expect(Number(seen.headers["content-length"])).toBeGreaterThan(seen.text.length);
    expect(seen.text.length).toBeGreaterThan(0);
  });
});
