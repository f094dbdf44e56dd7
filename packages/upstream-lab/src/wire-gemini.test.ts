import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  geminiBlocked,
  geminiDailyQuota,
  geminiMalformedCall,
  geminiNeedsSignatures,
} from "./behaviours/gemini.ts";
import { healthy } from "./behaviours/healthy.ts";
import { status } from "./behaviours/status.ts";
import { cleanTruncation, errorFrame, malformedFrame } from "./behaviours/stream.ts";
import { asList, asObject, type JsonObject } from "./json.ts";
import { type Lab, startLab } from "./lab.ts";
import { call, events, json, type Seen } from "./probe.ts";

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab.close());

const contents = [{ role: "user", parts: [{ text: "hi there" }] }];
const send = (fields: JsonObject = {}, method = "generateContent"): Promise<Seen> =>
  call(lab.url, { path: `/v1beta/models/m:${method}`, body: { contents, ...fields } });
const stream = (fields: JsonObject = {}): Promise<Seen> => send(fields, "streamGenerateContent?alt=sse");
const candidate = (document: unknown): JsonObject => asObject(asList(asObject(document).candidates)[0]);
const parts = (document: unknown): JsonObject[] =>
  asList(asObject(candidate(document).content).parts).map(asObject);
const schema = { type: "object", properties: { city: { type: "string" } } };
const tools = [{ functionDeclarations: [{ name: "weather", parametersJsonSchema: schema }] }];
const signed = Buffer.from("lab 1 call").toString("base64");

describe("a healthy model on Gemini's wire", () => {
  it("answers whole, and records the request unchanged", async () => {
    const seen = json(await send());
    expect(seen).toMatchObject({
      usageMetadata: { candidatesTokenCount: 7 },
      modelVersion: "m",
      responseId: "lab-1",
    });
    expect(candidate(seen)).toMatchObject({ finishReason: "STOP" });
    expect(parts(seen)).toEqual([{ text: "Hello from m. You said: hi there" }]);
    expect(lab.requests[0]).toMatchObject({ model: "m", stream: false, body: { contents } });
  });

  it("streams pieces, the last with the finish reason and the usage", async () => {
    const seen = await stream();
    expect(seen.headers["content-type"]).toBe("text/event-stream");
    const list = events(seen);
    expect(
      list
        .flatMap(parts)
        .map(({ text }) => text)
        .join(""),
    ).toBe("Hello from m. You said: hi there");
    expect(list.slice(0, -1).map((event) => candidate(event).finishReason)).not.toContain("STOP");
    expect(list.at(-1)).toMatchObject({
      candidates: [{ finishReason: "STOP" }],
      usageMetadata: { candidatesTokenCount: 7 },
    });
    expect(lab.requests[0]?.stream).toBe(true);
  });

  it("calls tools whole, the first call signed, and continues with a result", async () => {
    const made = {
      functionCall: { id: "call_lab_1_0", name: "weather", args: { city: "lab" } },
      thoughtSignature: signed,
    };
    expect(parts(json(await send({ tools })))).toEqual([made]);
    expect(events(await stream({ tools })).flatMap(parts)).toMatchObject([
      { functionCall: { name: "weather" } },
    ]);
    const functionResponse = { id: "call_lab_1_0", name: "weather", response: { output: "sunny" } };
    const after = [
      ...contents,
      { role: "model", parts: [made] },
      { role: "user", parts: [{ functionResponse }] },
    ];
    expect(parts(json(await send({ tools, contents: after })))).toMatchObject([
      { text: expect.stringContaining("sunny") },
    ]);
  });

  it.each<[JsonObject, boolean]>([
    [{ mode: "NONE" }, false],
    [{ mode: "ANY" }, true],
    [{ mode: "ANY", allowedFunctionNames: ["weather"] }, true],
  ])("follows the function calling config %j", async (functionCallingConfig, calls) => {
    const seen = json(await send({ tools, toolConfig: { functionCallingConfig } }));
    expect(parts(seen).some((part) => part.functionCall !== undefined)).toBe(calls);
  });

  it("thinks in parts of their own and signs its text", async () => {
    lab.behave("m", healthy({ reasoning: ["h", "m"], text: ["so"] }));
    const whole = json(await send());
    expect(parts(whole)).toEqual([
      { text: "hm", thought: true },
      { text: "so", thoughtSignature: Buffer.from("lab 1 text").toString("base64") },
    ]);
    expect(whole.usageMetadata).toMatchObject({ candidatesTokenCount: 1, thoughtsTokenCount: 2 });
    expect(events(await stream()).flatMap(parts)).toEqual([
      { text: "h", thought: true },
      { text: "m", thought: true },
      { text: "so" },
      { text: "", thoughtSignature: Buffer.from("lab 2 text").toString("base64") },
    ]);
  });

  it("reads images, by data and by URL, and follows a schema", async () => {
    const look = [
      { text: "look" },
      { inlineData: { mimeType: "image/png", data: "AAECAw==" } },
      { fileData: { fileUri: "https://example.com/a.png" } },
    ];
    expect((await send({ contents: [{ role: "user", parts: look }] })).text).toContain(
      "I see 2 image(s): image/png of 4 bytes, https://example.com/a.png.",
    );
    const responseJsonSchema = { type: "object", properties: { n: { type: "integer", minimum: 5 } } };
    const generationConfig = { responseMimeType: "application/json", responseJsonSchema };
    expect(parts(json(await send({ generationConfig })))).toEqual([{ text: '{"n":5}' }]);
    const free = await send({ generationConfig: { responseMimeType: "application/json" } });
    expect(parts(json(free))).toEqual([{ text: '{"model":"m","said":"hi there"}' }]);
  });
});

