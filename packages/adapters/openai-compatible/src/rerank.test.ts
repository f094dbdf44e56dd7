import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import { expect, it } from "vitest";
import { decodeRerank, encodeRerank } from "./rerank.ts";

const target = sampleTarget("openai-compatible", {}, {});

it("sends a query and texts, with the upstream's model", () => {
  const documents = ["one", { text: "two" }, { title: "t", text: "three" }];
  const { path, body } = encodeRerank({ query: "q", documents, topN: 2, extra: { seed: 1 } }, target);
  expect(path).toBe("/rerank");
  expect(JSON.parse(body.toString())).toEqual({
    model: target.deployment.upstream,
    query: "q",
    documents: ["one", "two", '{"title":"t","text":"three"}'],
    top_n: 2,
    seed: 1,
  });
});

it("reads a ranking, best first, and its tokens", () => {
  const answer = {
    model: "m",
    results: [
      { index: 0, relevance_score: -3.5 },
      { index: 1, relevance_score: 0.5, document: { text: "two" } },
    ],
    usage: { prompt_tokens: 7, total_tokens: 7 },
  };
  expect(decodeRerank(Buffer.from(JSON.stringify(answer)))).toEqual({
    ok: true,
    answer: {
      model: "m",
      results: [
        { index: 1, score: 0.5 },
        { index: 0, score: -3.5 },
      ],
      inputTokens: 7,
    },
  });
});

it.each([
  '{"results":[{"index":0}]}',
  '{"results":[{"index":-1,"relevance_score":1}]}',
  '{"data":[]}',
  "oops",
])("does not take %s for a ranking", (text) => {
  expect(decodeRerank(Buffer.from(text))).toMatchObject({ ok: false });
});

it("gives a server's own error its words", () => {
  expect(decodeRerank(Buffer.from('{"error":{"message":"no such model"}}'))).toMatchObject({
    ok: false,
    error: { message: "no such model" },
  });
});
