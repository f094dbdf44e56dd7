/** Background questions about keys, over HTTP, in the gateway's own words. */
import { ROUTING_FORMAT, type RoutedProvider, type RoutingTable } from "@headgate/contract";
import { type Cooldown, Memory } from "@headgate/router";
import { byKey, healthy, type Lab, startLab, status } from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLog } from "../log.ts";
import { Probes } from "./probes.ts";

const NOON_MS = Date.UTC(2026, 10, 21, 12);
let lab: Lab;
let memory: Memory;
let table: RoutingTable;
const secrets = { FREE_API_KEY: "free-key", PAID_API_KEY: "paid-key" };
const logged: string[] = [];

beforeEach(async () => {
  lab = await startLab();
  memory = new Memory();
  logged.length = 0;
  table = {
    format: ROUTING_FORMAT,
    fingerprint: "test",
    providers: [provider("free", lab.baseUrl), provider("paid", `${lab.url}/paid/v1`)],
    deployments: [],
    routes: [],
    inactive: [],
  };
});
afterEach(() => lab.close());

const provider = (id: "free" | "paid", baseUrl: string): RoutedProvider => ({
  id,
  name: id,
  adapter: "openai-compatible",
  tier: id,
  baseUrl,
  auth: { scheme: "bearer" },
  keyVars: [`${id.toUpperCase()}_API_KEY`],
  headers: {},
  dialect: { drop: [], rename: {}, stripToolSchema: [] },
  timeouts: {},
  errors: [],
  limits: [],
});

const probes = (kind: "free" | "all" = "free"): Probes =>
  new Probes({
    options: { probes: kind, probeIntervalMs: 1_000 },
    memory,
    version: "0.0.0-test",
    log: createLog("debug", (line) => logged.push(line)),
    nowMs: () => NOON_MS,
    serving: () => ({ table, secrets }),
    accountOf: (id, variable) => `${id}@${variable ?? ""}`,
    onRound: () => {},
  });
const cooldownOf = (id: string): Cooldown => memory.cooldown(id);

describe("a round of probes", () => {
  it("checks free providers only, with requests that cost nothing", async () => {
    await probes().round();
    expect(lab.requests.length).toBeGreaterThan(0);
    for (const { method, path } of lab.requests) {
      expect(method).toBe("GET");
      expect(path).toBe("/v1/models");
    }
    await probes("all").round();
    expect(lab.requests.some(({ path }) => path.startsWith("/paid"))).toBe(true);
    expect(lab.requests.every(({ method }) => method === "GET")).toBe(true);
  });

  it("a dead key cools down before a request uses it, and no log contains it", async () => {
    lab.behave("/v1/models", byKey({}));
    await probes().round();
    expect(cooldownOf("free@FREE_API_KEY")).toMatchObject({ failure: { class: "dead_key" } });
    expect(cooldownOf("free@FREE_API_KEY").untilMs).toBeGreaterThan(NOON_MS);
    expect(logged.join()).toContain("FREE_API_KEY");
    expect(logged.join()).not.toContain("free-key");
    expect(memory.changedCooldowns()).toHaveLength(1);
  });

  it("a repaired key's cooldown ends by itself", async () => {
    lab.behave("/v1/models", byKey({}));
    await probes().round();
    // A listing that refuses strangers proves the key.
    lab.behave("/v1/models", byKey({ "free-key": healthy() }, status(401)));
    await probes().round();
    expect(cooldownOf("free@FREE_API_KEY").untilMs).toBe(0);
  });

  it("a network failure changes nothing about a key", async () => {
    lab.behave("/v1/models", status(503));
    await probes().round();
    expect(cooldownOf("free@FREE_API_KEY").untilMs).toBe(0);
  });

  it("a listing does not end a cooldown with another cause", async () => {
    const cooldown = cooldownOf("free@FREE_API_KEY");
    cooldown.untilMs = NOON_MS + 60_000;
    cooldown.failure = { class: "out_of_credit", scope: "key", message: "no credit" };
    lab.behave("/v1/models", byKey({ "free-key": healthy() }, status(401)));
    await probes().round();
    expect(cooldown.untilMs).toBe(NOON_MS + 60_000);
  });
});
