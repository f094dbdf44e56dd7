import { type JsonObject, type MessageRules, PLAIN_DIALECT } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { EncodeError } from "../adapter.ts";
import { fieldEdits } from "./index.ts";

const TOOLS = [{ type: "function", function: { name: "f" } }];

/** The fields as they are sent, and what is named. */
function sent(json: JsonObject, rules: MessageRules): [JsonObject, readonly string[]] {
  const edits = fieldEdits(json, { ...PLAIN_DIALECT, ...rules });
  if (edits === undefined) return [json, []];
  const kept = Object.entries(json).filter(([name]) => !edits.remove.includes(name));
  return [{ ...Object.fromEntries(kept), ...edits.set }, edits.named];
}

it("changes nothing without rules", () => {
  expect(fieldEdits({ model: "m", tools: TOOLS, tool_choice: "auto" }, PLAIN_DIALECT)).toBeUndefined();
});

it("leaves out the fields beside tools where there is no tool", () => {
  expect(sent({ tools: [], tool_choice: "auto", parallel_tool_calls: true, n: 1 }, {})).toEqual([
    { n: 1 },
    [],
  ]);
  expect(sent({ tool_choice: "none" }, {})).toEqual([{}, []]);
});

describe("an effort", () => {
  it.each<[string, readonly string[], string | undefined]>([
    ["medium", ["low", "high"], "high"],
    ["max", ["none", "low", "medium"], "medium"],
    ["none", ["low", "medium"], "low"],
    ["minimal", ["none", "high"], "high"],
    ["low", [], undefined],
    ["wild", ["low"], undefined],
  ])("%s among %j becomes %s, and is named", (effort, values, expected) => {
    const [fields, named] = sent({ reasoning_effort: effort }, { effort: { values: [...values] } });
    expect([fields.reasoning_effort, named]).toEqual([expected, ["reasoning_effort"]]);
  });

  it("is a switch where the provider has one, in its own form", () => {
    const rules = (form: "thinking" | "enable_thinking" | "chat_template"): MessageRules => ({
      effort: { switch: form, level: false },
    });
    expect(sent({ reasoning_effort: "none" }, rules("thinking"))[0]).toEqual({
      thinking: { type: "disabled" },
    });
    expect(sent({ reasoning_effort: "low" }, rules("enable_thinking"))[0]).toEqual({ enable_thinking: true });
    expect(
      sent({ reasoning_effort: "none", chat_template_kwargs: { a: 1 } }, rules("chat_template"))[0],
    ).toEqual({
      chat_template_kwargs: { a: 1, enable_thinking: false },
    });
    expect(sent({ thinking: { type: "disabled" } }, rules("enable_thinking"))).toEqual([
      { enable_thinking: false },
      ["thinking"],
    ]);
  });

  it("of OpenRouter's form is the provider's own", () => {
    const rules: MessageRules = { effort: { values: ["low", "high"] } };
    expect(sent({ reasoning: { effort: "low" } }, rules)).toEqual([
      { reasoning_effort: "low" },
      ["reasoning"],
    ]);
    expect(sent({ reasoning: { enabled: false } }, { effort: { switch: "thinking" } })[0]).toEqual({
      thinking: { type: "disabled" },
    });
  });

  it("is off beside tools, or in a whole answer, where the provider has it so", () => {
    const beside: MessageRules = { effort: { tools: "none", on: true } };
    expect(sent({ tools: TOOLS }, beside)).toEqual([
      { tools: TOOLS, reasoning_effort: "none" },
      ["reasoning_effort"],
    ]);
    expect(sent({ tools: TOOLS, reasoning_effort: "none" }, beside)[1]).toEqual([]);
    const streamed: MessageRules = { effort: { switch: "enable_thinking", level: false, streamed: true } };
    expect(sent({ reasoning_effort: "high" }, streamed)).toEqual([
      { enable_thinking: false },
      ["reasoning_effort"],
    ]);
    expect(sent({ reasoning_effort: "high", stream: true }, streamed)[0]).toEqual({
      stream: true,
      enable_thinking: true,
    });
  });

  it("has no switch where the model always reasons", () => {
    const rules: MessageRules = { effort: { values: ["low", "high"], fixed: true } };
    expect(sent({ thinking: { type: "disabled" }, reasoning_effort: "none" }, rules)).toEqual([
      { reasoning_effort: "low" },
      ["thinking", "reasoning_effort"],
    ]);
  });
});

