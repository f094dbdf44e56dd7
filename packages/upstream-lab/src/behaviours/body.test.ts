import { afterAll, describe, expect, it } from "vitest";
import { startLab } from "../lab.ts";
import { call, chat, events, json, shown } from "../probe.ts";
import type { Behaviour } from "../step.ts";
import {
  empty200,
  errorIn200,
  html200,
  hugeBody,
  hugeFrame,
  hugeHeaders,
  jsonForStream,
  noChoices,
  streamForJson,
} from "./body.ts";

const lab = await startLab();
afterAll(() => lab.close());

const STREAM = chat({ stream: true });
const send = (behaviour: Behaviour, body = chat(), path = "/v1/chat/completions") => {
  lab.behave("m", behaviour);
  return call(lab.url, { body, path });
};

describe("a 200 that is no answer", () => {
  it.each([
    ["a whole answer", chat()],
    ["a stream", STREAM],
  ])("errorIn200 answers %s with a JSON error", async (_, body) => {
    const seen = await send(errorIn200({ message: "full", code: 503 }), body);
    expect([seen.status, seen.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(json(seen)).toEqual({ error: { message: "full", code: 503 } });
  });

  it("errorIn200 has Ollama's form on its wire", async () => {
    expect(json(await send(errorIn200({ message: "full" }), chat(), "/api/chat"))).toEqual({ error: "full" });
  });

  it("empty200 has no body at all", async () => {
    const seen = await send(empty200());
    expect([seen.status, seen.text, seen.headers["content-length"]]).toEqual([200, "", "0"]);
  });

  it("html200 is a page", async () => {
    const seen = await send(html200(), STREAM);
    expect(seen.headers["content-type"]).toContain("text/html");
    expect(seen.text).toContain("<!doctype html>");
  });

  it("jsonForStream ignores a request for a stream", async () => {
    const seen = await send(jsonForStream(), STREAM);
    expect(seen.headers["content-type"]).toBe("application/json");
    expect(json(seen).object).toBe("chat.completion");
  });

  it("streamForJson streams without a request for it", async () => {
    const seen = await send(streamForJson());
    expect(seen.headers["content-type"]).toContain("text/event-stream");
    expect(events(seen).at(-1)).toBe("[DONE]");
  });

  it("noChoices has an empty list of choices", async () => {
    expect(json(await send(noChoices())).choices).toEqual([]);
  });
});

describe("too much", () => {
  it.each([1000, 200_000])(
    "hugeBody brings %i bytes of content, whole or streamed, and is valid",
    async (bytes) => {
      const whole = json(await send(hugeBody({ bytes })));
      expect(whole).toMatchObject({ choices: [{ message: { content: "x".repeat(bytes) } }] });
      expect(shown(await send(hugeBody({ bytes }), STREAM))).toBe("x".repeat(bytes));
    },
  );

  it("hugeFrame never ends its line", async () => {
    const seen = await send(hugeFrame({ bytes: 100_000 }), STREAM);
    expect(seen.text.length).toBeGreaterThan(100_000);
    expect(seen.text).not.toContain("\n");
  });

  it("hugeHeaders is beyond a client's limit", async () => {
    await expect(send(hugeHeaders())).rejects.toThrow("HPE_HEADER_OVERFLOW");
  });
});
