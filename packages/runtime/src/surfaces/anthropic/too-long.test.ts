import { expect, it } from "vitest";
import { tooLongMessage } from "./too-long.ts";

it.each([
  [
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
    "prompt is too long: 9001 tokens > 8192 maximum",
  ],
  [
    "This model's maximum context length is 4,096 tokens. However, you requested 10000 tokens (9000 in the messages, 1000 in the completion).",
    "prompt is too long: 9000 tokens > 4096 maximum",
  ],
  [
    "Requested token count exceeds the model's maximum context length of 262144 tokens. You requested a total of 262462 tokens: 230462 tokens from the input messages and 32000 tokens for the completion.",
    "input length and `max_tokens` exceed context limit: 230462 + 32000 > 262144, decrease input length or `max_tokens` and try again",
  ],
  [
    "the request exceeds the available context size. request (5000 tokens) exceeds the available context size (4096 tokens)",
    "prompt is too long: 5000 tokens > 4096 maximum",
  ],
  [
    "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
    "prompt is too long: 1100000 tokens > 1048576 maximum",
  ],
  [
    "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
    "prompt is too long: 40000 tokens > 32768 maximum",
  ],
  ["Please reduce the length of the messages.", "prompt is too long: Please reduce"],
])("words %s as Claude Code understands it", (upstream, expected) => {
  expect(tooLongMessage(upstream).slice(0, expected.length)).toBe(expected);
});

it("leaves Anthropic's own words as they are", () => {
  const message = "own/claude: prompt is too long: 210000 tokens > 200000 maximum";
  expect(tooLongMessage(message)).toBe(message);
});
