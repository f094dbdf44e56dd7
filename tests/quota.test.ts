/** Limits over HTTP: respected before the 429, learned from upstreams, released when nothing was used. */
import type { Limit } from "@headgate/contract";
import {
  type Behaviour,
  behaviour,
  byKey,
  healthy,
  type Lab,
  type RecordedRequest,
  silence,
  startLab,
  status,
  withHeaders,
  withLimits,
} from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type GatewayTestOptions,
  type ModelSketch,
  type ProviderSketch,
  startGateway,
  type TestGateway,
  UPSTREAM_KEY,
} from "./support/gateway.ts";

const perMinute = (amount: number, unit: Limit["unit"] = "requests"): Limit => ({
  scope: "model",
  unit,
  amount,
  window: "minute",
});
const MINUTE_MS = 60_000;
/** The start of the gateway's clock. */
const NOON_MS = Date.UTC(2026, 10, 21, 12);

let lab: Lab;
let gateway: TestGateway;

beforeEach(async () => {
  lab = await startLab({ nowMs: () => NOON_MS });
});
afterEach(async () => {
  await gateway.close();
  await lab.close();
});

const begin = async (
  models: readonly ModelSketch[],
  provider: Partial<ProviderSketch> = {},
  options: GatewayTestOptions = {},
): Promise<void> => {
  gateway = await startGateway(
    [
      { id: "first", baseUrl: lab.baseUrl, models, ...provider },
      { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "spare" }] },
    ],
    options,
  );
};
const keyUsed = ({ headers }: RecordedRequest): string =>
  (headers.authorization ?? "").replace("Bearer ", "");
const callsTo = (model: string): number => lab.requests.filter((request) => request.model === model).length;
const via = async (model: string, init?: RequestInit): Promise<string | null> => {
  const response = await gateway.chat({ model }, init);
  await response.text();
  return response.headers.get("x-routed-via");
};

describe("a declared limit", () => {
  it("is respected before the 429: the next candidate answers, until the window has passed", async () => {
    await begin([{ alias: "a", chain: ["spare"], limits: [perMinute(2)] }]);
    expect([await via("a"), await via("a"), await via("a")]).toEqual(["first/a", "first/a", "second/spare"]);
    expect(callsTo("a")).toBe(2);
    gateway.clock.nowMs += MINUTE_MS + 1_000;
    expect(await via("a")).toBe("first/a");
  });

  it("of a single candidate answers 429 at once, with the time of the next unit", async () => {
    await begin([{ alias: "a", limits: [{ ...perMinute(1), window: "day", reset: "00:00 UTC" }] }]);
    await via("a");
    const refused = await gateway.chat({ model: "a" });
    expect(refused.status).toBe(429);
    // The test's clock is at noon.
    expect(refused.headers.get("retry-after")).toBe(String(12 * 3600));
    expect(((await refused.json()) as { error: { message: string } }).error.message).toContain(
      "1 requests a day",
    );
    expect(callsTo("a")).toBe(1);
  });

  it("of tokens counts prompt and answer, and a request larger than the limit goes elsewhere", async () => {
    await begin([{ alias: "a", chain: ["spare"], limits: [perMinute(1_000, "tokens")] }]);
    lab.behave("a", healthy({ tokens: { inputTokens: 500, outputTokens: 480 } }));
    expect(await via("a")).toBe("first/a");
    expect(await via("a")).toBe("second/spare");
    gateway.clock.nowMs += MINUTE_MS + 1_000;
    const long = await gateway.chat({
      model: "a",
      messages: [{ role: "user", content: "word ".repeat(2_000) }],
    });
    expect(long.headers.get("x-routed-via")).toBe("second/spare");
    expect(callsTo("a")).toBe(1);
  });

  it("of an account is shared by its models", async () => {
    await begin(
      [
        { alias: "a", chain: ["spare"] },
        { alias: "b", chain: ["spare"] },
      ],
      { limits: [{ ...perMinute(2), scope: "account" }] },
    );
    expect([await via("a"), await via("b"), await via("a"), await via("b")]).toEqual([
      "first/a",
      "first/b",
      "second/spare",
      "second/spare",
    ]);
  });

  it("of concurrent calls is released by an answer and by a client that disconnects", async () => {
    await begin([
      { alias: "a", chain: ["spare"], limits: [{ scope: "model", unit: "concurrency", amount: 1 }] },
    ]);
    const gate = lab.gate();
    lab.script("a", [silence({ gate }), silence({ gate }), healthy()]);
    const leaving = new AbortController();
    const first = via("a", { signal: leaving.signal }).catch(() => "left");
    await lab.received("a");
    expect(await via("a")).toBe("second/spare");
    leaving.abort();
    expect(await first).toBe("left");
    await lab.aborted("a");
    const second = via("a");
    await lab.received("a", 2);
    expect(await via("a")).toBe("second/spare");
    gate.open();
    expect(await second).toBe("first/a");
    expect(await via("a")).toBe("first/a");
  });

  it("is not used up by refused calls", async () => {
    await begin([{ alias: "a", chain: ["spare"], limits: [perMinute(2)] }]);
    lab.script("a", [status(401), healthy()]);
    expect(await via("a")).toBe("second/spare");
    // A dead key cools down for a day; a swap with another key clears its cooldown.
    gateway.clock.nowMs += 25 * 60 * MINUTE_MS;
    expect([await via("a"), await via("a"), await via("a")]).toEqual(["first/a", "first/a", "second/spare"]);
  });
});

