import fc from "fast-check";
import { expect, it } from "vitest";
import { ClientError } from "./client-error.ts";
import { parseJsonBody } from "./json-body.ts";

it("parses any object as JSON.parse does, and keeps its bytes", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
      const bytes = Buffer.from(JSON.stringify(value));
      const body = parseJsonBody(bytes);
      expect(body.bytes).toBe(bytes);
      expect(body.json).toEqual(JSON.parse(bytes.toString()));
    }),
  );
});

it("answers any bytes with an object or a 400", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (raw) => {
      try {
        expect(parseJsonBody(Buffer.from(raw)).json).toBeTypeOf("object");
      } catch (error) {
        expect(error).toBeInstanceOf(ClientError);
        expect((error as ClientError).status).toBe(400);
      }
    }),
  );
});

it("counts depth, not brackets: a wide body passes, brackets in text do not count", () => {
  expect(() =>
    parseJsonBody(Buffer.from(JSON.stringify({ wide: Array.from({ length: 5_000 }, () => [1]) }))),
  ).not.toThrow();
  expect(() => parseJsonBody(Buffer.from(JSON.stringify({ text: `${"[{".repeat(500)}\\"` })))).not.toThrow();
  expect(() => parseJsonBody(Buffer.from(`{"x":${"[".repeat(127)}${"]".repeat(127)}}`))).not.toThrow();
  expect(() => parseJsonBody(Buffer.from(`{"x":${"[".repeat(128)}${"]".repeat(128)}}`))).toThrow(
    /nested deeper/,
  );
});
