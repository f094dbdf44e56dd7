/** The fake provider, called by the harness's client without a gateway. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Answer, callChat } from "./client.ts";
import { ANSWER, type FakeProvider, startFakeProvider } from "./fake-provider.ts";
import { MODELS, PUBLISHED_TIMINGS } from "./faults.ts";
import { FALLBACKS, PRIMARIES, SCENARIOS } from "./scenarios.ts";

const TIMINGS = {
  ...PUBLISHED_TIMINGS,
  slowFirstTokenMs: 300,
  stallMs: 300,
  silenceMs: 300,
  outageMs: 300,
  betweenTokensMs: 0,
};
let provider: FakeProvider;

beforeAll(async () => {
  provider = await startFakeProvider(TIMINGS);
});
afterAll(() => provider[Symbol.asyncDispose]());
beforeEach(() => provider.reset());

const USER = { role: "user", content: "How do boats climb?" };
const call = (model: string, fields: object = {}, limitS = 5): Promise<Answer> =>
  callChat({
    url: provider.baseUrl.replace(/\/v1$/, ""),
    key: "test-key",
    body: { model, messages: [USER], stream: true, stream_options: { include_usage: true }, ...fields },
    limitS,
    signal: new AbortController().signal,
  });
const post = (model: string): Promise<Response> =>
  fetch(`${provider.baseUrl}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model, messages: [USER] }),
  });
const actions = (): string[] => provider.attempts.map(({ action }) => action);

it("has an answer of sixty words, no two alike", () => {
  const words = ANSWER.toLowerCase().match(/[a-z]+/g) ?? [];
  expect([words.length, new Set(words).size]).toEqual([60, 60]);
});

it("has a fault for every model of the scenarios, and no other", () => {
  expect([...FALLBACKS, ...PRIMARIES].sort()).toEqual([...MODELS].sort());
  expect(SCENARIOS.map(({ id }) => id)).toEqual(
    Array.from({ length: 16 }, (_, index) => `S${String(index + 1).padStart(2, "0")}`),
  );
});

it("answers whole, with usage, as a stream and at once", async () => {
  const streamed = await call("steady");
  expect(streamed).toMatchObject({ ok: true, text: ANSWER, reportedModel: "steady", hasUsage: true });
  expect(await call("steady", { stream: false })).toMatchObject({ ok: true, text: ANSWER, hasUsage: true });
  expect(await call("steady", { stream_options: undefined })).toMatchObject({ ok: true, hasUsage: false });
  expect(provider.attempts[0]).toMatchObject({ model: "steady", key: "test-key", promptTokens: 8 });
});

it("refuses with the status, code and header of each fault, once or always", async () => {
  const refusal = async (model: string) => {
    const response = await post(model);
    const { error } = (await response.json()) as { error?: { type: string; code: string | null } };
    return [response.status, error?.type, error?.code, response.headers.get("retry-after")];
  };
  const twice = async (model: string) => [await refusal(model), await refusal(model)];
  const well = [200, undefined, undefined, null];
  const limited = [429, "rate_limit_error", "rate_limit_exceeded"];
  const overloaded = [503, "server_error", "overloaded", null];
  expect(await twice("s01-rate-limit-once")).toEqual([[...limited, "2"], well]);
  expect(await twice("s02-rate-limit-always")).toEqual([
    [...limited, null],
    [...limited, null],
  ]);
  expect(await twice("s03-error-once")).toEqual([[500, "server_error", null, null], well]);
  expect(await twice("s04-overload-always")).toEqual([overloaded, overloaded]);
  expect(await twice("s16-overload-always")).toEqual([overloaded, overloaded]);
  expect(await refusal("s12-window")).toEqual([
    400,
    "invalid_request_error",
    "context_length_exceeded",
    null,
  ]);
  expect(await refusal("s13-filter")).toEqual([
    400,
    "invalid_request_error",
    "content_policy_violation",
    null,
  ]);
});

it("resets the first connection before any byte", async () => {
  expect((await call("s05-reset-once")).error).toMatch(/ECONNRESET/);
  expect(await call("s05-reset-once")).toMatchObject({ ok: true, text: ANSWER });
  expect(actions()).toEqual(["TCP reset", "200"]);
});

it("keeps silent, and closes then", async () => {
  const { ok, elapsedS } = await call("s06-silent");
  expect(ok).toBe(false);
  expect(elapsedS).toBeGreaterThan(0.28);
});

it("sends headers at once and the first token late", async () => {
  const startMs = performance.now();
  const answer = call("s07-slow-start");
  expect(await answer).toMatchObject({ ok: true, text: ANSWER });
  expect(performance.now() - startMs).toBeGreaterThan(280);
});

it.each(["s08-cut", "s14-cut"])("cuts a stream after forty tokens, which is an error: %s", async (model) => {
  const { ok, text } = await call(model);
  expect([ok, text.split(" ").length]).toEqual([false, 40]);
});

it("stalls after twenty tokens, then closes", async () => {
  const { ok, text, elapsedS } = await call("s09-stall");
  expect([ok, text.split(" ").length]).toEqual([false, 20]);
  expect(elapsedS).toBeGreaterThan(0.28);
});

it("sends one event that is not JSON beside the whole answer", async () => {
  expect(await call("s10-malformed-event")).toMatchObject({ ok: true, text: ANSWER });
  const response = await fetch(`${provider.baseUrl}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "s10-malformed-event", messages: [USER], stream: true }),
  });
  const events = (await response.text()).split("\n\n").filter((event) => event.startsWith("data: {"));
  const broken = events.filter((event) => {
    try {
      return JSON.parse(event.slice(6)) === undefined;
    } catch {
      return true;
    }
  });
  expect(broken).toHaveLength(1);
});

it("ends a stream properly without [DONE]", async () => {
  expect(await call("s11-no-done")).toMatchObject({ ok: true, text: ANSWER, hasUsage: true });
  const raw = await fetch(`${provider.baseUrl}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "s11-no-done", messages: [USER], stream: true }),
  });
  expect(await raw.text()).not.toContain("[DONE]");
});

it("goes on from a beginning of the answer, unless the model refuses a prefill", async () => {
  const messages = [USER, { role: "assistant", content: ANSWER.split(" ").slice(0, 40).join(" ") }];
  expect((await call("steady", { messages })).text).toBe(` ${ANSWER.split(" ").slice(40).join(" ")}`);
  expect((await call("steady-no-prefill", { messages })).error).toMatch(/HTTP 400.*prefill/);
  expect(provider.attempts.map(({ prefillRefused }) => prefillRefused)).toEqual([false, true]);
  expect(await call("steady-no-prefill")).toMatchObject({ ok: true, text: ANSWER });
});

it("is down from the reset until the outage ends", async () => {
  for (let index = 0; index < 3; index++) expect((await post("s15-outage")).status).toBe(503);
  await expect.poll(async () => (await post("s15-outage")).status).toBe(200);
  expect(actions().at(-1)).toBe("200 recovered");
  provider.reset();
  expect((await post("s15-outage")).status).toBe(503);
});

it("answers 404 to any other model or route, and lists its models", async () => {
  expect((await post("unheard-of")).status).toBe(404);
  expect((await fetch(`${provider.baseUrl}/embeddings`, { method: "POST", body: "{}" })).status).toBe(404);
  const { data } = (await (await fetch(`${provider.baseUrl}/models`)).json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toEqual(MODELS);
});

it("ends with an error, not a hang, where the client gives up first", async () => {
  expect(await call("s06-silent", {}, 0.1)).toMatchObject({
    ok: false,
    hung: false,
    error: expect.stringContaining("no byte for 0.1 s"),
  });
});
