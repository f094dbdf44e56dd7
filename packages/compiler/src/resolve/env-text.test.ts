import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { oddLines } from "./env-text.ts";

const oddIn = (text: string, values: Record<string, string> = {}): string[] => {
  const parsed = Object.fromEntries(
    Object.entries(parseEnv(text)).map(([name, value]) => [name, value ?? ""]),
  );
  return oddLines(text, { ...parsed, ...values }).map(({ kind, name }) => `${kind} ${name}`);
};

describe("the lines of a .env", () => {
  it.each([
    "A=1\nB=2\n",
    "A=1 # on\n",
    "# A=1\n# A=2\n",
    "A='ab#cd'\nexport B=\"x # y\"\r\n",
    "GROQ_API_KEY=\nGROQ_API_KEY_2=gsk_abc\n",
    "A='one\nA=two\n'\n",
    "A_KEY=monkey\nB_TOKEN=token-of-mine-4711\n",
    "",
  ])("are not odd in %j", (text) => {
    expect(oddIn(text)).toEqual([]);
  });

  it("are told where a value is cut, a quote is open, a name comes twice, and a key is a placeholder", () => {
    expect(oddIn("A=ab#cd\n")).toEqual(["cut A"]);
    expect(oddIn("A='ab\nB=1\n", { A: "'ab" })).toEqual(["unclosed A"]);
    expect(oddIn("A=1\nB=1\nexport A=2\n")).toEqual(["duplicate A"]);
    for (const value of [
      "your-key-here",
      "YOUR_API_KEY",
      "<key>",
      "sk-...",
      "xxxx",
      "changeme",
      "my-openai-key",
    ])
      expect(oddIn(`GROQ_API_KEY=${value}\n`), value).toEqual(["placeholder GROQ_API_KEY"]);
    expect(oddIn("OR_API_KEY_2=your_key\n")).toEqual(["placeholder OR_API_KEY_2"]);
  });
});
