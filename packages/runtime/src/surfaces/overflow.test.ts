import { expect, it } from "vitest";
import { anthropicOverflow, geminiOverflow, openAiOverflow } from "./overflow.ts";

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
  expect(anthropicOverflow({ message: upstream, contextTokens: undefined }).slice(0, expected.length)).toBe(
    expected,
  );
});

it("leaves Anthropic's own words as they are", () => {
  const message = "own/claude: prompt is too long: 210000 tokens > 200000 maximum";
  expect(anthropicOverflow({ message, contextTokens: undefined })).toBe(message);
});

/** The provider's words, the deployment's window, and what each surface says. */
const EVERY: readonly (readonly [
  message: string,
  contextTokens: number | undefined,
  openAi: string,
  gemini: string,
  anthropic: string,
])[] = [
  [
    "p/m: This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
    undefined,
    "This model's maximum context length is 131072 tokens. However, your messages resulted in 140000 tokens.",
    "The input token count (140000) exceeds the maximum number of tokens allowed (131072).",
    "prompt is too long: 140000 tokens > 131072 maximum",
  ],
  [
    "p/m: Your request exceeded model token limit: 8192",
    undefined,
    "This model's maximum context length is 8192 tokens. However, your messages are longer.",
    "The input token count exceeds the maximum number of tokens allowed (8192).",
    "prompt is too long: ",
  ],
  [
    "p/m: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 1 `max_new_tokens`",
    undefined,
    "This model's maximum context length is 8193 tokens. However, your messages resulted in 9000 tokens.",
    "The input token count (9000) exceeds the maximum number of tokens allowed (8193).",
    "prompt is too long: 9000 tokens > 8193 maximum",
  ],
  [
    "alpha: about 9000 tokens do not fit its window of 8000",
    undefined,
    "This model's maximum context length is 8000 tokens. However, your messages resulted in 9000 tokens.",
    "The input token count (9000) exceeds the maximum number of tokens allowed (8000).",
    "prompt is too long: 9000 tokens > 8000 maximum",
  ],
  [
    "p/m: Prompt exceeds max length",
    128_000,
    "This model's maximum context length is 128000 tokens. However, your messages are longer.",
    "The input token count exceeds the maximum number of tokens allowed (128000).",
    "prompt is too long: p/m: Prompt exceeds max length",
  ],
  [
    "p/m: Prompt exceeds max length",
    undefined,
    "This model's maximum context length is exceeded.",
    "The input token count exceeds the maximum number of tokens allowed.",
    "prompt is too long: p/m: Prompt exceeds max length",
  ],
];

it.each(EVERY)("words %s for every surface", (message, contextTokens, openAi, gemini, anthropic) => {
  const error = { message, contextTokens };
  for (const [said, expected] of [
    [openAiOverflow(error), openAi],
    [geminiOverflow(error), gemini],
    [anthropicOverflow(error), anthropic],
  ] as const) {
    expect(said.slice(0, expected.length)).toBe(expected);
    expect(said).toContain(message);
  }
});

it("leaves a provider's own words as they are on its own surface", () => {
  const openAi =
    "p/m: This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.";
  expect(openAiOverflow({ message: openAi, contextTokens: undefined })).toBe(openAi);
  const gemini = "p/m: The input token count (11) exceeds the maximum number of tokens allowed (10).";
  expect(geminiOverflow({ message: gemini, contextTokens: undefined })).toBe(gemini);
});
