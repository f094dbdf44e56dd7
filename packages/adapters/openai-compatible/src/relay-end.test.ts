import { expect, it } from "vitest";
import { relayChat } from "./relay.ts";

const chunk = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({ id: "x", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

it("a whole answer stays whole, with any bytes after it in the same chunk", () => {
  const relay = relayChat({ includeUsage: false });
  const answer = `${chunk({ content: "hi" }, null)}${chunk({}, "stop")}data: [DONE]\n\n`;
  const pieces = relay.push(Buffer.from(`${answer}data: ${"x".repeat(9 * 1024 * 1024)}`));
  expect(pieces.map(({ kind }) => kind)).toEqual(["content", "end"]);
  expect(relay.end()).toEqual([]);
});
