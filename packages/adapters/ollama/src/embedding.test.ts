import { documentContract, encoderOf, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { EmbeddingRequest } from "@headgate/contract";
import { expect, it } from "vitest";
import ollama from "./index.ts";

const { embedding } = ollama;
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

documentContract("ollama", embedding, {
  request: { inputs: ["Köln", "Bonn"], dimensions: 256, extra: { keep_alive: "5m", truncate: false } },
  sent: {
    path: "/api/embed",
    body: {
      model: "vendor/model-1",
      input: ["Köln", "Bonn"],
      dimensions: 256,
      keep_alive: "5m",
      truncate: false,
    },
  },
  answers: [
    {
      name: "with its counts",
      bytes: json({
        model: "embeddinggemma",
        embeddings: [
          [0.5, -1],
          [0.25, 2],
        ],
        total_duration: 14_143_917,
        load_duration: 1_019_500,
        prompt_eval_count: 8,
      }),
      answer: {
        vectors: [
          [0.5, -1],
          [0.25, 2],
        ],
        model: "embeddinggemma",
        inputTokens: 8,
      },
    },
    { name: "without", bytes: json({ embeddings: [[1]] }), answer: { vectors: [[1]] } },
  ],
  broken: [
    {
      name: "error",
      bytes: json({ error: "this model does not support embeddings" }),
      error: { message: "this model does not support embeddings" },
    },
    { name: "no vectors", bytes: json({ model: "m", embeddings: [] }), error: { class: "malformed" } },
    { name: "not a number", bytes: json({ embeddings: [[1], [null]] }), error: { class: "malformed" } },
  ],
});

const bare: EmbeddingRequest = { inputs: ["x"], extra: {} };
const { encode, refused } = encoderOf(embedding.encode, bare, sampleTarget("ollama"));

it("refuses the inputs and fields that Ollama lacks, by name", () => {
  refused({ inputs: ["x", [1, 2]] }, "input[1]");
  refused({ inputs: [[1, 2]] }, "input");
  refused({ extra: { input_type: "query" } }, "input_type");
  expect(
    encode(
      { user: "u", extra: { input_type: "query", options: null } },
      sampleTarget("ollama", { drop: ["input_type"] }),
    ).dropped,
  ).toEqual(["user", "input_type"]);
});
