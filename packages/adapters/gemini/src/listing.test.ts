import { expect, it } from "vitest";
import { LISTING } from "./listing.ts";

const read = (document: unknown) => LISTING.read(Buffer.from(JSON.stringify(document)));

it("reads ids as requests name them, methods as operations, and the next page's token", () => {
  expect(
    read({
      models: [
        {
          name: "models/gemini-x",
          inputTokenLimit: 9,
          outputTokenLimit: 8,
          supportedGenerationMethods: ["generateContent", "countTokens"],
        },
        { name: "models/embed-x", supportedGenerationMethods: ["embedContent"] },
        { name: "models/imagen-x", supportedGenerationMethods: ["predict"] },
        { name: "models/unsaid" },
        { name: "models/" },
        { baseModelId: "x" },
      ],
      nextPageToken: "a+b",
    }),
  ).toEqual({
    models: [
      { id: "gemini-x", operations: ["chat"], contextTokens: 9, maxOutputTokens: 8 },
      { id: "embed-x", operations: ["embedding"] },
      { id: "imagen-x", operations: [] },
      { id: "unsaid" },
    ],
    unreadable: 2,
    next: "a+b",
  });
  expect(LISTING.page("", "a+b")).toBe("models?pageSize=1000&pageToken=a%2Bb");
  expect(read({ models: [], nextPageToken: "" })).toEqual({ models: [], unreadable: 0 });
  expect(read({ error: {} })).toBeUndefined();
});
