import { Agent } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silence, stall } from "./behaviours/connection.ts";
import { endless, healthy, withHeaders } from "./behaviours/healthy.ts";
import { status } from "./behaviours/status.ts";
import { type Lab, startLab } from "./lab.ts";
import { call, chat, deltaOf, events, get, json, shown } from "./probe.ts";
import { behaviour } from "./step.ts";

let lab: Lab;
beforeEach(async () => {
  lab = await startLab({ models: ["listed"] });
});
afterEach(() => lab.close());

describe("the lab", () => {
  it("serves healthy models by default, each model by its own behaviour", async () => {
    lab.behave("ill", status(503));
    expect((await call(lab.url, { body: chat({ model: "ill" }) })).status).toBe(503);
    expect((await call(lab.url, { body: chat({ model: "other" }) })).status).toBe(200);
  });

  it("runs a script one behaviour per request and repeats the last", async () => {
    lab.script("m", [status(429), status(500), healthy()]);
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await call(lab.url)).status);
    expect(statuses).toEqual([429, 500, 200, 200]);
  });

  it("uses * for every model without a behaviour of its own", async () => {
    lab.behave("*", status(418));
    lab.behave("m", healthy());
    expect((await call(lab.url)).status).toBe(200);
    expect((await call(lab.url, { body: chat({ model: "other" }) })).status).toBe(418);
  });

  it("records requests: headers, body, raw bytes, times and bytes written", async () => {
    const seen = await call(lab.url, { headers: { authorization: "Bearer test-key" } });
    await lab.idle();
    const [record] = lab.requests;
    expect(record).toMatchObject({
      seq: 1,
      method: "POST",
      path: "/v1/chat/completions",
      model: "m",
      stream: false,
      behaviour: "healthy",
      status: 200,
      outcome: "finished",
      abortedAtMs: undefined,
    });
    expect(record?.headers.authorization).toBe("Bearer test-key");
    expect(record?.body).toEqual(chat());
    expect(record?.rawBody.toString()).toBe(JSON.stringify(chat()));
    expect(record?.bytesWritten).toBe(seen.text.length);
    expect(record?.finishedAtMs).toBeGreaterThanOrEqual(record?.startedAtMs ?? Number.NaN);
  });

  it("numbers connections, so that a test can observe reuse", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await call(lab.url, { agent });
    await call(lab.url, { agent });
    await call(lab.url);
    expect(lab.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
    expect(lab.connections).toBeGreaterThanOrEqual(1);
    agent.destroy();
  });

  it("records when the client left, in silence and in mid-stream", async () => {
    lab.behave("quiet", silence());
    const leaving = new AbortController();
    const quiet = call(lab.url, { body: chat({ model: "quiet" }), signal: leaving.signal });
    await lab.received("quiet");
    const before = performance.timeOrigin + performance.now();
    leaving.abort();
    await expect(quiet).rejects.toThrow("ABORT_ERR");
    expect(await lab.aborted("quiet")).toBeGreaterThanOrEqual(before);

    lab.behave("long", endless());
    const body = chat({ model: "long", stream: true });
    const long = call(lab.url, { body, onChunk: (_, leave) => leave() });
    await lab.aborted("long");
    await lab.idle();
    expect((await long).end).toBe("ECONNRESET");
    expect(lab.requests.map(({ outcome }) => outcome)).toEqual(["aborted", "aborted"]);
    expect(lab.requests[1]?.finishedAtMs).toBeUndefined();
  });

  it("ends a pause when the client leaves", async () => {
    lab.behave("m", healthy({ everyMs: 3_600_000 }));
    const leaving = new AbortController();
    const seen = call(lab.url, { signal: leaving.signal });
    const gone = seen.then(
      (answer) => answer.end,
      (error: Error) => error.message,
    );
    await lab.received("m");
    leaving.abort();
    await lab.idle();
    expect(await gone).toMatch(/ABORT_ERR|ECONNRESET/);
  });

  it("is idle only when no request is in progress", async () => {
    const gate = lab.gate();
    lab.behave("m", stall({ gate }));
    const answer = call(lab.url, { body: chat({ stream: true }) });
    await gate.reached();
    expect(lab.open).toBe(1);
    let idle = false;
    const whenIdle = lab.idle().then(() => {
      idle = true;
    });
    await get(lab.url, "/v1/models");
    expect(idle).toBe(false);
    gate.open();
    await whenIdle;
    expect((await answer).end).toBe("clean");
    expect(lab.open).toBe(0);
  });

  it("stops writing when the client does not read", async () => {
    lab.behave("m", endless({ pieceBytes: 65_536 }));
    const reading = Promise.withResolvers<void>();
    const { request } = await import("node:http");
    const sent = request(`${lab.url}/v1/chat/completions`, { method: "POST" }, (answer) => {
      answer.pause();
      reading.resolve();
    });
    sent.on("error", () => undefined);
    sent.end(JSON.stringify(chat({ stream: true })));
    await reading.promise;
    const record = await lab.received("m");
    // Unchanged over 200 turns of the event loop: the socket's buffers are full.
    let still = 0;
    for (let last = -1; still < 200; last = record.bytesWritten) {
      still = record.bytesWritten === last ? still + 1 : 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(record.bytesWritten).toBeLessThan(64 * 1024 * 1024);
    sent.destroy();
    await lab.aborted("m");
  });

  it("lists its models in both dialects, and lets a listing misbehave by its path", async () => {
    lab.behave("set", healthy());
    expect(json(await get(lab.url, "/v1/models")).data).toMatchObject([
      { id: "listed", object: "model" },
      { id: "set" },
    ]);
    expect(json(await get(lab.url, "/api/tags")).models).toMatchObject([{ name: "listed" }, { name: "set" }]);
    lab.behave("/v1/models", status(500));
    expect((await get(lab.url, "/v1/models")).status).toBe(500);
    expect(json(await get(lab.url, "/api/tags")).models).toHaveLength(2);
    expect((await get(lab.url, "/nothings")).status).toBe(404);
  });

  it("answers the same bytes to the same requests in the same order", async () => {
    const again = await startLab();
    const body = chat({ stream: true });
    const [first, second] = [await call(lab.url, { body }), await call(again.url, { body })];
    await again.close();
    expect(second.text).toBe(first.text);
  });

  it("breaks off what is open when it closes, and does not record that as an abort", async () => {
    const short = await startLab();
    short.behave("m", silence());
    const answer = call(short.url);
    answer.catch(() => undefined);
    const record = await short.received("m");
    await short.close();
    await expect(answer).rejects.toThrow("ECONNRESET");
    expect(record.outcome).toBe("cut");
  });

  it("fails its test when a behaviour throws", async () => {
    const broken = await startLab();
    broken.behave(
      "m",
      behaviour("broken", () => {
        throw new Error("a plan with a mistake");
      }),
    );
    await expect(call(broken.url)).rejects.toThrow("ECONNRESET");
    await expect(broken.close()).rejects.toThrow("a plan with a mistake");
  });

  it("deletes everything on reset", async () => {
    lab.behave("m", status(500));
    await call(lab.url);
    await lab.idle();
    lab.reset();
    expect(lab.requests).toHaveLength(0);
    expect((await call(lab.url)).status).toBe(200);
  });
});

