import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { Route, RoutingTable } from "@headgate/contract";
import { indexTable, Memory } from "@headgate/router";
import { describe, expect, it } from "vitest";
import { modelList } from "./models.ts";

const route = (name: string, fields: Partial<Route>): Route => ({
  name,
  kind: "alias",
  operation: "chat",
  chain: [0],
  contextChain: [],
  ...fields,
});

const { provider, deployment } = sampleTarget("openai-compatible", {}, { capabilities: [] });
const table: RoutingTable = {
  format: 1,
  fingerprint: "test",
  providers: [{ ...provider, id: "acme", name: "Acme" }],
  deployments: [{ ...deployment, provider: 0, alias: "acme-big", upstream: "big", contextTokens: 8192 }],
  routes: [
    route("acme-alone", { kind: "single", description: "Acme alone." }),
    route("acme-big", {}),
    route("all", { kind: "group", description: "All." }),
    route("claude-*", { kind: "map", target: "all" }),
  ],
  inactive: [],
};

const list = modelList(
  indexTable(table, new Memory(), (variable) => variable),
  1_700_000_000,
);

describe("the list of models", () => {
  it("names the target of each mapped name, and the owner of each name", () => {
    const { data } = JSON.parse(list.list) as { data: Record<string, unknown>[] };
    expect(
      data.map(({ id, owned_by, maps_to, description }) => [id, owned_by, maps_to, description]),
    ).toEqual([
      ["acme-alone", "acme", undefined, "Acme alone."],
      ["acme-big", "acme", undefined, undefined],
      ["all", "headgate", undefined, "All."],
      ["claude-*", "headgate", "all", undefined],
    ]);
    expect(data[3]).toMatchObject({ context_length: 8192, name: "claude-*" });
    expect(data[3]).not.toHaveProperty("upstream");
  });

  it("answers with a mapped name as the client sent it", () => {
    expect(JSON.parse(list.one("claude-opus-9") ?? "")).toMatchObject({
      id: "claude-opus-9",
      maps_to: "all",
    });
    expect(list.one("gpt-9")).toBeUndefined();
  });
});
