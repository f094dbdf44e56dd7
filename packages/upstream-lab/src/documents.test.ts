import { afterEach, beforeEach, expect, it } from "vitest";
import { errorIn200 } from "./behaviours/body.ts";
import { truncatedBody } from "./behaviours/connection.ts";
import { status } from "./behaviours/status.ts";
import { vectorOf } from "./documents.ts";
import type { JsonObject } from "./json.ts";
import { type Lab, startLab } from "./lab.ts";
import { call, json } from "./probe.ts";

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab.close());

const post = async (path: string, body: JsonObject): Promise<JsonObject> =>
  json(await call(lab.url, { path, body: { model: "m", ...body } }));

it("embeds on each wire, one vector per input, the same for the same input", async () => {
  const vectors = [vectorOf("Köln", undefined), vectorOf("Bonn", undefined)];
  expect(vectors[0]).toHaveLength(4);
  expect(vectors[0]).not.toEqual(vectors[1]);
  expect(vectors.flat().every((component) => Math.fround(component) === component)).toBe(true);
  expect(await post("/v1/embeddings", { input: ["Köln", "Bonn"] })).toMatchObject({
    data: [
      { index: 0, embedding: vectors[0] },
      { index: 1, embedding: vectors[1] },
    ],
    model: "m",
    usage: { prompt_tokens: 4 },
  });
  expect(await post("/api/embed", { input: ["Köln", "Bonn"] })).toMatchObject({
    embeddings: vectors,
    prompt_eval_count: 4,
  });
  const content = (text: string) => ({ content: { parts: [{ text }] } });
  expect(
    await post("/v1beta/models/m:batchEmbedContents", { requests: [content("Köln"), content("Bonn")] }),
  ).toMatchObject({
    embeddings: vectors.map((values) => ({ values })),
    usageMetadata: { promptTokenCount: 4 },
  });
  expect(await post("/v2/embed", { texts: ["Köln", "Bonn"] })).toMatchObject({
    embeddings: { float: vectors },
    meta: { billed_units: { input_tokens: 4 } },
  });
});

it("embeds one text, tokens, and in the requested dimensions", async () => {
  expect(await post("/v1/embeddings", { input: "x", dimensions: 2 })).toMatchObject({
    data: [{ embedding: vectorOf("x", 2) }],
  });
  expect(await post("/v1/embeddings", { input: [[1, 2]] })).toMatchObject({
    data: [{ embedding: vectorOf([1, 2], undefined) }],
  });
  expect(await post("/v2/embed", { texts: ["x"], output_dimension: 8 })).toMatchObject({
    embeddings: { float: [vectorOf("x", 8)] },
  });
});

it("ranks by the query's words, best first", async () => {
  const documents = ["Graz is a city", "the capital city is Vienna", "nothing"];
  const all = await post("/v2/rerank", { query: "capital city", documents });
  expect(all.results).toEqual([
    { index: 1, relevance_score: 1 },
    { index: 0, relevance_score: 0.5 },
    { index: 2, relevance_score: 0 },
  ]);
  const best = await post("/v2/rerank", { query: "capital city", documents, top_n: 1 });
  expect(best.results).toHaveLength(1);
});

it("misbehaves there too, in each wire's form", async () => {
  lab.behave("m", status(429, { message: "slow down" }));
  expect((await call(lab.url, { path: "/v2/rerank", body: { model: "m" } })).status).toBe(429);
  expect(await post("/v2/embed", {})).toMatchObject({ message: "slow down" });
  expect(await post("/api/embed", {})).toEqual({ error: "slow down" });
  expect(await post("/v1/embeddings", {})).toMatchObject({ error: { message: "slow down" } });
  lab.behave("m", errorIn200({ message: "no" }));
  expect(await post("/api/embed", { input: "x" })).toEqual({ error: "no" });
  lab.behave("m", truncatedBody());
  expect((await call(lab.url, { path: "/v2/embed", body: { model: "m", texts: ["x"] } })).end).not.toBe(
    "clean",
  );
});
