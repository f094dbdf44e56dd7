import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { Operation, RoutingTable } from "@headgate/contract";
import { indexTable, Memory } from "@headgate/router";
import { describe, expect, it } from "vitest";
import { ClientError } from "../http/client-error.ts";
import { findRoute } from "./lookup.ts";

const { provider, deployment } = sampleTarget("openai-compatible", {}, { capabilities: [] });
const table: RoutingTable = {
  format: 1,
  fingerprint: "test",
  providers: [{ ...provider, id: "acme", name: "Acme" }],
  deployments: [
    {
      ...deployment,
      provider: 0,
      alias: "acme-big",
      upstream: "big",
    },
  ],
  routes: [
    { name: "acme-big", kind: "alias", operation: "chat", chain: [0], contextChain: [] },
    { name: "gem-*", kind: "map", target: "acme-big", operation: "chat", chain: [0], contextChain: [] },
  ],
  inactive: [{ alias: "off-big", provider: "off", fix: "set OFF=1 in .env" }],
};
const index = indexTable(table, new Memory(), (variable) => variable);

const refusal = (name: string, operation: Operation): ClientError => {
  try {
    findRoute(index, name, operation);
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
  throw new Error(`${name} was found`);
};

describe("a model's name", () => {
  it("leads to its route, real or mapped", () => {
    expect(findRoute(index, "acme-big", "chat")).toMatchObject({ kind: "alias" });
    expect(findRoute(index, "gem-9", "chat")).toMatchObject({ kind: "map", target: "acme-big" });
  });

  it("is refused for another operation, unless it only matched a pattern", () => {
    expect(refusal("acme-big", "embedding")).toMatchObject({ status: 400, code: "wrong_operation" });
    expect(refusal("gem-embedding", "embedding")).toMatchObject({ status: 404, code: "model_not_found" });
  });

  it("is explained when it is unknown: models that are off, and a suggestion", () => {
    expect(refusal("off-big", "chat").message).toContain("not active: set OFF=1 in .env");
    expect(refusal("acme-bog", "chat").message).toContain("Did you mean acme-big?");
    expect(refusal("of-big", "chat").message).toContain(
      "Did you mean off-big? (It is not active: set OFF=1 in .env.)",
    );
  });
});
