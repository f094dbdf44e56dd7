import { expect, it } from "vitest";
import { parseKeysFile, variableOf } from "./keys-file.ts";

it("reads a dotenv file, also one that begins with a comment", () => {
  expect(parseKeysFile("# mine\n\nGROQ_API_KEY=one # note\nexport COHERE_API_KEY='two'\n")).toEqual({
    variables: { GROQ_API_KEY: "one", COHERE_API_KEY: "two" },
    problems: [],
  });
});

it("reads a label and its key on the next line that is not blank", () => {
  const text =
    "\ufeffGroq\r\n\r\ngsk_one\r\n\r\n## Open Router API key:\r\nsk-or-two=\r\nGroq 2\r\n  gsk_three  \r\n";
  expect(parseKeysFile(text)).toEqual({
    variables: { GROQ_API_KEY: "gsk_one", OPEN_ROUTER_API_KEY: "sk-or-two=", GROQ_API_KEY_2: "gsk_three" },
    problems: [],
  });
});

it("takes an empty file for no keys", () => {
  expect(parseKeysFile("\n# nothing\n")).toEqual({ variables: {}, problems: [] });
});

it.each([
  ["Groq\n", "line 1 is a label without a value below it"],
  ["Groq\ngsk one\n", "line 2 must be one key without blanks, the value of line 1"],
  ["Groq\na\nGROQ_API_KEY\nb\n", "line 3 names GROQ_API_KEY a second time"],
  ["(?)\na\n", "line 1 must be a label such as Groq or GROQ_API_KEY"],
])("says what is wrong with %j, without a value", (text, problem) => {
  expect(parseKeysFile(text).problems).toEqual([problem]);
});

it.each([
  ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_TOKEN"],
  ["Cloudflare API token", "CLOUDFLARE_API_TOKEN"],
  ["opencode-zen", "OPENCODE_ZEN_API_KEY"],
  ["GROQ_API_KEY_3", "GROQ_API_KEY_3"],
  ["Groq 12:", "GROQ_API_KEY_12"],
])("takes the label %s for %s", (label, variable) => {
  expect(variableOf(label)).toBe(variable);
});