describe("a healthy model", () => {
  it("answers whole when no stream is requested", async () => {
    const seen = await call(lab.url);
    expect(seen.headers["content-length"]).toBe(String(seen.text.length));
    expect(json(seen)).toMatchObject({
      id: "chatcmpl-lab-1",
      object: "chat.completion",
      model: "m",
      choices: [{ message: { content: "Hello from m. You said: hi there" }, finish_reason: "stop" }],
      usage: { completion_tokens: 7 },
    });
  });

  it("streams role, content, finish and [DONE]", async () => {
    const seen = await call(lab.url, { body: chat({ stream: true }) });
    const list = events(seen);
    expect(seen.headers["content-type"]).toContain("text/event-stream");
    expect(shown(seen)).toBe("Hello from m. You said: hi there");
    expect(deltaOf(list[0])).toEqual({ role: "assistant", content: "" });
    expect(list.at(-2)).toMatchObject({ choices: [{ finish_reason: "stop" }] });
    expect(list.at(-1)).toBe("[DONE]");
    expect(seen.text).not.toContain("usage");
  });

  it("sends usage last, in a chunk without choices, when requested", async () => {
    const body = chat({ stream: true, stream_options: { include_usage: true } });
    const list = events(await call(lab.url, { body }));
    expect(list.at(-2)).toMatchObject({ choices: [], usage: { completion_tokens: 7 } });
    expect(list.slice(0, -2).every((event) => JSON.stringify(event).includes('"usage":null'))).toBe(true);
  });

  it.each([
    ["always", /"choices":\[\],"usage":{.*\n\ndata: \[DONE\]/],
    ["every-chunk", /"content":"Hello".*"usage":{"prompt/],
    ["on-finish", /"finish_reason":"stop".*"usage":{"prompt/],
    ["x-groq", /"finish_reason":"stop".*"x_groq":{"id":"req_lab_\d+","usage":{/],
  ] as const)("can send usage without a request for it: %s", async (usage, pattern) => {
    lab.behave("m", healthy({ usage }));
    expect((await call(lab.url, { body: chat({ stream: true }) })).text).toMatch(pattern);
  });

  const tools = [
    {
      type: "function",
      function: {
        name: "weather",
        parameters: { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } } },
      },
    },
  ];

  it("calls its tool, whole and streamed, with arguments that fit the schema", async () => {
    const call1 = { type: "function", function: { name: "weather", arguments: '{"city":"lab","days":1}' } };
    expect(json(await call(lab.url, { body: chat({ tools }) }))).toMatchObject({
      choices: [{ message: { content: null, tool_calls: [call1] }, finish_reason: "tool_calls" }],
    });
    const list = events(await call(lab.url, { body: chat({ tools, stream: true }) }));
    const text = JSON.stringify(list.map((event) => deltaOf(event).tool_calls ?? []));
    expect(text).toContain('"id":"call_lab_2_0"');
    const pieces = [...text.matchAll(/"arguments":("(?:[^"\\]|\\.)*")/g)].map((match) =>
      String(JSON.parse(match[1] ?? '""')),
    );
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join("")).toBe('{"city":"lab","days":1}');
  });

  it("answers with text after a tool's result, and when tools are forbidden", async () => {
    const messages = [{ role: "tool", tool_call_id: "call_lab_1_0", content: "sunny" }];
    expect((await call(lab.url, { body: chat({ tools, messages }) })).text).toContain("You said: sunny");
    expect((await call(lab.url, { body: chat({ tools, tool_choice: "none" }) })).text).toContain("You said");
  });

  it("lists the images of the request", async () => {
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAECAw==" } };
    const content = [{ type: "text", text: "what is it" }, image];
    const seen = await call(lab.url, { body: chat({ messages: [{ role: "user", content }] }) });
    expect(seen.text).toContain("what is it I see 1 image(s): image/png of 4 bytes.");
  });

  it("answers JSON in JSON mode, and by a schema", async () => {
    const mode = await call(lab.url, { body: chat({ response_format: { type: "json_object" } }) });
    expect(mode.text).toContain(JSON.stringify('{"model":"m","said":"hi there"}'));
    const schema = { type: "object", properties: { ok: { type: "boolean" }, tags: { type: "array" } } };
    const format = { type: "json_schema", json_schema: { name: "s", schema } };
    const strict = await call(lab.url, { body: chat({ response_format: format }) });
    expect(strict.text).toContain(JSON.stringify('{"ok":true,"tags":[{}]}'));
  });

  it("takes headers from a wrapper, several of one name included", async () => {
    lab.behave("m", withHeaders({ "x-one": "1", "set-cookie": ["a=1", "b=2"] }));
    const { headers } = await call(lab.url);
    expect(headers["x-one"]).toBe("1");
    expect(headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  });
});

describe("a healthy model on Ollama's wire", () => {
  const path = "/api/chat";
  const lines = (text: string): unknown[] =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);

  it("streams lines by default, the last with the counts", async () => {
    const seen = await call(lab.url, { path });
    expect(seen.headers["content-type"]).toBe("application/x-ndjson");
    const list = lines(seen.text);
    expect(list[0]).toMatchObject({ model: "m", message: { content: "Hello" }, done: false });
    expect(list.at(-1)).toMatchObject({ done: true, done_reason: "stop", eval_count: 7 });
  });

  it("answers whole with stream: false", async () => {
    const seen = await call(lab.url, { path, body: chat({ stream: false }) });
    expect(json(seen)).toMatchObject({
      done: true,
      message: { content: "Hello from m. You said: hi there" },
    });
  });

  it("calls tools with arguments as an object, thinks, sees images and fits a format", async () => {
    const parameters = { type: "object", properties: { city: { enum: ["Oslo"] } } };
    const tools = [{ type: "function", function: { name: "weather", parameters } }];
    expect(lines((await call(lab.url, { path, body: chat({ tools }) })).text)[0]).toMatchObject({
      message: { tool_calls: [{ function: { name: "weather", arguments: { city: "Oslo" } } }] },
    });
    const messages = [{ role: "user", content: "look", images: ["AAEC"] }];
    const image = await call(lab.url, { path, body: chat({ messages, stream: false }) });
    expect(image.text).toContain("image of 3 bytes");
    const format = { type: "object", properties: { n: { type: "integer", minimum: 5 } } };
    const fitted = await call(lab.url, { path, body: chat({ format, stream: false }) });
    expect(json(fitted)).toMatchObject({ message: { content: '{"n":5}' } });
    lab.behave("m", healthy({ reasoning: ["hm"], text: ["so"] }));
    expect(lines((await call(lab.url, { path })).text)[0]).toMatchObject({ message: { thinking: "hm" } });
  });
});
