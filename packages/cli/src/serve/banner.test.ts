import type { RoutingTable } from "@headgate/contract";
import { expect, it } from "vitest";
import { banner, curlLine, providerLines } from "./banner.ts";

it("prints a request that a chat route accepts", () => {
  const line = curlLine("http://127.0.0.1:4000", "npx headgate key", "demo");
  expect(line).toContain('{"model":"demo","messages":[{"role":"user","content":"Hello!"}]}');
  for (const part of line.split("\n")) expect(part.length).toBeLessThan(80);
});

it("prints active providers with their known problems, and the number of the others, on one screen", () => {
  const provider: RoutingTable["providers"][number] = {
    id: "poor",
    name: "Poor",
    adapter: "openai-compatible",
    status: { state: "limited", reason: "credits run out", since: "2026-05-25" },
    tier: "free",
    keyVars: ["POOR_API_KEY"],
    headers: {},
    dialect: { drop: [], rename: {}, stripToolSchema: [] },
    timeouts: {},
    errors: [],
    limits: [],
  };
  const table: RoutingTable = {
    format: 1,
    fingerprint: "test",
    providers: [provider],
    deployments: [],
    routes: [],
    inactive: [
      { alias: "gone-big", provider: "gone", fix: "cannot be used: it was retired" },
      { alias: "gone-small", provider: "gone", fix: "cannot be used: it was retired" },
    ],
  };
  expect(providerLines(table, "npx headgate providers", false).split("\n")).toEqual([
    "  on  poor  0 models, 1 key (limited: credits run out)",
    "1 more is off: npx headgate providers",
  ]);
  const text = banner({
    table: { ...table, providers: Array.from({ length: 40 }, (_, at) => ({ ...provider, id: `p${at}` })) },
    version: "1.2.3",
    url: "http://127.0.0.1:4000",
    neighbours: [],
    command: (name) => `npx headgate ${name}`,
    colour: false,
  });
  expect(text).toContain("31 more are on");
  expect(text.split("\n").length).toBeLessThan(24);
});