describe("an upstream's figures for its limits", () => {
  it("in headers correct the count at once, downward", async () => {
    await begin([{ alias: "a", chain: ["spare"], limits: [perMinute(10)] }]);
    lab.behave(
      "a",
      withHeaders({ "x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "0" }),
    );
    expect([await via("a"), await via("a")]).toEqual(["first/a", "second/spare"]);
    expect(callsTo("a")).toBe(1);
  });

  it("in headers correct the count at once, upward", async () => {
    await begin([{ alias: "a", chain: ["spare"], limits: [perMinute(1)] }]);
    lab.behave(
      "a",
      withHeaders({ "x-ratelimit-limit-requests": "3", "x-ratelimit-remaining-requests": "2" }),
    );
    expect([await via("a"), await via("a")]).toEqual(["first/a", "first/a"]);
  });

  it("in Anthropic's and Groq's headers are read where no limit is declared", async () => {
    await begin([{ alias: "a", chain: ["spare"] }]);
    lab.behave(
      "a",
      withLimits({ style: "anthropic", requestsLimit: 50, requestsRemaining: 0, requestsResetInMs: 60_000 }),
    );
    expect([await via("a"), await via("a")]).toEqual(["first/a", "second/spare"]);
  });

  it("in the text of a refusal apply to the tokens of a day", async () => {
    await begin([{ alias: "a", chain: ["spare"] }]);
    lab.script("a", [
      status(429, {
        retryAfterS: 1,
        message:
          "Rate limit reached for model `a` on tokens per day (TPD): Limit 100000, Used 99990, Requested 900. Please try again in 1s.",
      }),
      healthy(),
    ]);
    expect(await via("a")).toBe("second/spare");
    gateway.clock.nowMs += 5_000;
    expect(await via("a")).toBe("second/spare");
    expect(callsTo("a")).toBe(1);
  });
});

describe("a refusal without a figure", () => {
  it("that says the server is busy and to wait a second: the next request after it is served, and all after that", async () => {
    await begin([{ alias: "a" }]);
    lab.script("a", [
      healthy(),
      healthy(),
      healthy(),
      status(429, { retryAfterS: 1, message: "server busy" }),
      healthy(),
    ]);
    for (let call = 0; call < 3; call += 1) expect(await via("a")).toBe("first/a");
    const busy = await gateway.chat({ model: "a" });
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "1"]);
    gateway.clock.nowMs += 1_300;
    for (let call = 0; call < 40; call += 1) expect(await via("a")).toBe("first/a");
  });

  it("that states a wait is obeyed for that wait and teaches nothing: K24a", async () => {
    await begin([{ alias: "a" }]);
    lab.script("a", [healthy(), healthy(), healthy(), status(429, { retryAfterS: 1 }), healthy()]);
    for (let call = 0; call < 3; call += 1) expect(await via("a")).toBe("first/a");
    expect((await gateway.chat({ model: "a" })).status).toBe(429);
    expect((await gateway.chat({ model: "a" })).headers.get("retry-after")).toBe("1");
    gateway.clock.nowMs += 1_300;
    for (let call = 0; call < 40; call += 1) expect(await via("a")).toBe("first/a");
  });

  it("of one model leaves the others of its key as they were", async () => {
    await begin([{ alias: "a" }, { alias: "b" }]);
    lab.behave("a", status(429));
    expect([await via("b"), await via("b")]).toEqual(["first/b", "first/b"]);
    await via("a");
    for (let call = 0; call < 120; call += 1) expect(await via("b")).toBe("first/b");
  });

  it("at the same count in several minutes is a limit, and then the next candidate answers without a refusal", async () => {
    await begin([{ alias: "a", chain: ["spare"] }]);
    let served = 0;
    for (let minute = 0; minute < 6; minute += 1) {
      lab.script("a", [...Array.from({ length: 5 }, () => healthy()), status(429)]);
      const before = callsTo("a");
      const answers = [];
      for (let call = 0; call < 8; call += 1) answers.push(await via("a"));
      served += answers.filter((one) => one === "first/a").length;
      expect(answers.slice(5)).toEqual(Array(3).fill("second/spare"));
      if (minute === 4) expect(callsTo("a") - before).toBe(5);
      gateway.clock.nowMs += MINUTE_MS + 1_000;
    }
    expect(served).toBe(30);
  });
});

