import type { JsonObject, JsonValue } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { asArray, asObject, asText } from "./json-read.ts";
import { asTexts, capabilitiesOf, firstTokens, type ListingWire, listingRoute } from "./listing.ts";

const listOf = (document: JsonValue | undefined) => asArray(asObject(document)?.data);
const WIRE: ListingWire = {
  route: "models",
  entries: listOf,
  retired: (entry: JsonObject) => entry.retired === true,
  facts: (entry) => ({ id: asText(entry.id), contextTokens: undefined, price: "free" }),
};
const read = (wire: ListingWire, document: JsonValue | string) =>
  listingRoute(wire).read(Buffer.from(typeof document === "string" ? document : JSON.stringify(document)));

describe("a page of a listing", () => {
  it("holds the models that are offered, with what is known of them, and counts the entries that name none", () => {
    const data = [{ id: "a" }, { name: "b" }, "c", null, { id: "d", retired: true }, ["e"], { id: "ä🦆" }];
    expect(read(WIRE, { data })).toStrictEqual({
      models: [
        { id: "a", price: "free" },
        { id: "ä🦆", price: "free" },
      ],
      unreadable: 4,
    });
  });

  it("holds all of them where the wire retires none", () => {
    const { retired: _, ...wire } = WIRE;
    expect(read(wire, { data: [{ id: "a", retired: true }] })?.models).toHaveLength(1);
  });

  it("names the next page where there is one", () => {
    const wire: ListingWire = { ...WIRE, next: (document) => asText(asObject(document)?.next) };
    expect(read(wire, { data: [], next: "cursor" })).toStrictEqual({
      models: [],
      unreadable: 0,
      next: "cursor",
    });
    expect(read(wire, { data: [] })).toStrictEqual({ models: [], unreadable: 0 });
  });

  it("is none where there is no list", () => {
    for (const document of [{}, [], "<html>", ""]) expect(read(WIRE, document)).toBeUndefined();
  });
});

describe("the reference of a page", () => {
  const paged: ListingWire = { ...WIRE, size: { parameter: "limit", max: 50 }, cursor: "after" };

  it("is the route alone where the wire has neither pages nor a size", () => {
    const { path, page } = listingRoute(WIRE);
    expect([path("x"), page("x"), page("x", "c")]).toEqual(["models", "models", "models"]);
  });

  it("asks for one model to try a key, and for as many as the wire allows to read the list", () => {
    const { path, page } = listingRoute(paged);
    expect([path("x"), page("x"), page("x", "a b&c")]).toEqual([
      "models?limit=1",
      "models?limit=50",
      "models?limit=50&after=a%20b%26c",
    ]);
  });

  it("may depend on the base URL", () => {
    const { path } = listingRoute({ ...WIRE, route: (baseUrl) => `${baseUrl}/all` });
    expect(path("x")).toBe("x/all");
  });

  it("comes with the headers that the wire requires, and with none where it requires none", () => {
    expect(listingRoute({ ...WIRE, headers: { "x-version": "1" } }).headers).toEqual({ "x-version": "1" });
    expect(listingRoute(WIRE)).not.toHaveProperty("headers");
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

  it("capabilities are those whose condition holds", () => {
    expect(capabilitiesOf({ vision: true, tools: false, json: true })).toEqual(["vision", "json"]);
    expect(capabilitiesOf({})).toEqual([]);
  });
});
