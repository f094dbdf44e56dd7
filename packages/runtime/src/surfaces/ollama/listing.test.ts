import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import { ROUTING_FORMAT, type RoutingTable } from "@headgate/contract";
import { indexTable, Memory } from "@headgate/router";
import { expect, it } from "vitest";
import { tags } from "./listing.ts";

const { provider, deployment } = sampleTarget("openai-compatible", {}, { capabilities: [] });
const table: RoutingTable = {
  format: ROUTING_FORMAT,
  fingerprint: "test",
  providers: [{ ...provider, id: "p", name: "P" }],
  deployments: (["chat", "speech"] as const).map((operation) => ({
    ...deployment,
    provider: 0,
    alias: `a-${operation}`,
    upstream: `up-${operation}`,
    operation,
  })),
  routes: [
    { name: "a-chat", kind: "alias", operation: "chat", chain: [0], contextChain: [] },
    { name: "a-speech", kind: "alias", operation: "speech", chain: [1], contextChain: [] },
    { name: "claude-*", kind: "map", target: "a-chat", operation: "chat", chain: [0], contextChain: [] },
  ],
  inactive: [],
};

it("lists chat and embedding models, by names that a client can choose", async () => {
  const index = indexTable(table, new Memory(), () => "");
  const live = { index, endpoint: () => ({ adapter: { id: "none" } }), pools: new Set<never>() };
  const { models } = (await tags(live, 0)) as { models: { name: string }[] };
  expect(models.map(({ name }) => name)).toEqual(["a-chat"]);
});