const say = async (content: string): Promise<void> => {
  await (await gateway.chat({ model: "a", messages: [{ role: "user", content }] })).text();
};

describe("several keys", () => {
  const keys = ["FIRST_API_KEY", "FIRST_API_KEY_2"];
  const keyOf = (name: string): string => `${UPSTREAM_KEY}-${name}`;

  it("the one with the most room goes first", async () => {
    await begin([{ alias: "a", limits: [perMinute(10)] }], { keys });
    lab.behave(
      "a",
      byKey({
        [keyOf("FIRST_API_KEY")]: withHeaders({
          "x-ratelimit-limit-requests": "10",
          "x-ratelimit-remaining-requests": "1",
        }),
        [keyOf("FIRST_API_KEY_2")]: healthy(),
      }),
    );
    for (let call = 0; call < 6; call += 1) await say(`Conversation ${call}`);
    const used = lab.requests.map(keyUsed);
    expect(used.filter((key) => key === keyOf("FIRST_API_KEY"))).toHaveLength(1);
  });

  it("a dead key does not affect the others", async () => {
    await begin([{ alias: "a", chain: ["spare"] }], { keys });
    lab.behave("a", byKey({ [keyOf("FIRST_API_KEY_2")]: healthy() }));
    for (let call = 0; call < 4; call += 1) expect(await via("a")).toBe("first/a");
    expect(lab.requests.filter((request) => keyUsed(request) === keyOf("FIRST_API_KEY"))).toHaveLength(1);
  });

  it("a conversation stays with its key, whose provider may have its prompt in a cache", async () => {
    await begin([{ alias: "a" }], { keys });
    for (const content of ["x", "y", "x", "x", "y", "x"]) await say(content);
    const byConversation = Map.groupBy(lab.requests, ({ body }) => JSON.stringify(body).includes('"x"'));
    for (const requests of byConversation.values()) expect(new Set(requests.map(keyUsed)).size).toBe(1);
  });
});

describe("a primary that is down for a minute", () => {
  it("cools down, is probed by one request at a time, and is used again", async () => {
    await begin([{ alias: "a", chain: ["spare"] }]);
    lab.behave("a", status(503));
    const answers: (string | null)[] = [];
    for (let call = 0; call < 22; call += 1) {
      if (call === 12) lab.behave("a", healthy());
      answers.push(await via("a"));
      gateway.clock.nowMs += 5_000;
    }
    expect(new Set(answers.slice(0, 12))).toEqual(new Set(["second/spare"]));
    // Far fewer than every second call goes to the failed provider.
    expect(callsTo("a") - answers.filter((one) => one === "first/a").length).toBeLessThanOrEqual(7);
    expect(answers.slice(-3)).toEqual(["first/a", "first/a", "first/a"]);
  });

  it("is probed by one of several concurrent requests", async () => {
    await begin([{ alias: "a", chain: ["spare"] }]);
    lab.behave("a", status(503));
    await via("a");
    await via("a");
    gateway.clock.nowMs += 10_000;
    const gate = lab.gate();
    lab.behave("a", silence({ gate }));
    const before = callsTo("a");
    const probe = via("a");
    await lab.received("a", before + 1);
    expect(await Promise.all([via("a"), via("a"), via("a")])).toEqual(Array(3).fill("second/spare"));
    expect(callsTo("a")).toBe(before + 1);
    gate.open();
    expect(await probe).toBe("first/a");
  });
});

