import type { RoutingTable } from "@headgate/contract";
import { expect, it } from "vitest";
import { curlLine, providerLines } from "./banner.ts";

it("prints a request that a chat route accepts", () => {
  expect(curlLine("http://127.0.0.1:4000", "headgate key", "demo")).toContain(
    '{"model":"demo","messages":[{"role":"user","content":"Hello!"}]}',
  );
});

it("prints active providers with their known problems, then the others and why they are off", () => {
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
  expect(providerLines(table, false).split("\n")).toEqual([
    "  on   poor  0 models, 1 key (limited: credits run out)",
    "  off  gone  cannot be used: it was retired",
  ]);
});
