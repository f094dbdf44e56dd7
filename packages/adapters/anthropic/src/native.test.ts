import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { Dialect, JsonObject } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import anthropic from "./index.ts";

const USER = { role: "user", content: "Hi" };
const DIALECT: Partial<Dialect> = {
  tool_names: { max: 128, chars: "word" },
  schema: { fix: ["root", "union"] },
  params: { stop: { blank: false } },
};

/** What a client's body becomes for a model, and what is named. */
function sent(upstream: string, text: string) {
  const json = JSON.parse(text) as JsonObject;
  const target = sampleTarget("anthropic", DIALECT, { upstream });
  const encoded = anthropic.chat.native.encode({ bytes: Buffer.from(text), json }, target);
  return { ...encoded, text: encoded.body.toString("utf8") };
}
const fit = (upstream: string, body: object) => {
  const { text, ...rest } = sent(upstream, JSON.stringify({ model: "m", messages: [USER], ...body }));
  return { ...rest, json: JSON.parse(text) };
};

describe("a client's own Messages body", () => {
  it("passes byte for byte where the model takes all of it", () => {
    const text = `{ "model": "m",  "max_tokens": 9, "messages": [{"role":"user","content":"Hi"}], "future": 1.50 }`;
    expect(sent("claude-opus-4-8", text).text).toBe(text.replace('"m"', '"claude-opus-4-8"'));
  });

  it("has an effort in place of a budget where the model thinks as it sees fit", () => {
    const body = { max_tokens: 9_000, thinking: { type: "enabled", budget_tokens: 8_000 } };
    expect(fit("claude-opus-4-7", body)).toMatchObject({
      json: { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "medium" } },
      dropped: ["thinking.budget_tokens"],
    });
    expect(fit("claude-sonnet-4-6", body)).toMatchObject({ json: { thinking: body.thinking }, dropped: [] });
    const own = fit("claude-opus-4-7", { ...body, output_config: { effort: "max" } });
    expect(own.json.output_config).toEqual({ effort: "max" });
  });

  it("has a budget in place of adaptive thinking where the model knows no other", () => {
    const body = { max_tokens: 10_000, thinking: { type: "adaptive" }, output_config: { effort: "low" } };
    const { json, dropped } = fit("claude-haiku-4-5", body);
    expect(json.thinking).toEqual({ type: "enabled", budget_tokens: 2_000 });
    expect(json).not.toHaveProperty("output_config");
    expect(dropped).toEqual(["output_config.effort", "thinking.type"]);
    // What Claude Code sends after a call that another provider's model made without thinking.
    const going = [
      USER,
      { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "9" }] },
    ];
    expect(fit("claude-haiku-4-5", { ...body, messages: going }).json.thinking).toEqual({ type: "disabled" });
    const short = fit("claude-haiku-4-5", { ...body, max_tokens: 1_000 });
    expect(short.json).not.toHaveProperty("thinking");
  });

  it("keeps the format where only the effort is refused", () => {
    const format = { type: "json_schema", schema: {} };
    const { json } = fit("claude-haiku-4-5", { output_config: { effort: "low", format } });
    expect(json.output_config).toEqual({ format });
  });

  it("reduces the schema of an answer to what the API takes, and leaves one that it takes as it is", () => {
    const at = (town: object) => ({
      type: "json_schema",
      schema: { type: "object", properties: { town }, additionalProperties: false },
    });
    const { json, dropped } = fit("claude-opus-4-7", {
      output_config: { effort: "max", format: at({ type: "string", minLength: 2 }) },
    });
    expect(json.output_config).toEqual({
      effort: "max",
      format: at({ type: "string", description: "{minLength: 2}" }),
    });
    expect(dropped).toEqual(["output_config.format.schema.minLength"]);
    const own = { output_config: { format: at({ type: "string" }) } };
    expect(fit("claude-opus-4-7", own).dropped).toEqual([]);
  });

  it("leaves out sampling that the model refuses, by name, and nothing of another maker's model", () => {
    const body = { temperature: 0.5, top_p: 0.9, top_k: 3 };
    const { json, dropped } = fit("claude-opus-4-7", body);
    expect(json).not.toMatchObject({ temperature: 0.5 });
    expect(dropped.toSorted()).toEqual(["temperature", "top_k", "top_p"]);
    expect(fit("claude-haiku-4-5", body)).toMatchObject({ json: { temperature: 0.5 }, dropped: ["top_p"] });
    expect(fit("glm-4.7", body)).toMatchObject({ json: body, dropped: [] });
  });

  it("has system messages at the front, unless the model takes them between the turns", () => {
    const messages = [
      USER,
      { role: "assistant", content: "Yes." },
      { role: "system", content: "Now in German." },
    ];
    const older = fit("claude-opus-4-7", { system: "Be brief.", messages });
    expect(older.json.system).toEqual([
      { type: "text", text: "Be brief." },
      { type: "text", text: "Now in German." },
    ]);
    expect([older.json.messages.length, older.dropped]).toEqual([2, ["messages.role"]]);
    expect(fit("claude-opus-4-8", { messages })).toMatchObject({ json: { messages }, dropped: [] });
    expect(fit("some-model", { messages })).toMatchObject({ json: { messages }, dropped: [] });
  });

  it("has ids and names in Anthropic's form, call and result alike, and keeps long integers", () => {
    const text = JSON.stringify({
      model: "m",
      tools: [
        { name: "a.b", input_schema: { type: "object" } },
        { type: "web_search_20250305", name: "web_search" },
      ],
      tool_choice: { type: "tool", name: "a.b" },
      messages: [
        USER,
        {
          role: "assistant",
          content: [{ type: "tool_use", id: "functions.f:0", name: "a.b", input: { n: 1 } }],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "functions.f:0", content: "9" }] },
      ],
    }).replace('"n":1', '"n":2512292042121000001');
    const { text: out, names, dropped } = sent("claude-opus-4-8", text);
    const { tools, tool_choice, messages } = JSON.parse(out);
    const [, { content: calls }, { content: results }] = messages;
    expect(calls[0].id).toMatch(/^[a-zA-Z0-9_-]+$/);
    expect(results[0].tool_use_id).toBe(calls[0].id);
    expect(calls[0].name).toMatch(/^a_b/);
    expect([tools[0].name, tool_choice.name, tools[1].name]).toEqual([
      calls[0].name,
      calls[0].name,
      "web_search",
    ]);
    expect([...(names ?? [])]).toEqual([[calls[0].name, "a.b"]]);
    expect(out).toContain("2512292042121000001");
    expect(dropped).toEqual([]);
  });

  it("has schemas with a root of one object, and no blank stop sequence", () => {
    const { json, dropped } = fit("claude-opus-4-8", {
      stop_sequences: ["\n", "END"],
      tools: [{ name: "f", input_schema: { anyOf: [{ type: "object", properties: { a: {} } }] } }],
    });
    expect(json.stop_sequences).toEqual(["END"]);
    expect(json.tools[0].input_schema).toEqual({ type: "object", properties: { a: {} } });
    expect(dropped).toEqual(["stop_sequences", "tools.input_schema.anyOf"]);
    expect(fit("claude-opus-4-8", { stop_sequences: [" "] }).json).not.toHaveProperty("stop_sequences");
  });

  it("brings Claude Code's billing block to Claude alone", () => {
    const billing = { type: "text", text: "x-anthropic-billing-header: cc_version=2; cch=1;" };
    const rule = { type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } };
    expect(fit("glm-4.7", { system: [billing, rule] }).json.system).toEqual([rule]);
    expect(fit("glm-4.7", { system: [billing] }).json).not.toHaveProperty("system");
    expect(fit("claude-opus-4-8", { system: [billing, rule] }).json.system).toEqual([billing, rule]);
  });
});