describe("two keys whose figures go on from each other", () => {
  /** Two calls in each of four minutes, the second under the other key; the upstream counts a day of both, or of each. */
  const day: Limit = { scope: "model", unit: "requests", amount: 50, window: "day" };
  const callBoth = async (together: boolean): Promise<void> => {
    await begin([{ alias: "a", limits: [perMinute(1), day] }], { keys: ["ACME_API_KEY", "ACME_API_KEY_2"] });
    const used = new Map<string, number>();
    const counted = (key: string) => (): Behaviour => {
      const whose = together ? "all" : key;
      used.set(whose, (used.get(whose) ?? 0) + 1);
      return withHeaders({
        "x-ratelimit-limit-requests-day": "50",
        "x-ratelimit-remaining-requests-day": String(50 - (used.get(whose) ?? 0)),
      });
    };
    lab.behave(
      "a",
      behaviour("counted", (request) => counted(request.key)().plan(request)),
    );
    for (let minute = 0; minute < 4; minute += 1) {
      await via("a");
      await via("a");
      gateway.clock.nowMs += 2 * MINUTE_MS;
    }
    expect(new Set(lab.requests.map(keyUsed)).size).toBe(2);
  };
  const adminGet = async (path: string) =>
    (await (await gateway.fetch(path)).json()) as { shared_accounts: unknown };

  it("are told to be of one account, in the log, the status, the quota and the metrics", async () => {
    await callBoth(true);
    const told = {
      provider: "first",
      keys: ["ACME_API_KEY", "ACME_API_KEY_2"],
      fix: "If they do, set ACME_API_KEY_ACCOUNT=first and ACME_API_KEY_2_ACCOUNT=first in .env, so that their limits count once.",
    };
    expect((await adminGet("/admin/status")).shared_accounts).toEqual([told]);
    expect((await adminGet("/admin/quota")).shared_accounts).toEqual([told]);
    expect(await (await gateway.fetch("/metrics")).text()).toMatch(
      /^headgate_shared_accounts\{provider="first"\} 1$/m,
    );
    const lines = gateway.logged.filter((line) => line.includes("probably belong to one account"));
    expect(lines).toEqual([expect.stringContaining("ACME_API_KEY_2_ACCOUNT=first")]);
    expect(lines.join()).not.toContain(UPSTREAM_KEY);
  });

  it("and those of two accounts are not", async () => {
    await callBoth(false);
    expect((await adminGet("/admin/status")).shared_accounts).toEqual([]);
    expect(gateway.logged.filter((line) => line.includes("one account"))).toEqual([]);
  });
});

describe("/health", () => {
  it("shows what is declared, learned and used, side by side", async () => {
    await begin([{ alias: "a", limits: [perMinute(10)] }]);
    lab.behave(
      "a",
      withHeaders({ "x-ratelimit-limit-requests": "5", "x-ratelimit-remaining-requests": "3" }),
    );
    await via("a");
    const health = (await (await gateway.fetch("/health")).json()) as { providers: { limits: unknown[] }[] };
    expect(health.providers[0]?.limits).toMatchObject([
      {
        unit: "requests",
        window: "minute",
        declared: 10,
        learned: { amount: 5, from: "header", at: "2026-11-21T12:00:00.000Z" },
        used: 2,
        in_flight: 0,
        opens_at: null,
      },
    ]);
    expect(JSON.stringify(health)).not.toContain(UPSTREAM_KEY);
  });
});

