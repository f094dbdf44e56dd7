import { documentContract, encoderOf, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { EmbeddingRequest, RerankRequest } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import cohere from "./index.ts";

const { embedding, rerank } = cohere;
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const meta = (units: object) => ({ api_version: { version: "2" }, billed_units: units });
const refusal = { name: "refused", bytes: json({ id: "x", message: "invalid api token" }) };

documentContract("cohere", embedding, {
  request: {
    inputs: ["Köln", "Bonn"],
    dimensions: 256,
    extra: { input_type: "search_query", truncate: "NONE" },
  },
  sent: {
    path: "/embed",
    body: {
      model: "vendor/model-1",
      texts: ["Köln", "Bonn"],
      input_type: "search_query",
      truncate: "NONE",
      embedding_types: ["float"],
      output_dimension: 256,
    },
  },
  answers: [
    {
      name: "with its usage",
      bytes: json({
        id: "5807ee2e-0cda-445a-9ec8-864c60a06606",
        embeddings: {
          float: [
            [0.5, -1],
            [0.25, 2],
          ],
        },
        texts: ["Köln", "Bonn"],
        meta: meta({ input_tokens: 4 }),
        response_type: "embeddings_by_type",
      }),
      answer: {
        vectors: [
          [0.5, -1],
          [0.25, 2],
        ],
        inputTokens: 4,
      },
    },
    { name: "without", bytes: json({ embeddings: { float: [[1]] } }), answer: { vectors: [[1]] } },
  ],
  broken: [
    { ...refusal, error: { message: "invalid api token" } },
    { name: "no vectors", bytes: json({ embeddings: { float: [] } }), error: { class: "malformed" } },
    {
      name: "no numbers",
      bytes: json({ embeddings: { float: [[1], [null]] } }),
      error: { class: "malformed" },
    },
  ],
});

documentContract("cohere", rerank, {
  request: { query: "capital?", documents: ["Vienna", "Graz"], topN: 1, extra: { max_tokens_per_doc: 99 } },
  sent: {
    path: "/rerank",
    body: {
      model: "vendor/model-1",
      query: "capital?",
      documents: ["Vienna", "Graz"],
      top_n: 1,
      max_tokens_per_doc: 99,
    },
  },
  answers: [
    {
      name: "best first, whatever the order",
      bytes: json({
        id: "07734bd2-2473-4f07-94e1-0d9f0e6843cf",
        results: [
          { index: 0, relevance_score: 0.25 },
          { index: 1, relevance_score: 0.999 },
        ],
        meta: meta({ search_units: 1 }),
      }),
      answer: {
        results: [
          { index: 1, score: 0.999 },
          { index: 0, score: 0.25 },
        ],
        searchUnits: 1,
      },
    },
  ],
  broken: [
    { ...refusal, error: { message: "invalid api token" } },
    { name: "no score", bytes: json({ results: [{ index: 0 }] }), error: { class: "malformed" } },
  ],
});

describe("embedding with Cohere", () => {
  const bare: EmbeddingRequest = { inputs: ["x"], extra: {} };
  const { encode, refused } = encoderOf(embedding.encode, bare, sampleTarget("cohere"));

  it("embeds texts as documents unless the client sets another input type", () => {
    expect(encode({}).json.input_type).toBe("search_document");
    expect(encode({ extra: { input_type: "clustering" } }).json.input_type).toBe("clustering");
  });

  it("refuses the inputs and fields that Cohere lacks, by name", () => {
    expect(encode({ extra: { truncate: null } }).json).not.toHaveProperty("truncate");
    refused({ inputs: ["x", [1, 2]] }, "input[1]");
    refused({ inputs: [[1, 2]] }, "input");
    refused({ inputs: Array.from({ length: 97 }, () => "x") }, "input");
    refused({ extra: { late_chunking: true } }, "late_chunking");
    expect(encode({ inputs: Array.from({ length: 96 }, () => "x") }).json.texts).toHaveLength(96);
    expect(
      encode(
        { user: "u", extra: { late_chunking: true, truncate: null } },
        sampleTarget("cohere", { drop: ["late_chunking"] }),
      ).dropped,
    ).toEqual(["user", "late_chunking"]);
  });
});

it("writes documents of several fields as YAML, and of one text as that text", () => {
  const request: RerankRequest = {
    query: "q",
    documents: [{ text: "plain" }, { title: "x" }, { title: "A: b", tags: ["x"], year: 2026 }],
    extra: {},
  };
  const { body } = rerank.encode(request, sampleTarget("cohere"));
  expect(JSON.parse(body.toString("utf8")).documents).toEqual([
    "plain",
    'title: "x"',
    'title: "A: b"\ntags: ["x"]\nyear: 2026',
  ]);
});
