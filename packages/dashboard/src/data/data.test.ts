import { describe, expect, it } from "vitest";
import { hashOf, parseHash } from "./location.ts";
import { matches, merged, newcomers } from "./request-list.ts";
import { ChatStream } from "./stream.ts";
import type { RequestRow } from "./types.ts";
import { csvOf, rangeAt } from "./usage.ts";

const row = (uid: string, at: number, more: Partial<RequestRow> = {}): RequestRow => ({
  uid,
  id: uid,
  at,
  client: "master",
  program: null,
  surface: "openai",
  operation: "chat",
  model: "auto",
  served: { provider: "groq", model: "groq-llama" },
  stream: false,
  outcome: "answered",
  status: 200,
  attempts: 1,
  first_token_ms: null,
  duration_ms: 10,
  input_tokens: 1,
  output_tokens: 1,
  counted: "upstream",
  cost_nano_usd: 0,
  error: null,
  ...more,
});

describe("the list of requests", () => {
  it("holds each request once, the one that ended last first, and at most so many", () => {
    const first = [row("b", 20), row("a", 10)];
    const both = merged(first, [row("b", 20), row("c", 15, { duration_ms: 100 })]);
    expect(both.map(({ uid }) => uid)).toEqual(["c", "b", "a"]);
    expect(merged(both, [row("d", 500)], 2).map(({ uid }) => uid)).toEqual(["d", "c"]);
    expect(merged(first, [])).toBe(first);
  });

  it("counts a request that waits once, and not one that is shown", () => {
    const shown = [row("a", 10), row("b", 20)];
    expect(newcomers(shown, [row("b", 20), row("c", 30), row("c", 30, { duration_ms: 12 })])).toBe(1);
    expect(newcomers(shown, [])).toBe(0);
  });

  it("filters live rows by the same fields as the gateway", () => {
    expect(matches(row("a", 1), { provider: "groq", outcome: "answered" })).toBe(true);
    expect(matches(row("a", 1, { served: null }), { provider: "groq" })).toBe(false);
    expect(matches(row("a", 1), { model: "other" })).toBe(false);
    expect(matches(row("a", 1), { client: "ci" })).toBe(false);
  });
});

describe("a streamed answer", () => {
  const frame = (delta: object, more: object = {}) =>
    `data: ${JSON.stringify({ choices: [{ delta, ...more }] })}\r\n\r\n`;
  const text =
    frame({ role: "assistant", content: "" }) +
    frame({ content: "Grüße " }) +
    ": a comment\n\n" +
    frame({ reasoning_content: "hm" }) +
    frame({ tool_calls: [{ index: 0, id: "c1", function: { name: "look", arguments: '{"a"' } }] }) +
    frame({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }) +
    frame({ content: "🙂" }, { finish_reason: "stop" }) +
    'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5}}\n\ndata: [DONE]\n\n';

  it.each([1, 2, 3, 7, 64, 10_000])("is the same in pieces of %i characters", (size) => {
    const stream = new ChatStream();
    const deltas = [];
    for (let at = 0; at < text.length; at += size) deltas.push(...stream.push(text.slice(at, at + size)));
    deltas.push(...stream.end());
    expect(deltas.map(({ content = "" }) => content).join("")).toBe("Grüße 🙂");
    expect(deltas.map(({ reasoning = "" }) => reasoning).join("")).toBe("hm");
    expect(
      deltas
        .flatMap(({ tools = [] }) => tools)
        .map((tool) => tool.arguments)
        .join(""),
    ).toBe('{"a":1}');
    expect(deltas.find(({ usage }) => usage !== undefined)?.usage).toEqual({ input: 3, output: 5 });
    expect(deltas.find(({ finish }) => finish !== undefined)?.finish).toBe("stop");
  });

  it("says that an event is no JSON, and takes an error for one", () => {
    expect(new ChatStream().push("data: {oops\n")).toEqual([{ error: expect.stringContaining("no JSON") }]);
    expect(new ChatStream().push('data: {"error":{"message":"cut"}}\n')).toEqual([{ error: "cut" }]);
  });
});

describe("the address", () => {
  it("carries the page and its filters, there and back", () => {
    const hash = hashOf("requests", { client: "a b&c", open: undefined, model: "x/y" });
    expect(parseHash(hash)).toMatchObject({ page: "requests" });
    expect([...parseHash(hash).query]).toEqual([
      ["client", "a b&c"],
      ["model", "x/y"],
    ]);
    expect(parseHash("").page).toBe("now");
  });
});

describe("a range of usage", () => {
  it("ends at the next edge of its grain, and the range before ends where it begins", () => {
    const now = Date.UTC(2026, 11, 1, 12, 7, 30);
    expect(rangeAt("1h", now)).toEqual({
      sinceMs: Date.UTC(2026, 11, 1, 11, 8),
      untilMs: Date.UTC(2026, 11, 1, 12, 8),
      step: "minute",
    });
    expect(rangeAt("24h", now).untilMs).toBe(Date.UTC(2026, 11, 1, 12, 15));
    expect(rangeAt("7d", now, 1).untilMs).toBe(rangeAt("7d", now).sinceMs);
  });

  it("is a CSV file that a spreadsheet takes no formula from", () => {
    expect(
      csvOf([
        ["a,b", 1, null],
        ['=cmd|"x"', "-1", 'q"q'],
      ]),
    ).toBe('"a,b",1,\r\n"\'=cmd|""x""",\'-1,"q""q"\r\n');
  });
});
