/** The Responses API event by event: their order, and their content when an answer breaks. */
import { contextTooLong, cut, errorFrame, healthy, status } from "@headgate/upstream-lab";
import { describe, expect, it } from "vitest";
import { errorOf, responsesBench, user, weather } from "./support/responses.ts";
import { expectConsistent, expectResponse, type WireEvent } from "./support/responses-schema.ts";

const bench = responsesBench();
const { post, sent, stream } = bench;

const typesOf = (read: readonly WireEvent[]): string[] =>
  read.map(({ type }) => type.replace("response.", ""));

describe("events", () => {
  it("of a text are in order, each in one block", async () => {
    bench.lab.behave("up-alpha", healthy({ text: ["Hi", " there"] }));
    const read = await stream({});
    expectConsistent(read);
    expect(typesOf(read)).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "completed",
    ]);
  });

  it("of reasoning contain it as it is, or as a summary on request", async () => {
    bench.lab.behave("up-alpha", healthy({ reasoning: ["Let ", "me"], text: ["Hi"] }));
    const raw = await stream({});
    expectConsistent(raw);
    expect(typesOf(raw).slice(2, 9)).toEqual([
      "output_item.added",
      "content_part.added",
      "reasoning_text.delta",
      "reasoning_text.delta",
      "reasoning_text.done",
      "content_part.done",
      "output_item.done",
    ]);
    const summed = await stream({ reasoning: { effort: "low", summary: "auto" } });
    expectConsistent(summed);
    expect(typesOf(summed).slice(2, 9)).toEqual([
      "output_item.added",
      "reasoning_summary_part.added",
      "reasoning_summary_text.delta",
      "reasoning_summary_text.delta",
      "reasoning_summary_text.done",
      "reasoning_summary_part.done",
      "output_item.done",
    ]);
    expect(sent().reasoning_effort).toBe("low");
  });

  it("of a source are within their text, which repeats them", async () => {
    const citations = [{ start: 3, end: 8, url: "https://a.example/", title: "A" }];
    bench.lab.behave("up-alpha", healthy({ text: ["Hi ", "there", "!"], citations }));
    const read = await stream({});
    expectConsistent(read);
    const annotation = {
      type: "url_citation",
      url: "https://a.example/",
      title: "A",
      start_index: 3,
      end_index: 8,
    };
    expect(typesOf(read).slice(7, 9)).toEqual(["output_text.annotation.added", "output_text.done"]);
    expect(read[7]).toMatchObject({ output_index: 0, content_index: 0, annotation_index: 0, annotation });
    expect(read.at(-1)).toMatchObject({
      response: { output: [{ content: [{ text: "Hi there!", annotations: [annotation] }] }] },
    });
    const whole = (await (await post({ input: "x" })).json()) as Record<string, unknown>;
    expectResponse(whole);
    expect(whole).toMatchObject({ output: [{ content: [{ annotations: [annotation] }] }] });
    // They may be sent back with the conversation.
    expect((await post({ input: [...(whole.output as []), ...user("And now?")] })).status).toBe(200);
  });

  it("of several calls carry their arguments as they come", async () => {
    bench.lab.behave(
      "up-alpha",
      healthy({
        toolCalls: [
          { name: "get_weather", arguments: ['{"city":', '"Graz"}'] },
          { name: "get_weather", arguments: ['{"city":"Linz"}'] },
        ],
      }),
    );
    const read = await stream({ tools: [weather] });
    expectConsistent(read);
    const deltas = read.filter(({ type }) => type === "response.function_call_arguments.delta");
    expect(deltas.map(({ output_index, delta }) => [output_index, delta])).toEqual([
      [0, '{"city":'],
      [0, '"Graz"}'],
      [1, '{"city":"Linz"}'],
    ]);
    const done = read.filter(({ type }) => type === "response.output_item.done");
    expect(done.map(({ item }) => (item as { arguments: string }).arguments)).toEqual([
      '{"city":"Graz"}',
      '{"city":"Linz"}',
    ]);
  });

  it.each([
    ["length", "max_output_tokens"],
    ["content_filter", "content_filter"],
  ])("of an answer that ended by %s close it as incomplete", async (finish, reason) => {
    bench.lab.behave("up-alpha", healthy({ text: ["Once upon"], finish }));
    const read = await stream({ max_output_tokens: 2 });
    expectConsistent(read);
    expect(read.at(-1)).toMatchObject({
      type: "response.incomplete",
      response: { status: "incomplete", incomplete_details: { reason }, completed_at: null },
    });
    expect(sent().max_tokens).toBe(2);
    const whole = (await (await post({ input: "x" })).json()) as Record<string, unknown>;
    expectResponse(whole);
    expect(whole.incomplete_details).toEqual({ reason });
  });

  it("end with usage, with cached and reasoning tokens separate", async () => {
    const tokens = { inputTokens: 90, outputTokens: 20, cachedInputTokens: 64, reasoningTokens: 12 };
    bench.lab.behave("up-alpha", healthy({ text: ["x"], tokens }));
    const read = await stream({});
    expect(read.at(-1)).toMatchObject({
      response: {
        usage: {
          input_tokens: 90,
          input_tokens_details: { cached_tokens: 64 },
          output_tokens: 20,
          output_tokens_details: { reasoning_tokens: 12 },
          total_tokens: 110,
        },
      },
    });
  });

  it("of a call on Ollama's wire have an id that is new in the conversation", async () => {
    const call = { type: "function_call", call_id: "call_0", name: "get_weather", arguments: "{}" };
    const output = { type: "function_call_output", call_id: "call_0", output: "fog" };
    const input = [{ role: "user", content: "Weather?" }, call, output, { role: "user", content: "Again" }];
    const read = await stream({ model: "local", input, tools: [weather] });
    expectConsistent(read);
    const [done] = read.filter(({ type }) => type === "response.output_item.done");
    expect(done?.item).toMatchObject({ call_id: expect.stringMatching(/^call_2026[0-9]{10}_0$/) });
  });
});

