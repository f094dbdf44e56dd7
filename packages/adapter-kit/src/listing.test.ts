import type { JsonObject } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import type { ListedModel } from "./adapter.ts";
import { asTexts, capabilitiesOf, firstTokens, listedModel, listingPage, parseListing } from "./listing.ts";

const readModel = ({ id, retired }: JsonObject): ListedModel | undefined | null =>
  typeof id !== "string" ? undefined : retired === true ? null : { id };

describe("a page of a listing", () => {
  it("holds the models that are offered, and counts the entries that name none", () => {
    const entries = [{ id: "a" }, { name: "b" }, "c", null, { id: "d", retired: true }, ["e"], { id: "f" }];
    expect(listingPage(entries, readModel)).toStrictEqual({
      models: [{ id: "a" }, { id: "f" }],
      unreadable: 4,
    });
  });

  it("names the next page where there is one", () => {
    expect(listingPage([], readModel, "cursor")).toStrictEqual({ models: [], unreadable: 0, next: "cursor" });
  });

  it("is none where there is no list", () => {
    expect(listingPage(undefined, readModel)).toBeUndefined();
  });

  it("is read from JSON of any characters", () => {
    expect(parseListing(Buffer.from('{"data":["ä🦆"]}'))).toEqual({ data: ["ä🦆"] });
    expect(parseListing(Buffer.from("<html>"))).toBeUndefined();
  });
});

describe("what an entry says", () => {
  it("the first number of tokens counts, and nothing that is none", () => {
    expect(firstTokens(undefined, "8000", 0, -5, 1.5, 4_096, 9_000)).toBe(4_096);
    expect(firstTokens(1)).toBe(1);
    expect(firstTokens(0, null)).toBeUndefined();
    expect(firstTokens()).toBeUndefined();
  });

  it("texts are kept, and whatever else stands between them is left out", () => {
    expect(asTexts(["a", 1, "", null, "b"])).toEqual(["a", "b"]);
    expect(asTexts([])).toEqual([]);
    expect(asTexts("a")).toBeUndefined();
  });

  it("what is not known is left out", () => {
    expect(
      listedModel("m", { contextTokens: 8, maxOutputTokens: undefined, capabilities: [], price: "free" }),
    ).toStrictEqual({ id: "m", contextTokens: 8, capabilities: [], price: "free" });
  });

  it("capabilities are those whose condition holds", () => {
    expect(capabilitiesOf({ vision: true, tools: false, json: true })).toEqual(["vision", "json"]);
    expect(capabilitiesOf({})).toEqual([]);
  });
});
