import { expect, it } from "vitest";
import { statedLimits } from "./stated-limits.ts";

it.each([
  [
    "This model's maximum context length is 131072 tokens. However, you requested 200001 tokens",
    131072,
    undefined,
  ],
  ["Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 5", 8193, undefined],
  ["max_tokens is too large: 90000. This model supports at most 16384 completion tokens", undefined, 16384],
  [
    "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model",
    undefined,
    8192,
  ],
  [
    "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for claude",
    undefined,
    64000,
  ],
  ["Invalid max_tokens value, the valid range of max_tokens is [1, 8,192]", undefined, 8192],
  [
    "Unable to submit request because it has a maxOutputTokens value of 70000 but the supported range is from 1 (inclusive) to 65537 (exclusive)",
    undefined,
    65536,
  ],
  ["Please reduce the length of the messages or completion.", undefined, undefined],
  ["max_tokens: must be a number, in chapter 12", undefined, undefined],
])("%s", (text, contextTokens, maxOutputTokens) => {
  expect(statedLimits(text)).toEqual({
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  });
});
