/** A field that a model does not know, and seals that it did not make, cost one more attempt and no answer. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

const DAY_MS = 86_400_000;
const CHAT_OK = {
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};
const MESSAGE_OK = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude",
  content: [{ type: "text", text: "ok" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
};
const CONTENT_OK = {
  candidates: [{ content: { role: "model", parts: [{ text: "ok" }] }, finishReason: "STOP", index: 0 }],
};

interface Sent {
  readonly path: string;
  readonly json: Record<string, unknown>;
  readonly text: string;
}
let sent: Sent[] = [];
let refuses: (sent: Sent) => string | undefined = () => undefined;
/** Statuses of the next answers, before any refusal. */
let failing: number[] = [];
let server: Server;
let gateway: TestGateway;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const one = { path: request.url ?? "", text, json: JSON.parse(text) };
      sent.push(one);
      const status = failing.shift();
      const message = status === undefined ? refuses(one) : "slow down";
      response.writeHead(status ?? (message === undefined ? 200 : 400), {
        "content-type": "application/json",
      });
      const ok = one.path.includes("/messages")
        ? MESSAGE_OK
        : one.path.includes("generate")
          ? CONTENT_OK
          : CHAT_OK;
      response.end(
        JSON.stringify(message === undefined ? ok : { error: { type: "invalid_request_error", message } }),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  gateway = await startGateway([
    { id: "picky", baseUrl, models: [{ alias: "picky" }, { alias: "other" }] },
    {
      id: "claude",
      adapter: "anthropic",
      baseUrl,
      models: [{ alias: "claude", upstream: "claude-opus-4-8" }],
    },
    { id: "google", adapter: "gemini", baseUrl, models: [{ alias: "google", upstream: "gemini-3.5-flash" }] },
  ]);
});
beforeEach(() => {
  sent = [];
  refuses = () => undefined;
  gateway.clock.nowMs += 2 * DAY_MS;
});
afterAll(async () => {
  await gateway.close();
  await new Promise((closed) => server.close(closed));
});

const ask = async (body: object, path = "/v1/chat/completions") => {
  const response = await gateway.fetch(path, { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, text, dropped: response.headers.get("x-headgate-dropped-params") };
};
const messages = [{ role: "user", content: "hi" }];
const explained = async (model: string) => {
  const response = await gateway.fetch(`/admin/explain?model=${model}`);
  const { candidates } = (await response.json()) as { candidates: { refused_fields: { field: string }[] }[] };
  return candidates.flatMap(({ refused_fields: fields }) => fields.map(({ field }) => field));
};

it("leaves a field out that the model does not know, once more and for a day, and says so", async () => {
  refuses = ({ json }) => (json.foo === undefined ? undefined : "Unknown parameter: 'foo'.");
  const first = await ask({ model: "picky", messages, foo: 1, temperature: 0.5 });
  expect(first).toMatchObject({ status: 200, dropped: "foo" });
  expect(sent.map(({ json }) => [json.foo, json.temperature])).toEqual([
    [1, 0.5],
    [undefined, 0.5],
  ]);
  expect(await explained("picky")).toEqual(["foo"]);
  expect(await explained("other")).toEqual([]);
  expect(gateway.logged.join("\n")).toContain("a model refused a field");

  sent = [];
  expect(await ask({ model: "picky", messages, foo: 1 })).toMatchObject({ status: 200, dropped: "foo" });
  expect(sent).toHaveLength(1);

  sent = [];
  gateway.clock.nowMs += DAY_MS;
  expect(await explained("picky")).toEqual([]);
  await ask({ model: "picky", messages, foo: 1 });
  expect(sent).toHaveLength(2);
});

it("leaves a field out of every message, and keeps long integers", async () => {
  refuses = ({ text }) =>
    text.includes("mood") ? "messages.1.mood: Extra inputs are not permitted" : undefined;
  const text = JSON.stringify({
    model: "picky",
    messages: [...messages, { role: "assistant", content: "a", mood: 1, n: 7 }, ...messages],
  }).replace('"n":7', '"n":2512292042121000001');
  const response = await gateway.fetch("/v1/chat/completions", { method: "POST", body: text });
  expect([response.status, response.headers.get("x-headgate-dropped-params")]).toEqual([
    200,
    "messages.mood",
  ]);
  await response.text();
  expect(sent.at(-1)?.text).toContain("2512292042121000001");
});

it("does so in a second try too", async () => {
  failing = [503];
  refuses = ({ json }) => (json.foo === undefined ? undefined : "Unknown parameter: 'foo'.");
  expect(await ask({ model: "picky", messages, foo: 1 })).toMatchObject({ status: 200, dropped: "foo" });
  expect(sent).toHaveLength(3);
});

it("does so once: another refusal is the client's", async () => {
  refuses = ({ json }) => `Unknown parameter: '${json.foo === undefined ? "bar" : "foo"}'.`;
  expect(await ask({ model: "picky", messages, foo: 1, bar: 2 })).toMatchObject({ status: 400 });
  expect(sent).toHaveLength(2);
});

it("asks no second time for a field that the request does not have, or that matters", async () => {
  refuses = () => "Unknown parameter: 'elsewhere'.";
  expect(await ask({ model: "picky", messages })).toMatchObject({ status: 400 });
  refuses = () => "Unknown parameter: 'response_format'.";
  const format = { response_format: { type: "json_object" } };
  expect(await ask({ model: "picky", messages, ...format })).toMatchObject({ status: 400 });
  expect(sent).toHaveLength(2);
});

it("sends thinking of earlier turns no second time where its signature is refused, and learns nothing", async () => {
  refuses = ({ text }) =>
    text.includes("signature") ? "messages.1.content.0: Invalid `signature` in `thinking` block" : undefined;
  const body = {
    model: "claude",
    max_tokens: 9_000,
    messages: [
      ...messages,
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm.", signature: "another account's" },
          { type: "tool_use", id: "t", name: "f", input: {} },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "9" }] },
    ],
    tools: [{ name: "f", input_schema: { type: "object" } }],
  };
  const first = await ask(body, "/v1/messages");
  expect(first).toMatchObject({ status: 200, dropped: "messages[].reasoning" });
  expect(sent.at(-1)?.json.messages).toMatchObject([{}, { content: [{ type: "tool_use" }] }, {}]);
  expect(await explained("claude")).toEqual([]);
  refuses = () => undefined;
  sent = [];
  await ask(body, "/v1/messages");
  expect(sent[0]?.text).toContain("another account's");
});

it("has stand-ins for signatures that Gemini refuses", async () => {
  refuses = ({ text }) => (text.includes("old") ? "Corrupted thought signature." : undefined);
  const call = { functionCall: { name: "f", args: {} }, thoughtSignature: "old" };
  const contents = [
    { role: "user", parts: [{ text: "hi" }] },
    { role: "model", parts: [{ text: "Hm.", thoughtSignature: "old" }, call] },
    { role: "user", parts: [{ functionResponse: { name: "f", response: {} } }] },
  ];
  const answer = await ask({ contents }, "/v1beta/models/google:generateContent");
  expect(answer.status).toBe(200);
  expect(sent.at(-1)?.json.contents).toMatchObject([
    {},
    { parts: [{ text: "Hm." }, { thoughtSignature: "skip_thought_signature_validator" }] },
    {},
  ]);
});
