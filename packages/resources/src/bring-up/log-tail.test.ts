import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogTail, withoutSecrets } from "./log-tail.ts";

describe("the last lines", () => {
  it("are whole lines however they arrive, without control characters", () => {
    const tail = new LogTail();
    for (const part of ["one\ntw", "o\r\n", "\u001b[31mthree\u001b[0m\n\n", "four"]) tail.add(part);
    expect(tail.lines()).toEqual(["one", "two", " [31mthree [0m", "four"]);
  });

  it("stay few and short, whatever is written", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 600, unit: "binary" }), { maxLength: 100 }), (parts) => {
        const tail = new LogTail();
        for (const part of parts) tail.add(`${part}\n`.repeat(3));
        const lines = tail.lines();
        expect(lines.length).toBeLessThanOrEqual(40);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(400);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ["Authorization: Bearer abc.def", "Authorization: Bearer ***"],
    ["OLLAMA_API_KEY=abc next", "OLLAMA_API_KEY=*** next"],
    ['{"token": "abc"}', '{"token": "***"}'],
    ["using sk-abcdefgh1234", "using ***"],
    ["the value my-password here", "the value *** here"],
  ])("hide what is a secret: %s", (text, safe) => {
    expect(withoutSecrets(text, ["my-password"])).toBe(safe);
  });
});
