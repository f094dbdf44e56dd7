import { documentContract, encoderOf, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { EmbeddingRequest } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import gemini from "./index.ts";

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const embedRequest = (text: string, more: object = {}) => ({
  model: "models/vendor/model-1",
  content: { parts: [{ text }] },
  ...more,
});

documentContract("gemini", gemini.embedding, {
  request: { inputs: ["Köln", "Bonn"], dimensions: 256, extra: { task_type: "CLUSTERING" } },
  sent: {
    path: "/models/vendor/model-1:batchEmbedContents",
    body: {
      requests: ["Köln", "Bonn"].map((text) =>
        embedRequest(text, { taskType: "CLUSTERING", outputDimensionality: 256 }),
      ),
    },
  },
  answers: [
    {
      name: "with its usage",
      bytes: json({
        embeddings: [{ values: [0.5, -1] }, { values: [0.25, 2] }],
        usageMetadata: { promptTokenCount: 4 },
      }),
      answer: {
        vectors: [
          [0.5, -1],
          [0.25, 2],
        ],
        inputTokens: 4,
      },
    },
    { name: "without", bytes: json({ embeddings: [{ values: [1] }] }), answer: { vectors: [[1]] } },
  ],
  broken: [
    {
      name: "Google's envelope",
      bytes: json({ error: { code: 429, message: "slow down", status: "RESOURCE_EXHAUSTED" } }),
      error: { message: "slow down", status: 429 },
    },
    { name: "a list of one", bytes: json([{ error: { message: "bad" } }]), error: { message: "bad" } },
    { name: "no vectors", bytes: json({ embeddings: [] }), error: { class: "malformed" } },
    {
      name: "no numbers",
      bytes: json({ embeddings: [{ values: [1] }, { values: ["1"] }] }),
      error: { class: "malformed" },
    },
  ],
});

describe("embedding with Gemini", () => {
  const target = (drop: string[] = []) =>
    sampleTarget("gemini", { drop }, { upstream: "models/gemini-embedding-001" });
  const bare: EmbeddingRequest = { inputs: ["x"], extra: {} };
  const { encode, refused } = encoderOf(gemini.embedding.encode, bare, target());

  it("names the model once, however the fragment has it", () => {
    expect(encode({})).toMatchObject({
      path: "/models/gemini-embedding-001:batchEmbedContents",
      json: { requests: [{ model: "models/gemini-embedding-001" }] },
    });
  });

  it("applies the fields that Google's clients set per input, and no others", () => {
    const inputs = ["a", "b"];
    const own = [{ taskType: "RETRIEVAL_DOCUMENT", title: "A" }, {}];
    expect(encode({ inputs, own: { wire: "gemini", inputs: own } }).json.requests).toMatchObject([
      own[0],
      {},
    ]);
    expect(encode({ inputs, own: { wire: "cohere", inputs: own } }).json.requests[0]).not.toHaveProperty(
      "title",
    );
  });

  it("refuses the inputs and fields that Gemini lacks, by name", () => {
    refused({ inputs: ["x", [1, 2]] }, "input[1]");
    refused({ inputs: [[1, 2]] }, "input");
    refused({ inputs: Array.from({ length: 101 }, () => "x") }, "input");
    refused({ extra: { late_chunking: true } }, "late_chunking");
    expect(encode({ inputs: Array.from({ length: 100 }, () => "x") }).json.requests).toHaveLength(100);
    const left = encode(
      { user: "u", dimensions: 8, extra: { late_chunking: true, title: "t", metadata: { a: "b" } } },
      target(["late_chunking", "title", "dimensions"]),
    );
    expect(left.dropped).toEqual(["user", "late_chunking", "title", "metadata", "dimensions"]);
    expect(left.json.requests).toEqual([
      { model: "models/gemini-embedding-001", content: { parts: [{ text: "x" }] } },
    ]);
  });
});
