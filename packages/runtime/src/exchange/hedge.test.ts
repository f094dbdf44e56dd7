import { indexTable, Memory, type RequestFacts } from "@headgate/router";
import { expect, it } from "vitest";
import type { AnyRequest } from "../codec/any-request.ts";
import { hedgeAfterMs, takeOther } from "./hedge.ts";

const state = (operation: RequestFacts["operation"], afterMs: number | undefined) => ({
  incoming: {
    policy: afterMs === undefined ? undefined : { hedgeAfterMs: afterMs },
    facts: { model: "m", operation, needs: 0 },
    request: {} as AnyRequest,
    timeoutMs: undefined,
    pastFilter: false,
  },
});

it.each([
  ["chat", 5],
  ["embedding", 5],
  ["rerank", 5],
  ["moderation", 5],
  ["image", undefined],
  ["speech", undefined],
  ["transcription", undefined],
] as const)(
  "a second call for %s is made after %s ms: only where it costs at most a prompt",
  (operation, afterMs) => {
    expect(hedgeAfterMs(state(operation, 5))).toBe(afterMs);
    expect(hedgeAfterMs(state(operation, 0))).toBeUndefined();
    expect(hedgeAfterMs(state(operation, undefined))).toBeUndefined();
  },
);

it("hedges to another key, provider or model, never to the same under another name", () => {
  const provider = {
    name: "P",
    adapter: "openai-compatible",
    tier: "free" as const,
    baseUrl: "https://p.example",
    headers: {},
    dialect: { drop: [], rename: {}, stripToolSchema: [] },
    timeouts: {},
    errors: [],
    limits: [],
  };
  const deployment = (of: number, alias: string, upstream: string) => ({
    provider: of,
    alias,
    upstream,
    operation: "chat" as const,
    tier: "free" as const,
    served: true,
    capabilities: [],
    limits: [],
  });
  const { deployments } = indexTable(
    {
      format: 1,
      fingerprint: "",
      providers: [
        { ...provider, id: "p", keyVars: ["K1", "K2"] },
        { ...provider, id: "q", keyVars: ["K1"] },
      ],
      deployments: [
        deployment(0, "a", "m"),
        deployment(0, "b", "m"),
        deployment(1, "c", "m"),
        deployment(0, "d", "n"),
      ],
      routes: [],
      inactive: [],
    },
    new Memory(),
    (variable) => variable,
  );
  const candidates = deployments.map((entry) => entry.candidates);
  const [a1, a2] = candidates[0] ?? [];
  const [b1] = candidates[1] ?? [];
  const [c1] = candidates[2] ?? [];
  const [d1] = candidates[3] ?? [];
  if (!a1 || !a2 || !b1 || !c1 || !d1) throw new Error("the table has these");
  expect(takeOther([b1], a1)).toBeUndefined();
  for (const other of [a2, c1, d1]) {
    const queue = [b1, other];
    expect(takeOther(queue, a1)).toBe(other);
    expect(queue).toEqual([b1]);
  }
});
