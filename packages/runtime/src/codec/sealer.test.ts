import fc from "fast-check";
import { expect, it } from "vitest";
import { Sealer } from "./sealer.ts";

const sealer = new Sealer("client-key");

it("opens what it sealed, also after a restart", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(new Sealer("client-key").open(sealer.seal(text, "summary"), "summary")).toBe(text);
    }),
  );
});

it("opens nothing that was changed", () => {
  const sealed = sealer.seal("some text", "summary");
  const start = sealed.lastIndexOf(".") + 1;
  const bytesOf = (text: string): Buffer => Buffer.from(text.slice(start), "base64url");
  for (let at = 0; at < sealed.length; at += 1) {
    const other = sealed[at] === "A" ? "B" : "A";
    const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
    // The last character may hold unused bits.
    if (at >= start && bytesOf(changed).equals(bytesOf(sealed))) continue;
    expect(sealer.open(changed, "summary")).toBeUndefined();
    expect(sealer.open(sealed.slice(0, at), "summary")).toBeUndefined();
  }
});

it("opens nothing of another key or purpose, and no plain text", () => {
  const sealed = sealer.seal("some text", "summary");
  expect(new Sealer("other-key").open(sealed, "summary")).toBeUndefined();
  expect(sealer.open(sealed, "reasoning")).toBeUndefined();
  expect(sealer.open("gAAAAABo", "summary")).toBeUndefined();
  expect(sealed).not.toContain(Buffer.from("some text").toString("base64url"));
});
