/** Retired models and data policies over HTTP: who answers a name, what the answer's headers say, and who is left out. */
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ProviderSketch, startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;

beforeEach(async () => {
  lab = await startLab();
});
afterEach(async () => {
  await gateway.close();
  await lab.close();
});

const begin = async (...providers: readonly Omit<ProviderSketch, "baseUrl">[]): Promise<void> => {
  gateway = await startGateway(providers.map((provider) => ({ baseUrl: lab.baseUrl, ...provider })));
};
const ask = (model: string, headers: Record<string, string> = {}): Promise<Response> =>
  gateway.chat({ model, messages: [{ role: "user", content: "Hello" }] }, { headers });
const asked = (): (string | undefined)[] => lab.requests.map(({ model }) => model);

const OLD = { alias: "acme-old", upstream: "old-1", retired: "2026-08-30", chain: ["acme-new"] } as const;

describe("a retired model", () => {
  beforeEach(() => begin({ id: "acme", models: [OLD, { alias: "acme-new", upstream: "new-1" }] }));

  it("is answered by what replaces it under its alias, and the headers say since when", async () => {
    const answer = await ask("acme-old");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-headgate-retired")).toBe("2026-08-30");
    expect(answer.headers.get("x-routed-via")).toBe("acme/new-1");
    expect(asked()).toEqual(["new-1"]);
    expect((await ask("acme-new")).headers.has("x-headgate-retired")).toBe(false);
  });

  it.each(["acme/old-1", "old-1"])("is still reached as %s", async (name) => {
    const answer = await ask(name);
    expect([answer.status, answer.headers.get("x-routed-via")]).toEqual([200, "acme/old-1"]);
    expect(answer.headers.get("x-headgate-retired")).toBe("2026-08-30");
    expect(asked()).toEqual(["old-1"]);
  });

  it("is listed with its day and what replaces it", async () => {
    const list = (await (await gateway.fetch("/v1/models")).json()) as {
      data: { id: string; retired?: string; replaced_by?: string }[];
    };
    expect(list.data.map(({ id, retired, replaced_by: by }) => [id, retired, by])).toEqual([
      ["acme-new", undefined, undefined],
      ["acme-old", "2026-08-30", "acme-new"],
    ]);
  });
});

describe("a model with an announced end", () => {
  const END = Date.UTC(2026, 11, 1);

  it("is left out from that day on, with the reason, and stays reachable by its own id", async () => {
    await begin({
      id: "acme",
      models: [
        { alias: "acme-old", upstream: "old-1", retires: "2026-12-01", chain: ["acme-new"] },
        { alias: "acme-new", upstream: "new-1" },
      ],
    });
    gateway.clock.nowMs = END - 1;
    expect((await ask("acme-old")).headers.get("x-routed-via")).toBe("acme/old-1");
    gateway.clock.nowMs = END;
    expect((await ask("acme-old")).headers.get("x-routed-via")).toBe("acme/new-1");
    expect((await ask("acme/old-1")).headers.get("x-routed-via")).toBe("acme/old-1");
  });

  it("without another candidate is told to the client", async () => {
    await begin({ id: "acme", models: [{ alias: "acme-old", retires: "2026-12-01" }] });
    gateway.clock.nowMs = END;
    const answer = await ask("acme-old");
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("acme-old: it is retired since 2026-12-01");
  });
});

describe("x-headgate-data: no-training", () => {
  const NO_TRAINING = { "x-headgate-data": "no-training" };

  it("leaves out providers that train, and those of whom nothing is known", async () => {
    await begin(
      { id: "trainer", trains: true, models: [{ alias: "one", chain: ["two", "three"] }] },
      { id: "unknown", models: [{ alias: "two" }] },
      { id: "discreet", trains: false, models: [{ alias: "three" }] },
    );
    expect((await ask("one")).headers.get("x-routed-via")).toBe("trainer/one");
    expect((await ask("one", NO_TRAINING)).headers.get("x-routed-via")).toBe("discreet/three");
    const refused = await ask("two", NO_TRAINING);
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain("two: whether its provider trains on prompts is not known");
    expect(asked()).toEqual(["one", "three"]);
  });

  it("has no other value", async () => {
    await begin({ id: "trainer", models: [{ alias: "one" }] });
    const answer = await ask("one", { "x-headgate-data": "none" });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { message: "`x-headgate-data` must be no-training.", param: "x-headgate-data" },
    });
  });
});
