/** Slips that a reader does not see, each with its message (`make slips` makes them by the hundred). */
import { describe, expect, it } from "vitest";
import { CEREBRAS, diagnosticsAfter, type Edit, GROQ, LOCAL } from "../testing/fixture.ts";

const BASE = "https://api.groq.com/openai/v1";

describe("a slip", () => {
  it.each<[string, Edit, string, string]>([
    [
      "an endpoint pasted into a base URL",
      [GROQ, BASE, `${BASE}/chat/completions`],
      "HG340 The address ends with the route `/chat/completions`, which the adapter adds by itself.",
      `Write \`${BASE}\`.`,
    ],
    [
      "the list of models pasted into a base URL",
      [GROQ, BASE, `${BASE}/models`],
      "HG340 The address ends with the route `/models`, which the adapter adds by itself.",
      `Write \`${BASE}\`.`,
    ],
    [
      "a version twice",
      [GROQ, BASE, `${BASE}/v1`],
      "HG340 The address names `/v1` twice.",
      `Write \`${BASE}\`.`,
    ],
    [
      "another provider's host",
      [CEREBRAS, "https://api.cerebras.ai/v1", BASE],
      "HG341 `api.groq.com` is the host of `groq`.",
      "Write the address of `cerebras`, or add its models to `groq`.",
    ],
    [
      "three slashes before the host",
      [GROQ, "https://api.groq", "https:///api.groq"],
      "HG205 `base_url.default` cannot be `https:///api.groq.com/openai/v1`.",
      "Write an http(s):// address without a trailing slash, query or fragment.",
    ],
    [
      "an upstream id copied from a sibling model",
      [LOCAL, "upstream: all-minilm", "upstream: bge-m3"],
      "HG344 `local-minilm` has the same upstream id as `local-bge`.",
      "Correct the id, or delete one of the two.",
    ],
    [
      "MB where GB is meant",
      [LOCAL, "bytes: 5 GB", "bytes: 5 MB"],
      "HG343 `5 MB` is less than `local-llama` can take.",
      "Correct the figure or its unit: GB for a language model, MB for a small one.",
    ],
    [
      "a window a thousand times too large",
      [GROQ, "context_tokens: 131072", "context_tokens: 131072000"],
      "HG342 131072000 tokens are more than any model is known to have.",
      "Correct the figure; 1M are 1048576.",
    ],
    [
      "a window a thousand times too small",
      [LOCAL, "context_tokens: 8192", "context_tokens: 8"],
      "HG342 8 tokens are fewer than any model is known to have.",
      "Write the tokens out: 128K are 131072.",
    ],
    [
      "a source of a day to come",
      [CEREBRAS, "date: 2026-11-21", "date: 2036-11-21"],
      "HG345 `2036-11-21` is still to come; today is 2027-01-01.",
      "Write the day on which it was read.",
    ],
    [
      "an adapter that is not there",
      [GROQ, "adapter: openai-compatible", "adapter: openai-compatibel"],
      "HG204 `adapter` cannot be `openai-compatibel`.",
      "Did you mean `openai-compatible`?",
    ],
  ])("is told in its own words: %s", async (_, edit, message, fix) => {
    const found = await diagnosticsAfter(edit);
    const told = found.map((one) => [`${one.code} ${one.message}`, one.fix]);
    expect(told).toContainEqual([message, fix]);
    expect(found[0]?.file).toBe(edit[0]);
  });
});
