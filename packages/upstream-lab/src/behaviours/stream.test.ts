import { afterAll, describe, expect, it } from "vitest";
import { startLab } from "../lab.ts";
import { bytesOnTheWire, call, chat, choiceOf, events, shown } from "../probe.ts";
import type { Behaviour } from "../step.ts";
import { ollamaCut, ollamaErrorLine } from "./ollama.ts";
import {
  cleanTruncation,
  doneWithoutFinish,
  emptyAnswer,
  errorFrame,
  finishWithoutDone,
  keepAliveComments,
  malformedFrame,
  twoDones,
} from "./stream.ts";

const lab = await startLab();
afterAll(() => lab.close());

const STREAM = chat({ stream: true });
const send = async (behaviour: Behaviour, path = "/v1/chat/completions") => {
  lab.behave("m", behaviour);
  const seen = await call(lab.url, { path, body: STREAM });
  expect([seen.status, seen.end]).toEqual([200, "clean"]);
  return seen;
};

describe("endings", () => {
  it("cleanTruncation ends HTTP properly with neither finish reason nor [DONE]", async () => {
    const seen = await send(cleanTruncation({ after: 2 }));
    expect(shown(seen)).toBe("Hello from");
    expect(seen.text).not.toMatch(/"finish_reason":"|\[DONE\]/);
    const wire = await bytesOnTheWire(Number(new URL(lab.url).port), STREAM);
    expect(wire.endsWith("\r\n0\r\n\r\n")).toBe(true);
  });

  it("finishWithoutDone has a finish reason and no [DONE]", async () => {
    const seen = await send(finishWithoutDone());
    expect(choiceOf(events(seen).at(-1)).finish_reason).toBe("stop");
    expect(seen.text).not.toContain("[DONE]");
  });

  it("doneWithoutFinish has [DONE] and no finish reason", async () => {
    const seen = await send(doneWithoutFinish());
    expect(seen.text).not.toContain('"finish_reason":"');
    expect(events(seen).at(-1)).toBe("[DONE]");
  });

  it("twoDones sends [DONE] twice", async () => {
    const seen = await send(twoDones());
    expect(shown(seen)).toBe("Hello from m. You said: hi there");
    expect(events(seen).slice(-2)).toEqual(["[DONE]", "[DONE]"]);
  });

  it("emptyAnswer is whole and has no content", async () => {
    const seen = await send(emptyAnswer());
    expect(shown(seen)).toBe("");
    expect(choiceOf(events(seen).at(-2)).finish_reason).toBe("stop");
  });
});

describe("frames that are no chunks", () => {
  it("malformedFrame has one frame of broken JSON among good ones", async () => {
    const { text } = await send(malformedFrame({ after: 1 }));
    const broken = text.split("\n\n").filter((frame) => {
      const data = frame.slice("data: ".length);
      if (data === "" || data === "[DONE]") return false;
      try {
        JSON.parse(data);
        return false;
      } catch {
        return true;
      }
    });
    expect(broken).toHaveLength(1);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it.each([
    [
      "openrouter",
      /^data: {.*"finish_reason":"error".*"error":{"code":502,"message":"Provider returned error"}}\n\n$/,
    ],
    [
      "openai",
      /^data: {"error":{"message":"Provider returned error","type":"server_error","param":null,"code":502}}\n\n$/,
    ],
    ["vllm", /^data: {"object":"error","message":"Provider returned error".*\n\n$/],
    ["event", /^event: error\ndata: {"error":{"message".*\n\n$/],
    ["anthropic", /^event: error\ndata: {"type":"error","error":{"type":"overloaded_error".*\n\n$/],
  ] as const)("errorFrame as the first frame, shaped as %s", async (form, pattern) => {
    expect((await send(errorFrame({ after: 0, form }))).text).toMatch(pattern);
  });

  it("errorFrame after content keeps the content, and can add a [DONE]", async () => {
    const seen = await send(
      errorFrame({ after: 2, form: "openai", code: 429, message: "slow down", done: true }),
    );
    expect(shown(seen)).toBe("Hello from");
    expect(events(seen).slice(-2)).toEqual([
      { error: { message: "slow down", type: "server_error", param: null, code: 429 } },
      "[DONE]",
    ]);
  });

  it("keepAliveComments come before the first frame and between all others", async () => {
    const seen = await send(keepAliveComments({ count: 3 }));
    expect(seen.text.startsWith(": OPENROUTER PROCESSING\n\n".repeat(3))).toBe(true);
    expect(seen.text.match(/^: OPENROUTER/gm)).toHaveLength(3 * events(seen).length);
    expect(shown(seen)).toBe("Hello from m. You said: hi there");
  });
});

describe("on Ollama's wire", () => {
  it("an error is a line of its own, first or after content", async () => {
    expect((await send(errorFrame({ after: 0, message: "no" }), "/api/chat")).text).toBe('{"error":"no"}\n');
    const lines = (await send(ollamaErrorLine({ after: 2 }), "/api/chat")).text.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[2]).toContain('{"error":"an error was encountered while running the model');
  });

  it("ollamaCut ends cleanly without a line that has done", async () => {
    const seen = await send(ollamaCut({ after: 2 }), "/api/chat");
    expect(seen.text.trimEnd().split("\n")).toHaveLength(2);
    expect(seen.text).not.toContain('"done":true');
  });

  it("malformedFrame is a line of broken JSON", async () => {
    const lines = (await send(malformedFrame({ after: 0 }), "/api/chat")).text.split("\n");
    expect(() => JSON.parse(lines[0] ?? "") as unknown).toThrow();
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ done: false });
  });
});
