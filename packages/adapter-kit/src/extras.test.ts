import type { JsonObject, JsonValue } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { sortExtras } from "./extras.ts";

/** The fate of each field, in order. */
function fatesOf(
  extra: JsonObject,
  has: (name: string, value: JsonValue) => boolean = () => false,
): string[] {
  const fates: string[] = [];
  sortExtras(extra, {
    carry(name, value) {
      const carried = has(name, value);
      if (carried) fates.push(`carried ${name}`);
      return carried;
    },
    drop: (name) => fates.push(`dropped ${name}`),
    refuse: (name) => fates.push(`refused ${name}`),
  });
  return fates;
}

describe("sortExtras", () => {
  it("refuses unknown names that every object inherits", () => {
    const extra = JSON.parse('{"__defineGetter__":1,"hasOwnProperty":"n","constructor":2}') as JsonObject;
    expect(fatesOf(extra)).toEqual([
      "refused __defineGetter__",
      "refused hasOwnProperty",
      "refused constructor",
    ]);
  });

  it("drops fields that do not change the answer", () => {
    const names = [
      "client_metadata",
      "metadata",
      "prediction",
      "prompt_cache_key",
      "prompt_cache_retention",
      "safety_identifier",
      "service_tier",
      "store",
      "stream_options",
      "verbosity",
    ];
    const fates = fatesOf(Object.fromEntries(names.map((name) => [name, "any"])));
    expect(fates).toEqual(names.map((name) => `dropped ${name}`));
  });

  it("refuses unknown fields", () => {
    expect(fatesOf({ web_search_options: {}, HARMLESS: 1 })).toEqual([
      "refused web_search_options",
      "refused HARMLESS",
    ]);
  });

  it.each<[string, JsonValue, JsonValue]>([
    ["n", 1, 2],
    ["logprobs", false, true],
    ["top_logprobs", 0, 3],
    ["logit_bias", {}, { "50256": -100 }],
    ["logit_bias", {}, []],
    ["modalities", ["text"], ["text", "audio"]],
    ["modalities", [], "text"],
  ])("ignores %s as %j, and refuses it as %j", (name, neutral, other) => {
    expect(fatesOf({ [name]: neutral })).toEqual([]);
    expect(fatesOf({ [name]: other })).toEqual([`refused ${name}`]);
  });

  it("ignores a null, also in a field that the wire has", () => {
    expect(fatesOf({ store: null, thinking: null, unheard_of: null }, () => true)).toEqual([]);
  });

  it("carries fields that the wire has, harmless or not, and drops values that it lacks", () => {
    const has = (name: string, value: JsonValue): boolean =>
      name === "thinking" || (name === "service_tier" && value === "auto");
    expect(fatesOf({ thinking: {}, service_tier: "auto" }, has)).toEqual([
      "carried thinking",
      "carried service_tier",
    ]);
    expect(fatesOf({ service_tier: "flex" }, has)).toEqual(["dropped service_tier"]);
  });

  it("keeps the client's order", () => {
    const has = (name: string): boolean => name === "thinking";
    expect(fatesOf({ store: true, audio: {}, thinking: {}, metadata: {} }, has)).toEqual([
      "dropped store",
      "refused audio",
      "carried thinking",
      "dropped metadata",
    ]);
  });
});
