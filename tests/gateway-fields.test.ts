/** The gateway's own fields reach no upstream, on any surface and any wire. */
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [{ alias: "plain" }, { alias: "vectors", operation: "embedding" }],
    },
    {
      id: "claude",
      adapter: "anthropic",
      baseUrl: lab.url,
      auth: { scheme: "header", header: "x-api-key" },
      models: [{ alias: "claude" }],
    },
    { id: "near", adapter: "ollama", baseUrl: lab.url, keys: [], models: [{ alias: "local" }] },
    {
      id: "ranker",
      adapter: "cohere",
      baseUrl: `${lab.url}/v2`,
      models: [{ alias: "rank", operation: "rerank" }],
    },
  ]);
});
afterAll(async () => {
  await gateway.close();
  await lab.close();
});

const messages = [{ role: "user", content: "Hi" }];
const CHATS = [
  ["/v1/chat/completions", { messages }],
  ["/v1/completions", { prompt: "Hi" }],
  ["/v1/responses", { input: "Hi" }],
  ["/v1/messages", { messages, max_tokens: 9 }],
  ["/api/chat", { messages, stream: false }],
] as const;

it.each([
  ...CHATS.flatMap(([path, body]) =>
    ["plain", "claude", "local"].map((model) => [path, model, body] as const),
  ),
  ["/v1/embeddings", "vectors", { input: "Hi" }] as const,
  ["/v1/rerank", "rank", { query: "a", documents: ["a"] }] as const,
])("%s with %s", async (path, model, body) => {
  const response = await gateway.fetch(path, {
    method: "POST",
    body: JSON.stringify({
      ...body,
      model,
      fallbacks: [],
      disable_fallbacks: true,
      mock_testing_fallbacks: false,
    }),
    headers: { "anthropic-version": "2023-06-01" },
  });
  expect({ status: response.status, body: await response.text() }).toMatchObject({ status: 200 });
  expect(lab.requests.at(-1)?.rawBody.toString()).not.toContain("fallbacks");
  expect(response.headers.get("x-headgate-dropped-params") ?? "").not.toContain("fallbacks");
});
