/** Embeddings and reranking in front of upstreams of three wires. */
import { errorIn200, type Lab, startLab, status } from "@headgate/upstream-lab";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  const embedding = { operation: "embedding", upstream: "up" } as const;
  gateway = await startGateway([
    {
      id: "cohere",
      adapter: "cohere",
      baseUrl: `${lab.url}/v2`,
      models: [
        { alias: "cohere-embed", ...embedding },
        { alias: "cohere-rerank", operation: "rerank", upstream: "up-rerank" },
        { alias: "first", operation: "embedding", upstream: "up-first", chain: ["openai-embed"] },
      ],
    },
    {
      id: "near",
      adapter: "ollama",
      baseUrl: lab.url,
      keys: [],
      models: [{ alias: "ollama-embed", ...embedding }],
    },
    { id: "other", baseUrl: lab.baseUrl, models: [{ alias: "openai-embed", ...embedding }] },
  ]);
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

describe("embeddings", () => {
  // The SDK requests base64 and decodes it; the lab returns the same vectors on every wire.
  it.each(["cohere-embed", "ollama-embed", "openai-embed"])(
    "of %s arrive whole, in order, with usage",
    async (model) => {
      const { data, usage } = await client.embeddings.create({
        model,
        input: ["Köln", "Bonn"],
        dimensions: 3,
      });
      const again = await client.embeddings.create({
        model,
        input: "Bonn",
        dimensions: 3,
        encoding_format: "float",
      });
      expect(data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
        [0, 3],
        [1, 3],
      ]);
      expect([...(data[1]?.embedding ?? [])]).toEqual(again.data[0]?.embedding);
      expect(data[0]?.embedding).not.toEqual(data[1]?.embedding);
      expect(usage.prompt_tokens).toBe(4);
    },
  );

  it("carry the purpose of the input, where the client states it", async () => {
    await client.embeddings.create({ model: "cohere-embed", input: "x", ...{ input_type: "search_query" } });
    expect(JSON.parse(lab.requests[0]?.rawBody.toString("utf8") ?? "")).toMatchObject({
      model: "up",
      texts: ["x"],
      input_type: "search_query",
    });
  });

  it.each([
    ["an error", status(503, { message: "service unavailable" })],
    ["an error inside a 200", errorIn200({ message: "internal error" })],
  ])("fall back on %s", async (_, behaviour) => {
    lab.behave("up-first", behaviour);
    const { data, response } = await client.embeddings.create({ model: "first", input: "x" }).withResponse();
    expect(data.data).toHaveLength(1);
    expect(response.headers.get("x-routed-via")).toBe("other/up");
  });

  it("of token ids go to a candidate that accepts them", async () => {
    const { response } = await client.embeddings.create({ model: "first", input: [1, 2, 3] }).withResponse();
    expect(response.headers.get("x-routed-via")).toBe("other/up");
    await expect(client.embeddings.create({ model: "cohere-embed", input: [1, 2, 3] })).rejects.toMatchObject(
      {
        status: 400,
        param: "input",
      },
    );
  });
});

describe("reranking", () => {
  const rerank = (body: object): Promise<Response> =>
    gateway.fetch("/v1/rerank", {
      method: "POST",
      body: JSON.stringify({ model: "cohere-rerank", ...body }),
    });
  const documents = ["Graz is a city", { text: "the capital city is Vienna" }, "nothing"];

  it("orders documents by Cohere's scores", async () => {
    const response = await rerank({ query: "capital city", documents, top_n: 2, return_documents: true });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      results: [
        { index: 1, relevance_score: 1, document: { text: "the capital city is Vienna" } },
        { index: 0, relevance_score: 0.5, document: { text: "Graz is a city" } },
      ],
      meta: { billed_units: { search_units: 1 } },
    });
    expect(lab.requests[0]?.path).toBe("/v2/rerank");
  });

  it("refuses a field that Cohere does not know, by its name", async () => {
    const response = await rerank({ query: "q", documents, rank_fields: ["title"] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: "rank_fields" } });
  });

  it("passes a limit to the client with the right status", async () => {
    lab.behave("up-rerank", status(429, { message: "You are using a Trial key", retryAfterS: 3 }));
    const response = await rerank({ query: "q", documents });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("3");
  });
});
