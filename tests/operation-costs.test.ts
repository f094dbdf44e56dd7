/** What pictures, speech, transcriptions, queries and long prompts cost: in the header, in the record, and against a ceiling. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FoundRecord } from "@headgate/contract";
import { openRecords } from "@headgate/records";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

/** What OpenAI and Cohere answer, by path. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  "/v1/images/generations": { created: 1, data: [{ b64_json: "aGk=" }] },
  // https://platform.openai.com/docs/api-reference/audio/verbose-json-object
  "/v1/audio/transcriptions": { text: "hello", usage: { type: "duration", seconds: 90 } },
  "/v1/rerank": { results: [{ index: 0, relevance_score: 0.5 }] },
  "/v1/chat/completions": {
    id: "c",
    object: "chat.completion",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hi" } }],
    usage: { prompt_tokens: 300_000, completion_tokens: 10 },
  },
};

const folder = mkdtempSync(join(tmpdir(), "headgate-costs-"));
const upstream = createServer((request, response) => {
  request.resume().on("end", () => {
    const answer = ANSWERS[request.url ?? ""];
    if (answer === undefined) response.writeHead(200, { "content-type": "audio/mpeg" }).end("sound");
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
});
let baseUrl: string;
const records = await openRecords({
  place: { kind: "sqlite", path: join(folder, "records.db") },
  retention: { keepMs: 1e12, maxBytes: 1e9 },
  warn: (text) => expect.fail(text),
});

const paid = (spendLimit?: string): Promise<TestGateway> =>
  startGateway(
    [
      {
        id: "shop",
        baseUrl,
        models: [
          { alias: "picture", operation: "image", price: { image: 0.04, imageByQuality: { hd: 0.08 } } },
          { alias: "voice", operation: "speech", price: { millionCharacters: 15 } },
          { alias: "ear", operation: "transcription", price: { minute: 0.006 } },
          { alias: "sorter", operation: "rerank", price: { query: 0.002 } },
          {
            alias: "long",
            price: { input: 1, output: 2, tiers: [{ aboveTokens: 200_000, input: 2, output: 4 }] },
          },
        ].map((model) => ({
          ...model,
          operation: (model.operation ?? "chat") as never,
          tier: "paid" as const,
        })),
      },
    ],
    { records, options: { ...(spendLimit !== undefined && { spendLimit }) } },
  );
let gateway: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  await new Promise<void>((ready) => upstream.listen(0, "127.0.0.1", ready));
  baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
  gateway = await paid();
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.close();
  await records.close();
  upstream.closeAllConnections();
  upstream.close();
  rmSync(folder, { recursive: true });
});

const usdOf = async ({ headers }: Response): Promise<number> => {
  const id = headers.get("x-request-id");
  const { record }: FoundRecord = (await (await gateway.fetch(`/admin/requests/${id}`)).json()) as never;
  expect(record.attempts[0]?.listNanoUsd).toBe(record.costNanoUsd);
  const shown = headers.get("x-headgate-cost-usd");
  if (shown !== null) expect(Number(shown)).toBeCloseTo((record.costNanoUsd ?? -1) / 1e9, 9);
  return (record.costNanoUsd ?? Number.NaN) / 1e9;
};

it("counts two pictures by their quality", async () => {
  const { response } = await client.images
    .generate({ model: "picture", prompt: "a gate", n: 2, quality: "hd" })
    .withResponse();
  expect(await usdOf(response)).toBe(0.16);
});

it("counts the characters of a speech", async () => {
  const speech = await client.audio.speech.create({
    model: "voice",
    voice: "alloy",
    input: "🙂".repeat(1_000),
  });
  await speech.arrayBuffer();
  expect(await usdOf(speech)).toBe(0.015);
});

it("counts the seconds of a transcription", async () => {
  const file = await toFile(Buffer.from("RIFF"), "a.wav");
  const { response } = await client.audio.transcriptions.create({ model: "ear", file }).withResponse();
  expect(await usdOf(response)).toBe(0.009);
});

it("counts a query for each hundred documents", async () => {
  const body = {
    model: "sorter",
    query: "gates",
    documents: Array.from({ length: 101 }, (_, at) => `d${at}`),
  };
  const response = await gateway.fetch("/v1/rerank", { method: "POST", body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  expect(await usdOf(response)).toBe(0.004);
});

it("counts a long prompt by the tier that it reaches", async () => {
  expect(await usdOf(await gateway.chat({ model: "long" }))).toBeCloseTo(0.6 + 0.00004, 9);
});

it("bounds what has no tokens by a ceiling: the third picture of four cents is over ten", async () => {
  const bounded = await paid("0.1usd/day");
  try {
    const statuses: number[] = [];
    for (let at = 0; at < 3; at += 1) {
      const response = await bounded.fetch("/v1/images/generations", {
        method: "POST",
        body: JSON.stringify({ model: "picture", prompt: "a gate" }),
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  } finally {
    await bounded.close();
  }
});