describe("a value", () => {
  it.each<[JsonObject, JsonObject, JsonObject, readonly string[]]>([
    [{ temperature: 2 }, { temperature: { max: 1 } }, { temperature: 1 }, ["temperature"]],
    [{ top_p: 0 }, { top_p: { min: 0.01 } }, { top_p: 0.01 }, ["top_p"]],
    [{ temperature: 1 }, { temperature: { only: [1] } }, { temperature: 1 }, []],
    [{ temperature: 0.5 }, { temperature: { only: [1] } }, {}, ["temperature"]],
    [{}, { max_tokens: { default: 8 } }, { max_tokens: 8 }, []],
    [{ max_completion_tokens: 3 }, { max_tokens: { default: 8 } }, { max_completion_tokens: 3 }, []],
    [{ stop: ["a", " ", "b"] }, { stop: { blank: false, max: 1 } }, { stop: ["a"] }, ["stop"]],
    [{ stop: "\n" }, { stop: { blank: false } }, {}, ["stop"]],
    [{ stop: ["\n"] }, { stop: { blank: false } }, {}, ["stop"]],
  ])("of %j under %j becomes %j", (given, params, expected, named) => {
    expect(sent(given, { params: params as never })).toEqual([expected, named]);
  });

  it("is left out beside one that excludes it", () => {
    const conflicts = [{ when: "temperature", drop: ["top_p"] }];
    expect(sent({ temperature: 1, top_p: 1 }, { conflicts })).toEqual([{ temperature: 1 }, ["top_p"]]);
    expect(sent({ top_p: 1 }, { conflicts })[1]).toEqual([]);
  });

  it("is left out while the model reasons", () => {
    const rules: MessageRules = {
      conflicts: [{ when: "thinking", drop: ["temperature"] }],
      effort: { on: true },
    };
    expect(sent({ temperature: 1 }, rules)[1]).toEqual(["temperature"]);
    expect(sent({ temperature: 1, reasoning_effort: "none" }, rules)[1]).toEqual([]);
    const off: MessageRules = { conflicts: [{ when: "not-thinking", drop: ["verbosity"] }] };
    expect(sent({ verbosity: "low" }, off)[1]).toEqual(["verbosity"]);
  });

  it("is left out where the provider does not know its field", () => {
    const rules: MessageRules = { fields: { known: ["n"] } };
    expect(sent({ model: "m", messages: [], stream: true, n: 1, store: true }, rules)).toEqual([
      { model: "m", messages: [], stream: true, n: 1 },
      ["store"],
    ]);
  });
});

describe("the choice of tools", () => {
  const choose = (choice: JsonObject | string, rules: MessageRules) =>
    sent({ tools: TOOLS, tool_choice: choice }, rules);

  it.each<[JsonObject | string, readonly ("auto" | "none" | "required")[], unknown, readonly string[]]>([
    ["required", ["auto"], "auto", ["tool_choice"]],
    ["auto", [], undefined, []],
    ["required", [], undefined, ["tool_choice"]],
    [{ type: "function", function: { name: "f" } }, ["auto", "required"], "required", []],
    ["required", ["required"], "required", []],
  ])("%j among %j becomes %j", (choice, values, expected, named) => {
    const [fields, names] = choose(choice, { tool_choice: { values: [...values] } });
    expect([fields.tool_choice, names]).toEqual([expected, named]);
  });

  it("none leaves the tools out where the provider lacks it", () => {
    expect(choose("none", { tool_choice: { values: ["auto"] } })).toEqual([{}, ["tools"]]);
  });

  it("of a model that reasons becomes auto, or switches reasoning off", () => {
    const thinking = (rule: "auto" | "off"): MessageRules => ({
      effort: { switch: "thinking", on: true },
      tool_choice: { thinking: rule },
    });
    expect(choose("required", thinking("auto"))[0].tool_choice).toBe("auto");
    expect(choose("required", thinking("off"))[0]).toMatchObject({
      tool_choice: "required",
      thinking: { type: "disabled" },
    });
  });
});

describe("the format", () => {
  const format = (type: string, rule: MessageRules["format"], more: JsonObject = {}) =>
    sent({ response_format: { type }, ...more }, { format: rule ?? {} })[0].response_format;

  it("is written as the provider takes it", () => {
    expect(format("text", { text: "omit" })).toBeUndefined();
    expect(format("json_object", { json_object: "schema" })).toMatchObject({ type: "json_schema" });
    expect(format("json_object", { tools: "drop" }, { tools: TOOLS })).toBeUndefined();
    expect(format("json_object", { tools: "drop" })).toEqual({ type: "json_object" });
  });

  it("goes to another candidate where the provider cannot have it", () => {
    expect(() => format("json_object", { none: "skip" })).toThrow(EncodeError);
    expect(() => format("json_object", { tools: "skip" }, { tools: TOOLS })).toThrow(/only without tools/);
  });
});
