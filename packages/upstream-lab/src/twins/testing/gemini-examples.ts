/** Rules of Gemini's own wire. */
import type { JsonObject } from "../../json.ts";
import { seal, stable } from "../seal.ts";
import { type Example, SCHEMA } from "./example.ts";

const LONE = "cut \ud83d here";
const _USER = { role: "user", content: "Hello" };

const FLASH = "gemini-3.5-flash";
const contents = (...list: readonly JsonObject[]) => ({ contents: list });
const asks = (...parts: readonly JsonObject[]) => ({ role: "user", parts });
const model = (...parts: readonly JsonObject[]) => ({ role: "model", parts });
const HELLO = asks({ text: "Hello" });
const sign = (name: string, args: JsonObject = {}) => seal(`gemini/${FLASH}`, `${name} ${stable(args)}`);
const fcall = (name = "f", thoughtSignature?: string) => ({
  functionCall: { name, args: {} },
  ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
});
const fresult = (name = "f") => ({ functionResponse: { name, response: { result: "r" } } });
const declared = (parameters: JsonObject, name = "f") => ({
  tools: [{ functionDeclarations: [{ name, parameters }] }],
});
const property = (p: JsonObject) => declared({ type: "object", properties: { p } });

const gemini = (
  rule: string,
  refused: Example["refused"],
  taken: Example["taken"],
  other = "gemini-2.5-flash",
): Example => ({ twin: "gemini", wire: "gemini", rule, model: other, refused, taken });

export const GEMINI_EXAMPLES: readonly Example[] = [
  gemini("gemini-unicode", contents(asks({ text: LONE })), contents(HELLO)),
  gemini(
    "gemini-structure",
    [
      { messages: [] },
      contents(asks({ text: "x", cache_control: {} })),
      contents(HELLO, model({ functionCall: { name: "f", args: "{}" } }), asks(fresult())),
      contents({ role: "assistant", parts: [{ text: "x" }] }),
      { tools: [{ functionDeclarations: [{ name: "f", strict: true }] }] },
    ],
    contents(HELLO),
  ),
  gemini("gemini-15", contents(HELLO, model(), HELLO), contents(HELLO, model({ text: "x" }), HELLO)),
  gemini("gemini-16", [contents(asks({ text: "" })), contents(asks({}))], contents(HELLO)),
  gemini(
    "gemini-03",
    [
      contents(model(fcall()), asks(fresult())),
      contents(HELLO, model({ text: "x" }), model(fcall()), asks(fresult())),
    ],
    contents(HELLO, model({ text: "x" }, fcall()), asks(fresult())),
  ),
  gemini(
    "gemini-04",
    [contents(HELLO, model(fcall(), fcall("g")), asks(fresult())), contents(HELLO, asks(fresult()))],
    contents(HELLO, model(fcall(), fcall("g")), asks(fresult(), fresult("g"))),
  ),
  gemini("gemini-05", contents(HELLO, model({ text: "x" })), contents(HELLO, model({ text: "x" }), HELLO)),
  gemini(
    "gemini-01",
    contents(HELLO, model(fcall()), asks(fresult())),
    [
      contents(HELLO, model(fcall("f", sign("f"))), asks(fresult())),
      contents(HELLO, model(fcall("f", "skip_thought_signature_validator")), asks(fresult())),
      contents(HELLO, model(fcall()), asks(fresult()), model({ text: "x" }), HELLO),
    ],
    FLASH,
  ),
  gemini(
    "gemini-02",
    contents(HELLO, model(fcall("f", sign("f")), fcall("g", sign("g"))), asks(fresult(), fresult("g"))),
    contents(HELLO, model(fcall("f", sign("f")), fcall("g")), asks(fresult(), fresult("g"))),
    FLASH,
  ),
  gemini(
    "gemini-signature",
    contents(HELLO, model(fcall("f", sign("other"))), asks(fresult())),
    contents(HELLO, model(fcall("f", sign("f"))), asks(fresult())),
    FLASH,
  ),
  gemini(
    "gemini-06",
    [
      declared({ ...SCHEMA, additionalProperties: false }),
      property({ type: "integer", exclusiveMinimum: 0 }),
      property({ $ref: "#/x" }),
    ],
    [
      declared(SCHEMA),
      {
        tools: [
          {
            functionDeclarations: [
              { name: "f", parametersJsonSchema: { ...SCHEMA, additionalProperties: false } },
            ],
          },
        ],
      },
    ],
  ),
  gemini("gemini-08", property({ type: ["string", "null"] }), property({ type: "string", nullable: true })),
  gemini(
    "gemini-07",
    property({ type: "string", format: "uri" }),
    property({ type: "string", format: "date-time" }),
  ),
  gemini(
    "gemini-09",
    [property({ type: "integer", enum: [1, 2] }), property({ type: "string", enum: [1] })],
    property({ type: "string", enum: ["a"] }),
  ),
  gemini(
    "gemini-10",
    declared({ ...SCHEMA, required: ["town"] }),
    declared({ ...SCHEMA, required: ["city"] }),
  ),
  gemini(
    "gemini-11",
    property({ type: "string", properties: {} }),
    property({ type: "object", properties: {} }),
  ),
  gemini("gemini-12", property({ type: "array" }), property({ type: "array", items: { type: "string" } })),
  gemini("gemini-13", property({ description: "x" }), property({ anyOf: [{ type: "string" }] })),
  gemini(
    "gemini-14",
    [declared(SCHEMA, "2fa"), declared(SCHEMA, "a/b"), declared(SCHEMA, "n".repeat(65))],
    declared(SCHEMA, "a.b:c-d_e"),
  ),
  gemini(
    "gemini-17",
    { tools: [{ googleSearch: {} }, { functionDeclarations: [{ name: "f", parameters: SCHEMA }] }] },
    { tools: [{ googleSearch: {} }] },
  ),
  gemini(
    "gemini-18",
    { ...declared(SCHEMA), generationConfig: { responseMimeType: "application/json" } },
    { generationConfig: { responseMimeType: "application/json" } },
  ),
  gemini(
    "gemini-19",
    { generationConfig: { thinkingConfig: { thinkingLevel: "low", thinkingBudget: 100 } } },
    { generationConfig: { thinkingConfig: { thinkingLevel: "low" } } },
    FLASH,
  ),
  gemini("gemini-22", { systemInstruction: { parts: [{ text: "s" }] } }, {}, "gemma-3-27b-it"),
  gemini(
    "gemini-23",
    contents(asks({ inlineData: { mimeType: "image/png", data: "https://example.com/a.png" } })),
    contents(asks({ inlineData: { mimeType: "image/png", data: "AAAA" } })),
  ),
];
