import type { Dialect, JsonObject, JsonValue } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { applyDialect, applyToClientBody, GATEWAY_FIELDS, stripSchema } from "./dialect.ts";

const NOTHING: Dialect = { drop: [], rename: {}, stripToolSchema: [] };
const MODEL = { model: '"up"' };

interface Applied {
  readonly sent: JsonObject;
  readonly text: string;
  readonly dropped: readonly string[];
}

function apply(
  json: JsonObject,
  dialect: Partial<Dialect>,
  how: typeof applyDialect = applyDialect,
  text = JSON.stringify(json),
): Applied {
  const { bytes, dropped } = how({ bytes: Buffer.from(text), json }, { ...NOTHING, ...dialect }, MODEL);
  const sent = bytes.toString("utf8");
  return { sent: JSON.parse(sent) as JsonObject, text: sent, dropped };
}

const tool = (parameters: JsonValue): JsonObject => ({
  type: "function",
  function: { name: "f", parameters },
});

describe("a provider's dialect", () => {
  it("without any departure changes the model and not a byte more", () => {
    const text = '{ "model" : "m",\n "seed": 1e400, "tools":[] }';
    expect(apply({ model: "m", seed: 1, tools: [] }, {}, applyDialect, text)).toMatchObject({
      text: text.replace('"m"', '"up"'),
      dropped: [],
    });
  });

  it("leaves out what the provider refuses, and names what was there", () => {
    expect(apply({ model: "m", seed: 1, user: "u" }, { drop: ["seed", "logprobs"] })).toMatchObject({
      sent: { model: "up", user: "u" },
      dropped: ["seed"],
    });
  });

  it("renames what the provider calls otherwise", () => {
    expect(apply({ model: "m", max_tokens: 5 }, { rename: { max_tokens: "max_completion_tokens" } })).toEqual(
      {
        sent: { model: "up", max_completion_tokens: 5 },
        text: '{"model":"up","max_completion_tokens":5}',
        dropped: [],
      },
    );
  });

  it("takes names that every object has for fields like others", () => {
    const json = JSON.parse('{"model":"m","constructor":1}') as JsonObject;
    expect(apply(json, { drop: ["constructor", "toString"] })).toMatchObject({
      text: '{"model":"up"}',
      dropped: ["constructor"],
    });
    expect(apply({ model: "m" }, { drop: ["toString"] }).text).toBe('{"model":"up"}');
  });
});

describe("keywords that a provider refuses in the schemas of tools", () => {
  const strip = (tools: JsonValue, dialect: Partial<Dialect> = {}) =>
    apply({ model: "m", tools }, { stripToolSchema: ["additionalProperties", "minLength"], ...dialect });

  it("are left out at any depth, and named once each", () => {
    const parameters = {
      type: "object",
      additionalProperties: false,
      properties: { a: { type: "string", minLength: 1 }, b: { anyOf: [{ minLength: 2 }, { type: "null" }] } },
      $defs: { c: { minLength: 3, items: { minLength: 4 } } },
    };
    expect(strip([tool(parameters)])).toMatchObject({
      sent: {
        model: "up",
        tools: [
          tool({
            type: "object",
            properties: { a: { type: "string" }, b: { anyOf: [{}, { type: "null" }] } },
            $defs: { c: { items: {} } },
          }),
        ],
      },
      dropped: ["tools[].function.parameters.additionalProperties", "tools[].function.parameters.minLength"],
    });
  });

  it("are left out of Anthropic's tools, which hold their schema themselves", () => {
    const { sent } = strip([{ name: "f", input_schema: { minLength: 1, type: "string" } }]);
    expect(sent.tools).toEqual([{ name: "f", input_schema: { type: "string" } }]);
  });

  it("are not looked for in what is no tool with a schema", () => {
    const odd = [
      "web_search",
      { type: "web_search", minLength: 1 },
      { function: "f", minLength: 1 },
      { function: { name: "f", minLength: 1 } },
      tool({ minLength: 1 }),
    ];
    const { sent } = strip(odd);
    expect(sent.tools).toEqual([...odd.slice(0, 4), tool({})]);
    expect(strip({ minLength: 1 }).sent.tools).toEqual({ minLength: 1 });
  });

  it("leave every byte of the tools as it was where none of them stands there", () => {
    const text = '{"model":"m","tools":[ {"function":{"parameters":{"a":1e400}}} ]}';
    const json = { model: "m", tools: [tool({ a: 1 })] };
    const { text: sent, dropped } = apply(json, { stripToolSchema: ["minLength"] }, applyDialect, text);
    expect(sent).toBe(text.replace('"m"', '"up"'));
    expect(dropped).toEqual([]);
  });

  it("say nothing of tools that are left out themselves, or that are not there", () => {
    expect(strip([tool({ minLength: 1 })], { drop: ["tools"] })).toMatchObject({
      sent: { model: "up" },
      dropped: ["tools"],
    });
    expect(apply({ model: "m" }, { stripToolSchema: ["minLength"] })).toMatchObject({
      text: '{"model":"up"}',
    });
  });
});

describe("a schema without some keywords", () => {
  const strip = (schema: JsonValue): { schema: JsonValue; stripped: string[] } => {
    const stripped = new Set<string>();
    return { schema: stripSchema(schema, new Set(["format", "enum2"]), stripped), stripped: [...stripped] };
  };

  it.each(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"])(
    "keeps what is merely named like one under %s, and strips what stands below that name",
    (keyword) => {
      expect(strip({ [keyword]: { format: { format: "date", type: "string" } } })).toEqual({
        schema: { [keyword]: { format: { type: "string" } } },
        stripped: ["format"],
      });
    },
  );

  it.each(["enum", "const", "default", "examples", "example"])(
    "keeps the data under %s as it is",
    (keyword) => {
      const schema = { [keyword]: [{ format: "date" }] };
      expect(strip(schema)).toEqual({ schema, stripped: [] });
    },
  );

  it("is stripped wherever schemas stand, lists among them, and scalars stay", () => {
    expect(strip({ allOf: [{ format: 1 }, true], not: { format: 2 }, title: "format" })).toEqual({
      schema: { allOf: [{}, true], not: {}, title: "format" },
      stripped: ["format"],
    });
    expect(strip({ properties: ["format"] }).schema).toEqual({ properties: ["format"] });
    expect(strip(null).schema).toBeNull();
  });
});

describe("what in a client's body speaks to the gateway", () => {
  it.each(GATEWAY_FIELDS)("%s reaches no provider, and is not told as dropped", (field) => {
    expect(
      apply({ model: "m", [field]: true, seed: 1 }, { drop: ["seed"] }, applyToClientBody),
    ).toMatchObject({
      text: '{"model":"up"}',
      dropped: ["seed"],
    });
  });

  it("is mock_testing_fallbacks, fallbacks and disable_fallbacks", () => {
    expect(GATEWAY_FIELDS).toEqual(["mock_testing_fallbacks", "fallbacks", "disable_fallbacks"]);
  });

  it("is left alone where it is not there", () => {
    expect(apply({ model: "m", seed: 1 }, { drop: ["seed"] }, applyToClientBody)).toMatchObject({
      text: '{"model":"up"}',
      dropped: ["seed"],
    });
  });
});
