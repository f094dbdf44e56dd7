import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { JsonObject } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import gemini from "./index.ts";

const SKIP = "skip_thought_signature_validator";
const USER = { role: "user", parts: [{ text: "Hi" }] };
const call = (name: string, more: object = {}) => ({ functionCall: { name, args: {} }, ...more });
const result = (name: string) => ({ role: "user", parts: [{ functionResponse: { name, response: {} } }] });

function fit(text: string, upstream = "gemini-3.5-flash") {
  const target = sampleTarget(
    "gemini",
    { tool_names: { max: 64, chars: "dotted", start: "letter" } },
    { upstream },
  );
  const json = JSON.parse(text) as JsonObject;
  const encoded = gemini.chat.native.encode({ bytes: Buffer.from(text), json, stream: false }, target);
  return { ...encoded, text: encoded.body.toString("utf8") };
}
const partsOf = (contents: readonly object[], upstream?: string) =>
  JSON.parse(fit(JSON.stringify({ contents }), upstream).text).contents.map(
    ({ parts }: { parts: object[] }) => parts,
  );

describe("a client's own Gemini body", () => {
  it("passes byte for byte where the model takes all of it", () => {
    const text = `{ "contents":  [{"role":"user","parts":[{"text":"Hi"}]}], "future": 1.50 }`;
    expect(fit(text).text).toBe(text);
  });

  it("has a stand-in for the signature of each step's first call in the current turn", () => {
    const earlier = [USER, { role: "model", parts: [call("f")] }, result("f"), USER];
    const contents = [
      ...earlier,
      { role: "model", parts: [{ text: "Wait." }, call("f"), call("g")] },
      result("f"),
      { role: "model", parts: [call("f", { thoughtSignature: "own" })] },
      result("f"),
      { role: "model", parts: [call("f", { thought_signature: "" })] },
    ];
    const parts = partsOf(contents);
    expect(parts[1]).toEqual([call("f")]);
    expect(parts[4]).toEqual([{ text: "Wait." }, call("f", { thoughtSignature: SKIP }), call("g")]);
    expect(parts[6]).toEqual([call("f", { thoughtSignature: "own" })]);
    expect(parts[8][0]).toMatchObject({ thoughtSignature: SKIP });
    expect(partsOf(contents, "gemini-2.5-flash")).toEqual(contents.map((content) => content.parts));
    expect(partsOf(contents, "gemma-4-27b")).toEqual(contents.map((content) => content.parts));
  });

  it("has names in Google's form wherever they stand, in both spellings, and keeps long integers", () => {
    const long = "n".repeat(70);
    const { text, names } = fit(
      JSON.stringify({
        contents: [
          USER,
          { role: "model", parts: [{ function_call: { name: "1st", args: { n: 1 } } }] },
          { role: "user", parts: [{ functionResponse: { name: "1st", response: {} } }] },
        ],
        tools: [
          { function_declarations: [{ name: "1st" }, { name: long }, { name: "fine.name" }] },
          { googleSearch: {} },
        ],
        tool_config: { function_calling_config: { mode: "ANY", allowed_function_names: ["1st"] } },
      }).replace('"n":1', '"n":2512292042121000001'),
      "gemini-2.5-flash",
    );
    const { contents, tools, tool_config: config } = JSON.parse(text);
    const [first, second, third] = tools[0].function_declarations.map(({ name }: { name: string }) => name);
    expect(first).toMatch(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/);
    expect(second).toMatch(/^n{50,}_[a-z0-9]+$/);
    expect(second).toHaveLength(64);
    expect(third).toBe("fine.name");
    expect(contents[1].parts[0].function_call.name).toBe(first);
    expect(contents[2].parts[0].functionResponse.name).toBe(first);
    expect(config.function_calling_config.allowed_function_names).toEqual([first]);
    expect(tools[1]).toEqual({ googleSearch: {} });
    expect(Object.fromEntries(names ?? [])).toEqual({ [first]: "1st", [second]: long });
    expect(text).toContain("2512292042121000001");
  });
});
