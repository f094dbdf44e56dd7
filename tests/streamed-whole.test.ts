/** Servers that stream whether they are asked to or not: a client that asked for a whole answer gets one. */
import { byteOrderMark, cleanTruncation, type Lab, startLab, streamForJson } from "@headgate/upstream-lab";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
  gateway = await startGateway([
    { id: "first", baseUrl: lab.baseUrl, models: [{ alias: "plain", upstream: "up" }] },
    {
      id: "claude",
      adapter: "anthropic",
      baseUrl: lab.url,
      auth: { scheme: "header", header: "x-api-key" },
      models: [{ alias: "claude", upstream: "up" }],
    },
    {
      id: "google",
      adapter: "gemini",
      baseUrl: `${lab.url}/v1beta`,
      auth: { scheme: "header", header: "x-goog-api-key" },
      models: [{ alias: "flash", upstream: "up" }],
    },
  ]);
});
afterAll(async () => {
  await gateway.close();
  await lab.close();
});
beforeEach(() => {
  gateway.clock.nowMs += 86_400_000;
  lab.reset();
});

const ask = (path: string, body: object): Promise<Response> =>
  gateway.fetch(path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "anthropic-version": "2023-06-01" },
  });
const messages = [{ role: "user", content: "Hi" }];

it.each(["plain", "claude", "flash"])("%s, in each client's form", async (model) => {
  lab.behave("*", streamForJson());
  const chat = (await (await ask("/v1/chat/completions", { model, messages })).json()) as {
    choices: { message: { content: string }; finish_reason: string }[];
  };
  expect(chat.choices[0]).toMatchObject({ message: { role: "assistant" }, finish_reason: "stop" });
  const text = chat.choices[0]?.message.content ?? "";
  expect(text.length).toBeGreaterThan(3);
  const message = await (await ask("/v1/messages", { model, messages, max_tokens: 99 })).json();
  expect(message).toMatchObject({
    type: "message",
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
  });
  const response = await (await ask("/v1/responses", { model, input: "Hi" })).json();
  expect(response).toMatchObject({ status: "completed", output: [{ content: [{ text }] }] });
});

it("also where a byte order mark comes first", async () => {
  lab.behave("*", byteOrderMark(streamForJson()));
  const response = await ask("/v1/chat/completions", { model: "plain", messages });
  expect(await response.json()).toMatchObject({ choices: [{ finish_reason: "stop" }] });
});

it("fails where the stream is cut, and no half of it is an answer", async () => {
  const cutStream = cleanTruncation({ after: 2 });
  lab.behave("*", { ...cutStream, plan: (request) => cutStream.plan({ ...request, stream: true }) });
  const response = await ask("/v1/chat/completions", { model: "plain", messages });
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain("choices");
});
