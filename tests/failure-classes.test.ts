/**
 * Each class of failure and its effect, over HTTP: which candidate answers instead, how long the failed one cools down,
 * and what else cools down with it.
 */
import type { FailureClass } from "@headgate/contract";
import {
  type Behaviour,
  byKey,
  closeBeforeHeaders,
  contextTooLong,
  healthy,
  type Lab,
  modelMissing,
  noChoices,
  quotaSpent,
  silence,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startGateway, type TestGateway, UPSTREAM_KEY } from "./support/gateway.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** The gateway's clock starts at noon UTC on 21 November 2026. */
const TO_MIDNIGHT_MS = 12 * HOUR_MS;
const TO_MONTH_MS = (9 * 24 + 12) * HOUR_MS;

let lab: Lab;
let gateway: TestGateway;

beforeEach(async () => {
  lab = await startLab();
  gateway = await startGateway(
    [
      {
        id: "first",
        baseUrl: lab.baseUrl,
        keys: ["FIRST_API_KEY"],
        models: [
          { alias: "a", contextTokens: 8_000, chain: ["spare"] },
          { alias: "sibling", chain: ["spare"] },
        ],
      },
      { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "spare", contextTokens: 100_000 }] },
    ],
    { options: { firstTokenTimeoutMs: 20 } },
  );
});
afterEach(async () => {
  await gateway.close();
  await lab.close();
});

const via = async (model: string): Promise<string | null> => {
  const response = await gateway.chat({ model });
  await response.text();
  return response.headers.get("x-routed-via");
};
const requestsToA = (): number => lab.requests.filter(({ model }) => model === "a").length;
const classOf = async (): Promise<FailureClass | undefined> => {
  const { providers } = (await (await gateway.fetch("/health")).json()) as {
    providers: { last_failure: { class: FailureClass } | null }[];
  };
  return providers[0]?.last_failure?.class;
};

interface CoolingDown {
  readonly class: FailureClass;
  readonly behaviour: Behaviour;
  /** The cooldown in ms; only the test's clock moves. */
  readonly cooldownMs: number;
  /** Failures in a row before it cools down. */
  readonly after?: number;
  /** What cools down with it. */
  readonly scope: "model" | "key";
  /** The most that jitter adds, in ms. */
  readonly jitter?: number;
}

const COOLING_DOWN: readonly CoolingDown[] = [
  {
    class: "rate_limit",
    behaviour: status(429, { retryAfterS: 7 }),
    cooldownMs: 7 * SECOND_MS,
    scope: "model",
  },
  { class: "rate_limit", behaviour: status(429), cooldownMs: 15 * SECOND_MS, scope: "model" },
  {
    class: "daily_quota",
    behaviour: status(429, { message: "You have used your requests per day." }),
    cooldownMs: TO_MIDNIGHT_MS,
    scope: "model",
  },
  {
    class: "monthly_quota",
    behaviour: status(429, { message: "You have used your monthly quota." }),
    cooldownMs: TO_MONTH_MS,
    scope: "key",
  },
  { class: "out_of_credit", behaviour: quotaSpent(), cooldownMs: HOUR_MS, scope: "key" },
  {
    class: "dead_key",
    behaviour: status(401, { code: "invalid_api_key" }),
    cooldownMs: 24 * HOUR_MS,
    scope: "key",
  },
  { class: "permission", behaviour: status(403), cooldownMs: 10 * MINUTE_MS, scope: "model" },
  { class: "model_gone", behaviour: modelMissing(), cooldownMs: 10 * MINUTE_MS, scope: "model" },
  {
    class: "overloaded",
    behaviour: status(529),
    cooldownMs: SECOND_MS,
    after: 2,
    scope: "model",
    jitter: 0.2,
  },
  {
    class: "server_error",
    behaviour: status(500),
    cooldownMs: SECOND_MS,
    after: 2,
    scope: "model",
    jitter: 0.2,
  },
  { class: "timeout", behaviour: silence(), cooldownMs: SECOND_MS, after: 2, scope: "model", jitter: 0.2 },
  {
    class: "network",
    behaviour: closeBeforeHeaders(),
    cooldownMs: SECOND_MS,
    after: 2,
    scope: "model",
    jitter: 0.2,
  },
  {
    class: "malformed",
    behaviour: noChoices(),
    cooldownMs: SECOND_MS,
    after: 2,
    scope: "model",
    jitter: 0.2,
  },
];

describe.each(COOLING_DOWN)(
  "$class",
  ({ class: expected, behaviour, cooldownMs, after = 1, scope, jitter = 0 }) => {
    it(`is served by the next candidate, and cools the ${scope} down for its time, and no longer`, async () => {
      lab.behave("a", behaviour);
      for (let failure = 0; failure < after; failure += 1) expect(await via("a")).toBe("second/spare");
      expect(await classOf()).toBe(expected);
      lab.behave("a", healthy());
      const before = requestsToA();

      gateway.clock.nowMs += cooldownMs - 1;
      expect(await via("a")).toBe("second/spare");
      expect(requestsToA()).toBe(before);
      expect(await via("sibling")).toBe(scope === "key" ? "second/spare" : "first/sibling");

      gateway.clock.nowMs += 1 + Math.ceil(cooldownMs * jitter);
      expect(await via("a")).toBe("first/a");
      expect(await via("sibling")).toBe("first/sibling");
    });
  },
);

describe("a failure of the request itself", () => {
  it("context_window: a larger window answers, and the small one is tried again at once", async () => {
    lab.script("a", [contextTooLong(), healthy()]);
    expect(await via("a")).toBe("second/spare");
    expect(await via("a")).toBe("first/a");
  });

  it.each([
    ["bad_request", status(400, { message: "temperature is out of range" })],
    ["content_filter", status(400, { code: "content_filter", message: "The prompt was filtered." })],
  ] as const)("%s: no other candidate is tried, and none cools down", async (_, behaviour) => {
    lab.script("a", [behaviour, healthy()]);
    const response = await gateway.chat({ model: "a" });
    expect(response.status).toBe(400);
    expect(lab.requests).toHaveLength(1);
    expect(await via("a")).toBe("first/a");
  });
});

describe("a key that changes", () => {
  it("is tried at once, whatever happened to the old one", async () => {
    lab.behave("a", byKey({ "a-new-key": healthy() }));
    expect(await via("a")).toBe("second/spare");
    const table = gateway.table();
    await gateway.gateway.swap(table, { FIRST_API_KEY: "a-new-key", SECOND_API_KEY: UPSTREAM_KEY });
    expect(await via("a")).toBe("first/a");
  });
});
