import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cohereFailed, cohereTrialCap } from "./behaviours/cohere.ts";
import { healthy } from "./behaviours/healthy.ts";
import { status } from "./behaviours/status.ts";
import { cleanTruncation, malformedFrame } from "./behaviours/stream.ts";
import { asObject, type JsonObject } from "./json.ts";
import { type Lab, startLab } from "./lab.ts";
import { call, chat, events, json, type Seen } from "./probe.ts";

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab.close());

const path = "/v2/chat";
const send = (fields: JsonObject = {}): Promise<Seen> => call(lab.url, { path, body: chat(fields) });
const typesOf = (seen: Seen): unknown[] => events(seen).map((event) => asObject(event).type);
const messageOf = (event: unknown): JsonObject => asObject(asObject(asObject(event).delta).message);
const tools = [
  {
    type: "function",
    function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
  },
];

describe("a healthy model on Cohere's wire", () => {
  it("answers whole unless a stream is requested", async () => {
    expect(json(await send())).toMatchObject({
      id: "00000000-0000-4000-8000-000000000001",
      finish_reason: "COMPLETE",
      message: { content: [{ type: "text", text: "Hello from m. You said: hi there" }] },
      usage: { tokens: { output_tokens: 7 } },
    });
  });

  it("names each event in its line and in its data, and ends with the usage", async () => {
    const seen = await send({ stream: true });
    expect(seen.headers["content-type"]).toBe("text/event-stream");
    const types = typesOf(seen);
    expect(seen.text.match(/^event: .*$/gm)).toEqual(types.map((type) => `event: ${String(type)}`));
    expect(types.slice(0, 3)).toEqual(["message-start", "content-start", "content-delta"]);
    expect(types.slice(-2)).toEqual(["content-end", "message-end"]);
    const texts = events(seen).map((event) => asObject(messageOf(event).content).text ?? "");
    expect(texts.join("")).toBe("Hello from m. You said: hi there");
    expect(events(seen).at(-1)).toMatchObject({
      delta: { finish_reason: "COMPLETE", usage: { tokens: { output_tokens: 7 } } },
    });
  });

  it("plans before it calls tools, in pieces of a stream", async () => {
    lab.behave("m", healthy({ reasoning: ["I will", " look."] }));
    expect(json(await send({ tools }))).toMatchObject({
      finish_reason: "TOOL_CALL",
      message: {
        tool_plan: "I will look.",
        tool_calls: [
          {
            id: "weather_lab_1_0",
            type: "function",
            function: { name: "weather", arguments: '{"city":"lab"}' },
          },
        ],
      },
    });
    const seen = await send({ tools, stream: true });
    expect(typesOf(seen)).toEqual([
      "message-start",
      "tool-plan-delta",
      "tool-plan-delta",
      "tool-call-start",
      "tool-call-delta",
      "tool-call-delta",
      "tool-call-end",
      "message-end",
    ]);
  });

  it("follows Cohere's choice of tools", async () => {
    expect(json(await send({ tools, tool_choice: "NONE" })).finish_reason).toBe("COMPLETE");
    const messages = [{ role: "tool", tool_call_id: "weather_lab_1_0", content: "sunny" }];
    expect(json(await send({ tools, messages })).finish_reason).toBe("COMPLETE");
    expect(json(await send({ tools, messages, tool_choice: "REQUIRED" })).finish_reason).toBe("TOOL_CALL");
  });

  it("thinks in a part of its own, reads images and follows a schema", async () => {
    lab.behave("m", healthy({ reasoning: ["hm"], text: ["so"] }));
    expect(json(await send())).toMatchObject({
      message: {
        content: [
          { type: "thinking", thinking: "hm" },
          { type: "text", text: "so" },
        ],
      },
    });
    lab.behave("m", healthy());
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAECAw==" } };
    const content = [{ type: "text", text: "look" }, image];
    expect((await send({ messages: [{ role: "user", content }] })).text).toContain("image/png of 4 bytes");
    const json_schema = { type: "object", properties: { n: { type: "integer", minimum: 5 } } };
    const fitted = await send({ response_format: { type: "json_object", json_schema } });
    expect(json(fitted)).toMatchObject({ message: { content: [{ text: '{"n":5}' }] } });
  });
});

describe("faults on Cohere's wire", () => {
  it("has Cohere's form of errors", async () => {
    lab.behave("m", status(401, { message: "invalid api token" }));
    const seen = await send();
    expect([seen.status, json(seen)]).toEqual([401, { id: "lab-1", message: "invalid api token" }]);
    lab.behave("m", cohereTrialCap({ window: "month" }));
    expect(json(await send()).message).toContain("limited to 1000 API calls / month");
    lab.behave("m", cohereTrialCap());
    expect(json(await send()).message).toContain("limited to 20 API calls / minute");
  });

  it("fails in the last event, and cuts before it", async () => {
    lab.behave("m", cohereFailed({ after: 2, message: "no" }));
    const failed = await send({ stream: true });
    expect(typesOf(failed).filter((type) => type === "content-delta")).toHaveLength(2);
    expect(events(failed).at(-1)).toEqual({
      type: "message-end",
      delta: { finish_reason: "ERROR", error: "no" },
    });
    lab.behave("m", cleanTruncation({ after: 2 }));
    expect(typesOf(await send({ stream: true })).at(-1)).toBe("content-delta");
  });

  it("malformedFrame is an event of broken JSON", async () => {
    lab.behave("m", malformedFrame({ after: 0 }));
    const [first = ""] = (await send({ stream: true })).text.split("\n\n");
    expect(first.startsWith("data: ")).toBe(true);
    expect(() => JSON.parse(first.slice(6)) as unknown).toThrow();
  });
});
