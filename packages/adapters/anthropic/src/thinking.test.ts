import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { ChatMessage, ChatRequest, Deployment } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import anthropic from "./index.ts";
import { traitsOf } from "./models.ts";

const OLDER = "claude-haiku-4-5";
const ADAPTIVE = "claude-opus-4-6";
const NEWER = "claude-opus-4-7";

const encode = (changes: Partial<ChatRequest>, upstream: string, more: Partial<Deployment> = {}) => {
  const request: ChatRequest = {
    messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
    stream: false,
    includeUsage: false,
    extra: {},
    maxOutputTokens: 10_000,
    ...changes,
  };
  const { body, dropped } = anthropic.chat.encode(
    request,
    sampleTarget("anthropic", {}, { upstream, ...more }),
  );
  return { json: JSON.parse(body.toString("utf8")), dropped };
};
const tools = [{ name: "f" }];

describe("a model's id", () => {
  it.each([
    ["claude-3-7-sonnet-20250219", "budget", "any"],
    ["claude-3-haiku-20240307", "budget", "any"],
    ["claude-sonnet-4-20250514", "budget", "any"],
    ["claude-opus-4-1-20250805", "budget", "one"],
    ["claude-haiku-4-5-20251001", "budget", "one"],
    ["anthropic/claude-sonnet-4.6", "adaptive", "one"],
    ["claude-opus-4-7", "adaptive", "none"],
    ["claude-opus-5", "adaptive", "none"],
    ["glm-4.7", "budget", "any"],
  ])("%s means thinking by %s and %s sampling parameters", (id, thinking, sampling) => {
    expect(traitsOf(id)).toMatchObject({ thinking, sampling });
  });
});

describe("reasoning effort", () => {
  it("is a share of the output on models that think by budget, within the API's bounds", () => {
    const budget = (reasoningEffort: string, maxOutputTokens: number) =>
      encode({ reasoningEffort, maxOutputTokens }, OLDER).json.thinking;
    expect(budget("low", 10_000)).toEqual({ type: "enabled", budget_tokens: 2_000 });
    expect(budget("high", 10_000)).toEqual({ type: "enabled", budget_tokens: 8_000 });
    expect(budget("minimal", 2_000)).toEqual({ type: "enabled", budget_tokens: 1_024 });
    expect(budget("max", 64_000)).toEqual({ type: "enabled", budget_tokens: 32_000 });
  });

  it("is reported as left out where the answer is too short for thinking", () => {
    const { json, dropped } = encode({ reasoningEffort: "high", maxOutputTokens: 1_024 }, OLDER);
    expect(json).not.toHaveProperty("thinking");
    expect(dropped).toEqual(["reasoning_effort"]);
  });

  it("is an effort on adaptive models, and requests the text of thinking where it is hidden", () => {
    expect(encode({ reasoningEffort: "minimal" }, ADAPTIVE).json).toMatchObject({
      thinking: { type: "adaptive" },
      output_config: { effort: "low" },
    });
    expect(encode({ reasoningEffort: "xhigh" }, ADAPTIVE).json.output_config).toEqual({ effort: "high" });
    expect(encode({ reasoningEffort: "xhigh" }, NEWER).json).toMatchObject({
      thinking: { type: "adaptive", display: "summarized" },
      output_config: { effort: "xhigh" },
    });
  });

  it("is combined with a format", () => {
    const schema = { type: "string" };
    const format = { type: "json-schema", name: "x", schema } as const;
    expect(encode({ reasoningEffort: "max", responseFormat: format }, ADAPTIVE).json.output_config).toEqual({
      effort: "max",
      format: { type: "json_schema", schema },
    });
  });

  it("none turns thinking off, where the model thinks", () => {
    expect(encode({ reasoningEffort: "none" }, ADAPTIVE).json.thinking).toEqual({ type: "disabled" });
    const plain = encode({ reasoningEffort: "none" }, OLDER, { capabilities: [] });
    expect(plain.json).not.toHaveProperty("thinking");
    expect(plain.dropped).toEqual([]);
  });

  it("is reported as left out for a model without reasoning, and refused when it is no effort", () => {
    expect(encode({ reasoningEffort: "high" }, OLDER, { capabilities: ["tools"] }).dropped).toEqual([
      "reasoning_effort",
    ]);
    expect(() => encode({ reasoningEffort: "hard" }, OLDER)).toThrow(
      expect.objectContaining({ name: "EncodeError", param: "reasoning_effort" }),
    );
  });

  it("is left out beside a forced tool, which the API refuses together with thinking", () => {
    const forced = { tools, toolChoice: "required", reasoningEffort: "high" } as const;
    const older = encode(forced, OLDER);
    expect(older.json).not.toHaveProperty("thinking");
    expect(older.dropped).toEqual(["reasoning_effort"]);
    const adaptive = encode(forced, ADAPTIVE);
    expect(adaptive.json).not.toHaveProperty("thinking");
    expect(adaptive.json.output_config).toEqual({ effort: "high" });
    expect(encode({ ...forced, toolChoice: "auto" }, OLDER).json).toHaveProperty("thinking");
    expect(encode({ ...forced, tools: [] }, OLDER).json).toHaveProperty("thinking");
  });

  it("is left out in a continued turn whose thinking was lost, and sent where it was kept", () => {
    const turn = (sealed: boolean): Partial<ChatRequest> => ({
      tools,
      reasoningEffort: "high",
      messages: [
        { role: "user", content: [{ type: "text", text: "go" }] },
        {
          role: "assistant",
          content: [],
          toolCalls: [{ id: "a", name: "f", arguments: "{}" }],
          ...(sealed
            ? { reasoningParts: [{ text: "hm", sealed: { wire: "anthropic-messages", data: "s" } }] }
            : {}),
        },
        { role: "tool", toolCallId: "a", content: [] },
      ],
    });
    expect(encode(turn(false), OLDER).dropped).toEqual(["reasoning_effort"]);
    expect(encode(turn(true), OLDER).json.thinking).toEqual({ type: "enabled", budget_tokens: 8_000 });
    expect(encode(turn(false), ADAPTIVE).json.thinking).toEqual({ type: "adaptive" });
    const { messages = [], ...rest } = turn(false);
    const answered: ChatMessage[] = [
      ...messages,
      { role: "user", content: [{ type: "text", text: "and?" }] },
    ];
    expect(encode({ ...rest, messages: answered }, OLDER).json).toHaveProperty("thinking");
  });

  it("is overridden by a client's own thinking", () => {
    const thinking = { type: "enabled", budget_tokens: 2048 };
    const { json, dropped } = encode(
      { reasoningEffort: "low", temperature: 0.2, extra: { thinking } },
      OLDER,
    );
    expect(json.thinking).toEqual(thinking);
    expect(dropped).toEqual(["temperature"]);
    const off = encode({ temperature: 0.2, extra: { thinking: { type: "disabled" } } }, OLDER);
    expect(off.json).toMatchObject({ thinking: { type: "disabled" }, temperature: 0.2 });
  });
});

