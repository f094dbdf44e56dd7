import { documentContract } from "@headgate/adapter-kit/contract-suite";
import openai from "./index.ts";

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const packed = Buffer.from(new Float32Array([0.5, -1]).buffer).toString("base64");

documentContract("openai-compatible", openai.embedding, {
  request: { inputs: ["Köln", [1, 2]], dimensions: 2, user: "u", extra: { input_type: "query" } },
  sent: {
    path: "/embeddings",
    body: {
      model: "vendor/model-1",
      input: ["Köln", [1, 2]],
      dimensions: 2,
      user: "u",
      input_type: "query",
    },
  },
  answers: [
    {
      name: "in another order",
      bytes: json({
        object: "list",
        model: "m",
        data: [
          { object: "embedding", index: 1, embedding: [0.25, 2] },
          { object: "embedding", index: 0, embedding: [0.5, -1] },
        ],
        usage: { prompt_tokens: 8, total_tokens: 8 },
      }),
      answer: {
        vectors: [
          [0.5, -1],
          [0.25, 2],
        ],
        model: "m",
        inputTokens: 8,
      },
    },
    {
      name: "as base64 in place of floats",
      bytes: json({ data: [{ index: 0, embedding: packed }] }),
      answer: { vectors: [[0.5, -1]] },
    },
  ],
  broken: [
    { name: "error", bytes: json({ error: { message: "busy", code: 503 } }), error: { status: 503 } },
    { name: "nothing", bytes: json({ object: "list", data: [] }), error: { class: "malformed" } },
    {
      name: "one index twice",
      bytes: json({
        data: [
          { index: 0, embedding: [1] },
          { index: 0, embedding: [2] },
        ],
      }),
      error: { class: "malformed" },
    },
    {
      name: "half a float",
      bytes: json({ data: [{ index: 0, embedding: "AAAAAAA=" }] }),
      error: { class: "malformed" },
    },
  ],
});
