import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import { ROUTING_FORMAT, type Route, type RoutingTable } from "@headgate/contract";
import { indexTable, Memory } from "@headgate/router";
import { expect, it } from "vitest";
import { modelInfo, modelPage } from "./models.ts";

const route = (name: string, kind: Route["kind"], fields: Partial<Route> = {}): Route => ({
  name,
  kind,
  operation: "chat",
  chain: [0],
  contextChain: [],
  ...fields,
});
const { provider, deployment } = sampleTarget("openai-compatible", {}, { capabilities: [] });
const table: RoutingTable = {
  format: ROUTING_FORMAT,
  fingerprint: "",
  providers: [{ ...provider, id: "p", name: "Provider" }],
  deployments: (["chat", "embedding"] as const).map((operation) => ({
    ...deployment,
    provider: 0,
    alias: `p-${operation}`,
    upstream: `up-${operation}`,
    operation,
    contextTokens: 1000,
    maxOutputTokens: 100,
  })),
  routes: [
    route("claude-*", "map", { target: "free" }),
    route("free", "group"),
    route("p-chat", "alias"),
    route("p-embedding", "alias", { operation: "embedding", chain: [1] }),
  ],
  inactive: [],
};
const index = indexTable(table, new Memory(), (variable) => variable);
const shown = (page: ReturnType<typeof modelPage>) =>
  (page.data as { id: string; display_name: string }[]).map(({ id, display_name }) => [id, display_name]);

it("lists models that answer messages, and the targets of mapped names", () => {
  expect(shown(modelPage(index, {}))).toEqual([
    ["claude-*", "claude-* (free)"],
    ["free", "free"],
    ["p-chat", "Provider: up-chat"],
  ]);
  expect(modelInfo(index.find("p-chat"), "p-chat")).toMatchObject({
    max_input_tokens: 1000,
    max_tokens: 100,
  });
  expect(modelInfo(index.find("p-embedding"), "p-embedding")).toBeUndefined();
});

it("answers under the name that the client sent where the model map covers it", () => {
  expect(modelInfo(index.find("claude-sonnet-4-6"), "claude-sonnet-4-6")).toMatchObject({
    id: "claude-sonnet-4-6",
    display_name: "claude-sonnet-4-6 (free)",
  });
});

it("pages forwards and backwards, and names where a page ends", () => {
  const page = (query: Parameters<typeof modelPage>[1]) => {
    const { has_more, first_id, last_id } = modelPage(index, query);
    return [has_more, first_id, last_id];
  };
  expect(page({ limit: "2" })).toEqual([true, "claude-*", "free"]);
  expect(page({ limit: "2", after_id: "free" })).toEqual([false, "p-chat", "p-chat"]);
  expect(page({ limit: "1", before_id: "p-chat" })).toEqual([true, "free", "free"]);
  expect(page({ before_id: "claude-*" })).toEqual([false, null, null]);
  for (const limit of ["0", "1001", "1.5", "many"])
    expect(() => modelPage(index, { limit })).toThrow(
      expect.objectContaining({ status: 400, param: "limit" }),
    );
});