describe("sampling", () => {
  it("passes the parameters that the model accepts", () => {
    expect(encode({ temperature: 0.3, topP: 0.9, topK: 5 }, "claude-3-7-sonnet-20250219").json).toMatchObject(
      {
        temperature: 0.3,
        top_p: 0.9,
        top_k: 5,
      },
    );
  });

  it.each([
    ["beyond 1 is 1", { temperature: 1.7 }, OLDER, { temperature: 1 }, ["temperature"]],
    ["one of two", { temperature: 0.3, topP: 0.9 }, OLDER, { temperature: 0.3 }, ["top_p"]],
    ["top_p alone", { topP: 0.9 }, OLDER, { top_p: 0.9 }, []],
    [
      "newer models take none",
      { temperature: 1, topP: 0.9, topK: 5 },
      NEWER,
      {},
      ["temperature", "top_p", "top_k"],
    ],
    [
      "thinking fixes it",
      { reasoningEffort: "low", temperature: 0, topP: 0.5, topK: 5 },
      ADAPTIVE,
      {},
      ["temperature", "top_p", "top_k"],
    ],
    ["thinking takes 1", { reasoningEffort: "low", temperature: 1 }, ADAPTIVE, { temperature: 1 }, []],
    ["thinking takes a high top_p", { reasoningEffort: "low", topP: 0.96 }, ADAPTIVE, { top_p: 0.96 }, []],
  ] as const)("%s", (_, changes, upstream, sent, dropped) => {
    const encoded = encode(changes, upstream);
    const { temperature, top_p, top_k } = encoded.json;
    expect(JSON.parse(JSON.stringify({ temperature, top_p, top_k }))).toEqual(sent);
    expect(encoded.dropped).toEqual(dropped);
  });
});