describe("a group with a strategy", () => {
  const models: readonly ModelSketch[] = [
    { alias: "dear", tier: "paid", price: { input: 10, output: 30 }, intelligence: 5 },
    { alias: "small", intelligence: 1 },
    { alias: "middle", intelligence: 3 },
  ];
  const members = models.map(({ alias }) => alias);
  const groups = [
    { name: "wise", members, strategy: "smartest" as const },
    { name: "thrifty", members, strategy: "cheapest" as const },
    { name: "even", members, strategy: "balanced" as const },
  ];

  it("orders its members by it, and a client may choose another", async () => {
    await begin(models, {}, { groups });
    const counts = new Map<string | null, number>();
    for (let call = 0; call < 20; call += 1) {
      const answered = await via("wise");
      counts.set(answered, (counts.get(answered) ?? 0) + 1);
    }
    expect(counts.get("first/dear")).toBeGreaterThan(15);
    expect(await via("wise:cheapest")).not.toBe("first/dear");
    // Another conversation: the first one keeps its model.
    const other = { model: "wise", messages: [{ role: "user", content: "Something else" }] };
    const thrifty = await gateway.chat(other, { headers: { "x-headgate-strategy": "cheapest" } });
    expect(thrifty.headers.get("x-routed-via")).not.toBe("first/dear");
    const odd = await gateway.chat({ model: "wise" }, { headers: { "x-headgate-strategy": "luckiest" } });
    expect(odd.status).toBe(400);
  });

  it("learns which member fails: it gets fewer requests, and its score drops", async () => {
    await begin(models, {}, { groups });
    lab.behave("middle", status(500));
    for (let call = 0; call < 40; call += 1) {
      await say2(`conversation ${call}`);
      gateway.clock.nowMs += MINUTE_MS;
    }
    expect(callsTo("middle")).toBeLessThan(20);
    const health = (await (await gateway.fetch("/health")).json()) as {
      groups: { name: string; candidates: { model: string; score: { reliability: number } }[] }[];
    };
    const scores = new Map(
      health.groups
        .find(({ name }) => name === "even")
        ?.candidates.map(({ model, score }) => [model, score.reliability]),
    );
    expect(scores.get("small")).toBeGreaterThan(0.8);
    expect(scores.get("middle")).toBeLessThan(0.5);
  });

  const say2 = async (content: string): Promise<void> => {
    await (await gateway.chat({ model: "even", messages: [{ role: "user", content }] })).text();
  };
});

describe("a conversation", () => {
  it("that names itself stays with the model that answered, until that one cools down", async () => {
    await begin([{ alias: "a", chain: ["spare"] }]);
    const init = { headers: { "x-session-id": "s1" } };
    lab.script("a", [status(429, { retryAfterS: 1 }), healthy()]);
    expect(await via("a", init)).toBe("second/spare");
    gateway.clock.nowMs += 120_000;
    expect(await via("a", init)).toBe("second/spare");
    expect(await via("a")).toBe("first/a");
    lab.script("spare", [status(429, { retryAfterS: 600 })]);
    expect(await via("a", init)).toBe("first/a");
    gateway.clock.nowMs += 31 * MINUTE_MS;
    expect(await via("a", init)).toBe("first/a");
  });
});

describe("one request's own routing", () => {
  const models: readonly ModelSketch[] = [{ alias: "a", chain: ["spare"] }, { alias: "b" }];

  it("`fallbacks` replaces the chain, `disable_fallbacks` leaves none, and neither goes upstream", async () => {
    await begin(models);
    lab.behave("a", status(500));
    const ask = async (body: object, headers: Record<string, string> = {}) =>
      gateway.chat({ model: "a", ...body }, { headers });
    expect((await ask({ fallbacks: ["b"] })).headers.get("x-routed-via")).toBe("first/b");
    expect((await ask({}, { "x-headgate-fallbacks": "b" })).headers.get("x-routed-via")).toBe("first/b");
    gateway.clock.nowMs += 10 * MINUTE_MS;
    expect((await ask({ disable_fallbacks: true })).status).toBe(503);
    expect((await ask({}, { "x-headgate-disable-fallbacks": "true" })).status).toBe(503);
    for (const { body } of lab.requests) {
      expect(body).not.toHaveProperty("fallbacks");
      expect(body).not.toHaveProperty("disable_fallbacks");
    }
  });

  it("an unreadable value is refused by name", async () => {
    await begin(models);
    expect((await gateway.chat({ model: "a", fallbacks: "no,such" })).status).toBe(404);
    for (const body of [
      { fallbacks: [1] },
      { disable_fallbacks: "perhaps" },
      { fallbacks: Array(21).fill("b") },
    ]) {
      const refused = await gateway.chat({ model: "a", ...body });
      expect(refused.status).toBe(400);
      const { error } = (await refused.json()) as { error: { param: string } };
      expect(error.param).toBe(Object.keys(body)[0]);
    }
    const odd = await gateway.chat({ model: "a" }, { headers: { "x-headgate-timeout-ms": "soon" } });
    expect(odd.status).toBe(400);
  });

  it("its own timeout ends it", async () => {
    await begin(models);
    lab.behave("a", silence());
    const response = await gateway.chat({ model: "a" }, { headers: { "x-headgate-timeout-ms": "40" } });
    expect(response.status).toBe(504);
  });
});

