import { expect, it } from "vitest";
import { LISTING } from "./listing.ts";

const read = (document: unknown) => LISTING.read(Buffer.from(JSON.stringify(document)));

it("reads pulled models, under both names of a latest one, with the stated facts only", () => {
  expect(
    read({
      models: [
        { name: "phi4-mini:latest", model: "phi4-mini:latest", size: 1, details: { family: "phi3" } },
        { name: "llama3.2:3b", capabilities: ["completion", "tools", "vision", "thinking", "insert"] },
        { name: "bge-m3:latest", capabilities: ["embedding"] },
        { name: "odd", capabilities: ["image"] },
        { size: 1 },
      ],
    }),
  ).toEqual({
    models: [
      { id: "phi4-mini:latest", alsoNamed: ["phi4-mini"] },
      { id: "llama3.2:3b", operations: ["chat"], capabilities: ["vision", "tools", "reasoning"] },
      { id: "bge-m3:latest", alsoNamed: ["bge-m3"], operations: ["embedding"], capabilities: [] },
      { id: "odd", operations: [], capabilities: [] },
    ],
    unreadable: 1,
  });
  expect(read({ data: [] })).toBeUndefined();
});
