import { expect, it } from "vitest";
import { permitted, Sources } from "./sources.ts";

const page = (name: string) => ({ url: `https://${name}.example/`, title: name, snippet: `about ${name}` });

it("numbers pages over all searches, each once", () => {
  const sources = new Sources();
  expect(sources.add([page("a"), page("b")])).toContain("[2] b\nhttps://b.example/\nabout b");
  expect(sources.add([page("b"), page("c")])).toMatch(/^\[2\] b[\s\S]*\[3\] c/);
  expect(sources.add([])).toBe("Nothing was found.");
});

it("cites the sentence before each reference, in characters", () => {
  const sources = new Sources();
  sources.add([page("a"), page("b")]);
  const text = "🦆 first. Second one [1][2]. Third. [2] Nothing [9].";
  const cited = sources
    .citations(text)
    .map(({ start, end, title }) => [[...text].slice(start, end).join(""), title]);
  expect(cited).toEqual([
    ["Second one", "a"],
    ["Second one", "b"],
    ["Third.", "b"],
  ]);
});

it("cites every page for the whole text where it refers to none", () => {
  const sources = new Sources();
  sources.add([page("a"), page("b")]);
  expect(sources.citations("🦆 yes")).toMatchObject([
    { start: 0, end: 5, url: "https://a.example/", citedText: "about a" },
    { start: 0, end: 5, title: "b" },
  ]);
});

it("keeps results of the allowed domains alone, and none of the blocked", () => {
  const results = [page("a"), { ...page("b"), url: "https://sub.a.example/x" }, page("xa")];
  const urls = (rule: Parameters<typeof permitted>[1]) => permitted(results, rule).map(({ title }) => title);
  expect(urls({})).toEqual(["a", "b", "xa"]);
  expect(urls({ allowedDomains: ["a.example"] })).toEqual(["a", "b"]);
  expect(urls({ blockedDomains: ["sub.a.example"] })).toEqual(["a", "xa"]);
});
