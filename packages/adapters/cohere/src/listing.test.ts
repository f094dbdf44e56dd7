import { expect, it } from "vitest";
import { LISTING } from "./listing.ts";

const read = (document: unknown) => LISTING.read(Buffer.from(JSON.stringify(document)));

it("reads endpoints as operations, leaves out what is deprecated, and finds the next page", () => {
  expect(
    read({
      models: [
        { name: "command-x", endpoints: ["generate", "chat"], context_length: 9 },
        { name: "embed-x", endpoints: ["embed", "classify"] },
        { name: "rerank-x", endpoints: ["rerank"] },
        { name: "old-x", endpoints: ["chat"], is_deprecated: true },
        { name: "other-x", endpoints: ["transcribe"] },
        { id: "nameless" },
      ],
      next_page_token: "t",
    }),
  ).toEqual({
    models: [
      { id: "command-x", operations: ["chat"], contextTokens: 9 },
      { id: "embed-x", operations: ["embedding"] },
      { id: "rerank-x", operations: ["rerank"] },
      { id: "other-x", operations: [] },
    ],
    unreadable: 1,
    next: "t",
  });
  expect(LISTING.page("", "t")).toBe("../v1/models?page_size=1000&page_token=t");
  expect(read({ models: null })).toBeUndefined();
});
