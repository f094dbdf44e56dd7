/** A client of the Responses API in front of an upstream of the same API: a request that stores nothing passes through. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Lab, startLab } from "@headgate/upstream-lab";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";
import { errorOf } from "./support/responses.ts";
import { withoutLastComment } from "./support/stream.ts";

let lab: Lab;
let gateway: TestGateway;
let sent: { path: string; body: string }[];
let reply: (response: ServerResponse) => void;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    sent.push({ path: request.url ?? "", body: Buffer.concat(chunks).toString() });
    reply(response);
  });
});

beforeAll(async () => {
  lab = await startLab();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
});
afterAll(async () => {
  await lab.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});
beforeEach(async () => {
  sent = [];
  const { port } = server.address() as AddressInfo;
  gateway = await startGateway([
    {
      id: "native",
      baseUrl: `http://127.0.0.1:${port}/v1`,
      dialect: { responsesPath: "/responses" },
      models: [{ alias: "own", upstream: "gpt-own", chain: ["other"] }],
    },
    { id: "other", baseUrl: lab.baseUrl, models: [{ alias: "other", upstream: "up-other" }] },
  ]);
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const reasoning = { id: "rs_1", type: "reasoning", summary: [], encrypted_content: "gAAAAABo-theirs" };
const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "Hi", annotations: [] }],
};
const whole = {
  id: "resp_theirs",
  object: "response",
  status: "completed",
  output: [reasoning, message],
  usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
  future_field: [1],
};
const opening =
  event("response.created", {
    sequence_number: 0,
    response: { ...whole, status: "in_progress", output: [] },
  }) + event("response.future.progress", { sequence_number: 1 });
const delta = event("response.output_text.delta", {
  sequence_number: 2,
  item_id: "msg_1",
  output_index: 1,
  content_index: 0,
  delta: "Hi",
  obfuscation: "q",
});
const ending = event("response.completed", { sequence_number: 3, response: whole });
const streams = (text: string) => (response: ServerResponse) => {
  response.writeHead(200, { "content-type": "text/event-stream" }).end(text);
};
const answers =
  (value: unknown, status = 200) =>
  (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
const post = (body: string | object) =>
  gateway.fetch("/v1/responses", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify({ model: "own", store: false, ...body }),
  });

it("passes a request except for its model, and an answer whole or streamed, byte for byte", async () => {
  const raw = `{ "model":"own", "store":false, "stream":true, "include":["reasoning.encrypted_content"],
    "tools":[{"type":"web_search"}], "future":{"n":1.50},
    "input":[${JSON.stringify(reasoning)}, {"type":"future_item"}, {"role":"user","content":"Hi"}] }`;
  reply = streams(opening + delta + ending);
  const streamed = await post(raw);
  expect(streamed.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(streamed.headers.has("x-headgate-dropped-params")).toBe(false);
  expect(withoutLastComment(await streamed.text())).toBe(opening + delta + ending);
  expect(sent).toEqual([{ path: "/v1/responses", body: raw.replace('"own"', '"gpt-own"') }]);
  reply = answers(whole);
  expect(await (await post(raw.replace('"stream":true', '"stream":false'))).text()).toBe(
    JSON.stringify(whole),
  );
});

it("the SDK reads the stream as its own", async () => {
  reply = streams(opening + delta + ending);
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
  const types: string[] = [];
  const stream = await client.responses.create({ model: "own", input: "Hi", store: false, stream: true });
  for await (const { type } of stream) types.push(type);
  expect(types).toEqual([
    "response.created",
    "response.future.progress",
    "response.output_text.delta",
    "response.completed",
  ]);
});

it.each<[string, (response: ServerResponse) => void]>([
  ["a refusal", answers({ error: { message: "down" } }, 503)],
  ["a response that failed", answers({ ...whole, status: "failed", error: { message: "no" } })],
])("falls back to another wire, unseen by the client, after %s", async (_, fails) => {
  reply = fails;
  const response = await post({ input: [reasoning, { role: "user", content: "Hi" }] });
  expect(response.headers.get("x-routed-via")).toBe("other/up-other");
  expect(await response.json()).toMatchObject({ object: "response", status: "completed" });
  // OpenAI's seals have no meaning there.
  expect(lab.requests.at(-1)?.rawBody.toString()).not.toContain("theirs");
});

it("falls back before the first content, and ends in an error after it", async () => {
  const failed = event("response.failed", {
    response: { error: { code: "server_error", message: "Überlast" } },
  });
  reply = streams(`${opening.split("\n\n")[0]}\n\n${failed}`);
  const unseen = await post({ input: "Hi", stream: true });
  expect(unseen.headers.get("x-routed-via")).toBe("other/up-other");
  expect(await unseen.text()).toMatch(/event: response\.completed\n/);
  reply = streams(opening + delta);
  const broken = await (await post({ input: "Hi", stream: true })).text();
  expect(broken.startsWith(opening + delta)).toBe(true);
  const tail = broken.slice((opening + delta).length);
  expect([...tail.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).toEqual(["error", "response.failed"]);
  expect(tail).toContain("broke off in mid-stream");
});

it("stores responses in the gateway, under ids that work with every provider", async () => {
  reply = answers(whole);
  const stored = (await (await post({ input: "Hi", store: true })).json()) as { id: string };
  expect(sent.map(({ path }) => path)).toEqual(["/v1/chat/completions"]);
  expect(stored.id).not.toBe(whole.id);
  sent = [];
  const sealed = { type: "reasoning", summary: [], encrypted_content: "headgate.1.e30" };
  for (const body of [
    { input: "x", previous_response_id: stored.id },
    { input: [sealed, { role: "user", content: "x" }] },
    { input: "x", store: undefined },
  ]) {
    await post(body);
    expect(sent.at(-1)?.path).toBe("/v1/chat/completions");
  }
});

it("names features of this API alone when no candidate supports it", async () => {
  const response = await gateway.fetch("/v1/responses", {
    method: "POST",
    body: JSON.stringify({ model: "other", store: false, input: "x", tools: [{ type: "web_search" }] }),
  });
  expect(response.status).toBe(400);
  expect(await errorOf(response)).toMatchObject({ param: "tools[0]", code: "web_search_unavailable" });
  expect(lab.requests).toHaveLength(0);
});