describe("a prompt that cannot fit", () => {
  it("goes to a larger window before any upstream call", async () => {
    await begin([
      { alias: "a", contextTokens: 1_000, chain: ["spare"], contextChain: ["wide"] },
      { alias: "wide" },
    ]);
    const long = { model: "a", messages: [{ role: "user", content: "word ".repeat(4_000) }] };
    expect((await gateway.chat(long)).headers.get("x-routed-via")).toBe("first/wide");
    expect(callsTo("a")).toBe(0);
    expect(await via("a")).toBe("first/a");
  });

  it("in any window is the client's 400, with OpenAI's code", async () => {
    await begin([{ alias: "a", contextTokens: 1_000 }]);
    const long = { model: "a", messages: [{ role: "user", content: "word ".repeat(4_000) }] };
    const refused = await gateway.chat(long);
    expect(refused.status).toBe(400);
    expect(((await refused.json()) as { error: { code: string } }).error.code).toBe(
      "context_length_exceeded",
    );
    expect(lab.requests).toHaveLength(0);
  });
});

describe("a prompt that a content filter refuses", () => {
  const filtered = status(400, {
    code: "content_filter",
    message: "The prompt was filtered by our content policy.",
  });

  it("is an error of the client, unless its request chooses the next candidate", async () => {
    await begin([{ alias: "a", chain: ["spare"] }]);
    lab.behave("a", filtered);
    expect((await gateway.chat({ model: "a" })).status).toBe(400);
    const next = await gateway.chat({ model: "a" }, { headers: { "x-headgate-content-filter": "next" } });
    expect(next.headers.get("x-routed-via")).toBe("second/spare");
    expect(
      (await gateway.chat({ model: "a" }, { headers: { "x-headgate-content-filter": "off" } })).status,
    ).toBe(400);
  });

  it("goes to the next candidate where an option sets that for all", async () => {
    await begin([{ alias: "a", chain: ["spare"] }], {}, { options: { contentFilter: "next" } });
    lab.behave("a", filtered);
    expect(await via("a")).toBe("second/spare");
  });
});

describe("a conversation that another model continues", () => {
  const messages = [
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Hi" },
    { role: "user", content: "Go on" },
  ];
  const turn = async (): Promise<void> => {
    await (await gateway.chat({ model: "a", messages }, { headers: { "x-session-id": "s" } })).text();
  };
  const system = (model: string): string =>
    JSON.stringify(
      lab.requests
        .filter((request) => request.model === model)
        .map(({ body }) =>
          (body as { messages: { role: string }[] }).messages.filter(({ role }) => role === "system"),
        ),
    );

  it("has a note for that model, where the option is on", async () => {
    await begin([{ alias: "a", chain: ["spare"] }], {}, { options: { contextHandoff: "on-switch" } });
    await turn();
    expect(system("a")).toBe("[[]]");
    lab.behave("a", status(429, { retryAfterS: 600 }));
    await turn();
    expect(system("spare")).toContain("taking over this conversation");
    await turn();
    // The model has the conversation now, so the note is sent once.
    expect(system("spare").match(/taking over/g)).toHaveLength(1);
  });

  it("and no note without the option", async () => {
    await begin([{ alias: "a", chain: ["spare"] }]);
    await turn();
    lab.behave("a", status(429, { retryAfterS: 600 }));
    await turn();
    expect(system("spare")).toBe("[[]]");
  });
});
