/** Clients of every other surface in front of Gemini's own wire: the model's seals return to it unchanged. */
import Anthropic from "@anthropic-ai/sdk";
import { geminiNeedsSignatures, healthy, type Lab, startLab } from "@headgate/upstream-lab";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

const UPSTREAM = "gemini-3-flash";
const model = "flash";
const question = "What is the weather in Graz?";
const parameters = { type: "object" as const, properties: { city: { type: "string" } } };

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  gateway = await startGateway([
    {
      id: "gemini",
      adapter: "gemini",
      baseUrl: `${lab.url}/v1beta`,
      auth: { scheme: "header", header: "x-goog-api-key" },
      models: [{ alias: model, upstream: UPSTREAM }],
    },
  ]);
  lab.behave(UPSTREAM, geminiNeedsSignatures(healthy({ reasoning: ["Let me", " see."] })));
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

interface Part {
  readonly functionCall?: { readonly name: string; readonly args: unknown };
  readonly thoughtSignature?: string;
}

/** The model's own turn in the last request. */
function toldBack(): readonly Part[] {
  const body = lab.requests.at(-1)?.body as { contents?: { role: string; parts: Part[] }[] } | undefined;
  return body?.contents?.find(({ role }) => role === "model")?.parts ?? [];
}
const calledBy = (seq: number | undefined): object => ({
  functionCall: { name: "get_weather", args: { city: "lab" } },
  thoughtSignature: Buffer.from(`lab ${seq} call`).toString("base64"),
});

describe("the Anthropic SDK", () => {
  const tools: Anthropic.Tool[] = [{ name: "get_weather", input_schema: parameters }];
  const first: Anthropic.MessageParam = { role: "user", content: question };
  const base = { model, max_tokens: 500, tools };

  it.each([false, true])("completes a tool loop (stream: %s)", async (stream) => {
    const client = new Anthropic({ baseURL: gateway.url, apiKey: CLIENT_KEY, maxRetries: 0 });
    const ask = (messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> =>
      stream
        ? client.messages.stream({ ...base, messages }).finalMessage()
        : client.messages.create({ ...base, messages });
    const { content, stop_reason } = await ask([first]);
    expect(stop_reason).toBe("tool_use");
    expect(content.flatMap((block) => (block.type === "thinking" ? [block.thinking] : []))).toEqual([
      "Let me see.",
    ]);
    const call = content.find((block) => block.type === "tool_use");
    expect(call).toMatchObject({ name: "get_weather", input: { city: "lab" } });
    const result = { type: "tool_result", tool_use_id: call?.id ?? "", content: "sunny" } as const;
    const last = await ask([first, { role: "assistant", content }, { role: "user", content: [result] }]);
    expect(last.stop_reason).toBe("end_turn");
    expect(last.content.map((block) => (block.type === "text" ? block.text : "")).join("")).toContain(
      "sunny",
    );
    expect(toldBack()).toMatchObject([calledBy(lab.requests[0]?.seq)]);
  });
});

describe("the OpenAI SDK on Responses", () => {
  const tools: OpenAI.Responses.Tool[] = [
    { type: "function", name: "get_weather", parameters, strict: false },
  ];
  const first: OpenAI.Responses.ResponseInputItem = { role: "user", content: question };

  it.each(["the items it was given", "the id of the answer before"])(
    "completes a tool loop with %s",
    async (way) => {
      const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
      const include: OpenAI.Responses.ResponseIncludable[] = ["reasoning.encrypted_content"];
      const answer = await client.responses.create({ model, input: [first], tools, include });
      const call = answer.output.find((item) => item.type === "function_call");
      expect(call).toMatchObject({ name: "get_weather", arguments: '{"city":"lab"}' });
      const result: OpenAI.Responses.ResponseInputItem = {
        type: "function_call_output",
        call_id: call?.call_id ?? "",
        output: "sunny",
      };
      const next = await client.responses.create(
        way.startsWith("the id")
          ? { model, tools, previous_response_id: answer.id, input: [result] }
          : {
              model,
              tools,
              input: [first, ...(answer.output as OpenAI.Responses.ResponseInputItem[]), result],
            },
      );
      expect(next.output_text).toContain("sunny");
      expect(toldBack()).toMatchObject([calledBy(lab.requests[0]?.seq)]);
    },
  );
});