describe("faults on Gemini's wire", () => {
  it("has Google's form of errors, with the status's name", async () => {
    lab.behave("m", status(429, { message: "slow down" }));
    expect(json(await send())).toEqual({
      error: { code: 429, message: "slow down", status: "RESOURCE_EXHAUSTED" },
    });
    lab.behave("m", errorFrame({ after: 1, message: "no" }));
    expect(events(await stream()).at(-1)).toMatchObject({ error: { message: "no" } });
    lab.behave("m", geminiDailyQuota());
    expect((await send()).text).toContain("PerDay");
  });

  it("blocks a prompt, and breaks off in a call", async () => {
    lab.behave("m", geminiBlocked());
    expect(json(await send())).toMatchObject({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } });
    expect(events(await stream())).toHaveLength(1);
    lab.behave("m", geminiMalformedCall({ after: 1 }));
    expect(events(await stream()).map((event) => candidate(event).finishReason)).toEqual([
      undefined,
      "MALFORMED_FUNCTION_CALL",
    ]);
    expect(candidate(json(await send())).finishReason).toBe("MALFORMED_FUNCTION_CALL");
  });

  it("refuses a call that is sent back without its signature", async () => {
    lab.behave("m", geminiNeedsSignatures());
    const model = (thoughtSignature?: string) => ({
      role: "model",
      parts: [
        { functionCall: { name: "f" }, ...(thoughtSignature && { thoughtSignature }) },
        { functionCall: { name: "g" } },
      ],
    });
    const refused = await send({ contents: [...contents, model()] });
    expect([refused.status, refused.text]).toEqual([
      400,
      expect.stringContaining("missing a thought_signature"),
    ]);
    expect((await send({ contents: [...contents, model("x")] })).status).toBe(200);
    expect((await send()).status).toBe(200);
  });

  it("cuts before the finish reason, and corrupts an event", async () => {
    lab.behave("m", cleanTruncation({ after: 2 }));
    expect(events(await stream()).map((event) => candidate(event).finishReason)).toEqual([
      undefined,
      undefined,
    ]);
    lab.behave("m", malformedFrame({ after: 0 }));
    const [first = ""] = (await stream()).text.split("\n\n");
    expect(() => JSON.parse(first.slice(6)) as unknown).toThrow();
  });
});
