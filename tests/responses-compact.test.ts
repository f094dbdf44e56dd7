/** POST /v1/responses/compact: a shortened conversation, and its continuation. */
import { healthy, status } from "@headgate/upstream-lab";
import OpenAI from "openai";
import type { ResponseInput, ResponseInputItem } from "openai/resources/responses/responses";
import { expect, it } from "vitest";
import { CLIENT_KEY, startGateway } from "./support/gateway.ts";
import { errorOf, responsesBench, user, weather } from "./support/responses.ts";

const bench = responsesBench();
const { post, sent } = bench;
const SUMMARY = "The user is in Graz. The weather there is fine.";

const compact = (body: Record<string, unknown>): Promise<Response> =>
  bench.gateway.fetch("/v1/responses/compact", {
    method: "POST",
    body: JSON.stringify({ model: "alpha", ...body }),
  });
const client = () => new OpenAI({ baseURL: `${bench.gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });

const history: ResponseInput = [
  { role: "developer", content: "Be brief." },
  { role: "user", content: "What is the weather in Graz?" },
  { type: "function_call", call_id: "c1", name: "get_weather", arguments: '{"city":"Graz"}' },
  { type: "function_call_output", call_id: "c1", output: "21 degrees" },
  { role: "assistant", content: "It is fine." },
];

it("returns the user's messages and one compaction item to the official SDK, with usage", async () => {
  const tokens = { inputTokens: 90, outputTokens: 20 };
  bench.lab.behave("up-alpha", healthy({ text: [SUMMARY], tokens }));
  const made = await client().responses.compact({
    model: "alpha",
    input: history,
    instructions: "Never lie.",
  });
  expect(made).toMatchObject({
    id: expect.stringMatching(/^resp_[0-9a-f]{32}$/),
    object: "response.compaction",
    created_at: expect.any(Number),
    usage: { input_tokens: 90, output_tokens: 20, total_tokens: 110 },
    output: [
      { type: "message", role: "user", content: [{ text: "What is the weather in Graz?" }] },
      { type: "compaction", id: expect.stringMatching(/^cmp_/) },
    ],
  });
  expect(made.output).toHaveLength(2);
  expect(JSON.stringify(made)).not.toContain(SUMMARY);
  const [task, conversation] = sent().messages as { role: string; content: string }[];
  expect([task?.role, conversation?.role]).toEqual(["system", "user"]);
  for (const words of [
    "Never lie.",
    "Be brief.",
    "Graz?",
    'get_weather as c1: {"city":"Graz"}',
    "21 degrees",
    "It is fine.",
  ])
    expect(conversation?.content).toContain(words);
  expect(sent()).not.toHaveProperty("tools");
});

it("continues with a model of another wire, and is shortened again", async () => {
  bench.lab.behave("up-alpha", healthy({ text: [SUMMARY] }));
  const made = await client().responses.compact({ model: "alpha", input: history });
  const next = [...(made.output as ResponseInputItem[]), { role: "user" as const, content: "And Linz?" }];
  const answer = await client().responses.create({ model: "local", input: next });
  const words = (sent().messages as { role: string; content: string }[]).map(({ content }) => content);
  expect(words).toEqual(["What is the weather in Graz?", expect.stringContaining(SUMMARY), "And Linz?"]);

  const again = await client().responses.compact({ model: "alpha", previous_response_id: answer.id });
  expect(JSON.stringify(sent().messages)).toContain(SUMMARY);
  expect(again.output.map((item) => item.type)).toEqual(["message", "message", "compaction"]);
  const last = await post({ input: [...again.output, ...user("Go on")], previous_response_id: null });
  expect(last.status).toBe(200);
});

it("needs no vision, tools or stream of its model, and works with a model inside the gateway", async () => {
  const image = { type: "input_image", image_url: "https://x.example/a.png" };
  const input = [...user([{ type: "input_text", text: "Look" }, image]), ...history];
  expect((await compact({ model: "plain", input, tools: [weather] })).status).toBe(200);
  expect(JSON.stringify(sent().messages)).toContain("Look\\n[image]");
  const made = (await (await compact({ model: "demo", input: "Hello" })).json()) as { output: unknown[] };
  expect(made.output).toMatchObject([{ content: [{ text: "Hello" }] }, { type: "compaction" }]);
});

it("refuses an empty summary, and tries the next model", async () => {
  bench.lab.behave("gemini-3-flash", healthy({ text: ["  "] }));
  bench.lab.behave("up-alpha", healthy({ text: [SUMMARY] }));
  const response = await compact({ model: "flash", input: "x" });
  expect(response.status).toBe(200);
  expect(response.headers.get("x-routed-via")).toBe("first/up-alpha");
  bench.lab.behave("up-alpha", status(500, { message: "down" }));
  const failed = await compact({ input: "x" });
  expect(failed.status).toBeGreaterThanOrEqual(500);
  expect((await errorOf(failed)).message).toContain("down");
});

it.each<[string, Record<string, unknown>]>([
  ["model", { model: 7, input: "x" }],
  ["input", {}],
  ["input[0].role", { input: [{ role: "robot", content: "x" }] }],
  ["instructions", { input: "x", instructions: 7 }],
  ["previous_response_id", { input: "x", previous_response_id: "resp_nope" }],
  ["stream", { input: "x", stream: true }],
  ["input[0].encrypted_content", { input: [{ type: "compaction" }] }],
  ["input[0].encrypted_content", { input: [{ type: "compaction", encrypted_content: "gAAAAABo" }] }],
])("refuses a wrong %s: %j", async (param, body) => {
  const response = await compact(body);
  expect(response.status).toBe(400);
  expect(await errorOf(response)).toMatchObject({ type: "invalid_request_error", param });
  expect(bench.lab.requests).toHaveLength(0);
});

it("reads an item of another replica, and refuses a changed one", async () => {
  const made = (await (await compact({ input: "Hello" })).json()) as { output: Record<string, string>[] };
  const item = made.output.at(-1);
  const sealed = item?.encrypted_content ?? "";
  await using replica = await startGateway([
    { id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] },
  ]);
  const ask = (encrypted_content: string) =>
    replica.fetch("/v1/responses", {
      method: "POST",
      body: JSON.stringify({ model: "demo", input: [{ ...item, encrypted_content }, ...user("x")] }),
    });
  expect((await ask(sealed)).status).toBe(200);
  const changed = await ask(`${sealed.slice(0, -8)}AAAAAAAA`);
  expect(changed.status).toBe(400);
  expect(await errorOf(changed)).toMatchObject({ code: "invalid_encrypted_content" });
});