describe("a stream that breaks", () => {
  it.each([
    ["with the connection", cut({ after: 2 }), "server_error"],
    ["by an error frame", errorFrame({ after: 2 }), "server_error"],
    ["by a limit", errorFrame({ after: 2, code: 429, message: "Rate limit reached" }), "rate_limit_exceeded"],
    [
      "on its window",
      errorFrame({ after: 2, code: 400, message: "This model's maximum context length is 8192 tokens." }),
      "context_length_exceeded",
    ],
  ])("%s ends with the nested error and then response.failed", async (_, behaviour, code) => {
    bench.lab.behave("up-alpha", behaviour);
    const read = await stream({});
    const [error, failed] = read.slice(-2);
    const { message } = (error?.error ?? {}) as { message?: string };
    expect(message).toMatch(/broke off in mid-stream/);
    expect(error).toMatchObject({ type: "error", error: { type: "upstream_error" } });
    expect(failed).toMatchObject({
      type: "response.failed",
      response: {
        status: "failed",
        error: { code, message },
        output: [{ type: "message", status: "incomplete" }],
      },
    });
  });
});

describe("before the first event", () => {
  it("a prompt that is too long is context_length_exceeded", async () => {
    bench.lab.behave("up-alpha", contextTooLong());
    for (const fields of [{ stream: true }, { stream: false }]) {
      const response = await post({ input: "x", ...fields });
      expect(response.status).toBe(400);
      expect((await errorOf(response)).code).toBe("context_length_exceeded");
    }
  });

  it("a limit has both retry headers, and the client may retry after one attempt", async () => {
    bench.lab.behave("up-alpha", status(429, { retryAfterS: 20 }));
    const response = await post({ input: "x", stream: true });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("20");
    expect(response.headers.get("retry-after-ms")).toBe("20000");
    expect(response.headers.get("x-should-retry")).toBeNull();
  });

  it.each<[string, Record<string, unknown>]>([
    ["vision", { input: user([{ type: "input_image", image_url: "https://example.com/a.png" }]) }],
    ["audio-input", { input: user([{ type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }]) }],
    ["tools", { input: "x", tools: [weather] }],
    ["json", { input: "x", text: { format: { type: "json_schema", name: "n", schema: {} } } }],
  ])("a need for %s that no model meets is refused by name", async (need, body) => {
    const response = await post({ model: "plain", ...body });
    expect(response.status).toBe(422);
    expect((await errorOf(response)).message).toContain(need);
    expect(bench.lab.requests).toHaveLength(0);
    expect((await post(body)).status).toBe(200);
  });

  it("a field that a model's wire lacks is refused under the client's own name for it", async () => {
    const image = {
      role: "user",
      content: [{ type: "input_image", image_url: "https://example.com/a.png" }],
    };
    const picture = await post({ model: "local", instructions: "Look.", input: ["x", image].slice(1) });
    expect(await errorOf(picture)).toMatchObject({ param: "input[0].content[0]" });
    const effort = await post({ model: "local", input: "x", reasoning: { effort: "lots" } });
    expect(await errorOf(effort)).toMatchObject({ param: "reasoning.effort" });
  });

  it("an image in a tool's output reaches a chat model in a user's message behind the result", async () => {
    const output = [{ type: "input_image", image_url: "data:image/png;base64,AAAA" }];
    const shown = await post({
      input: [
        { role: "user", content: "Show me" },
        { type: "function_call", call_id: "c", name: "show", arguments: "{}" },
        { type: "function_call_output", call_id: "c", output },
      ],
    });
    expect(shown.status).toBe(200);
    const sent = bench.lab.requests.at(-1)?.body as { messages: { role: string; content: unknown }[] };
    expect(sent.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user"]);
    expect(sent.messages.at(-1)?.content).toEqual([
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    ]);
  });
});
