import { afterAll, describe, expect, it } from "vitest";
import { startLab } from "../lab.ts";
import { call, chat, json } from "../probe.ts";
import type { Behaviour } from "../step.ts";
import { byKey, concurrencyCap, healthy, setCookies, withLimits } from "./healthy.ts";
import {
  cloudflareBlock,
  googleBadKey,
  groqToolUseFailed,
  mistralStrict,
  modelScopeRetired,
  nvidiaDegraded,
  openRouterUserNotFound,
} from "./misleading.ts";
import { ollamaBusy, ollamaMissingModel, ollamaOutOfMemory } from "./ollama.ts";
import {
  anthropicOverloaded,
  contextTooLong,
  html502,
  modelMissing,
  openRouterDailyCap,
  quotaSpent,
  status,
} from "./status.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 0, 500);

const lab = await startLab({ nowMs: () => NOW_MS });
afterAll(() => lab.close());

const send = (behaviour: Behaviour, options: Parameters<typeof call>[1] = {}) => {
  lab.behave("m", behaviour);
  return call(lab.url, options);
};

describe("a status", () => {
  it.each([429, 500, 502, 503, 529])("%i comes with OpenAI's envelope", async (code) => {
    const seen = await send(status(code, { message: "no", code: "why" }));
    expect(seen.status).toBe(code);
    expect(json(seen)).toMatchObject({ error: { message: "no", param: null, code: "why" } });
    expect(seen.headers["retry-after"]).toBeUndefined();
  });

  it("has Ollama's form on Ollama's wire", async () => {
    const seen = await send(status(429, { message: "no" }), { path: "/api/chat" });
    expect(json(seen)).toEqual({ error: "no" });
  });

  it("has Retry-After in seconds, as a date that is not too early, or in milliseconds", async () => {
    const retryAfter = async (options: Parameters<typeof status>[1]) =>
      (await send(status(429, options))).headers;
    expect(await retryAfter({ retryAfterS: 2 })).toMatchObject({ "retry-after": "2" });
    expect(await retryAfter({ retryAfterDateInMs: 1000 })).toMatchObject({
      "retry-after": "Fri, 20 Nov 2026 12:00:02 GMT",
    });
    expect(await retryAfter({ retryAfterMs: 150 })).toMatchObject({ "retry-after-ms": "150" });
  });

  it("has rate-limit headers in each provider's form", async () => {
    const groq = await send(status(429, { limits: { style: "groq", tokensResetInMs: 86_400 } }));
    expect(groq.headers["x-ratelimit-reset-tokens"]).toBe("1m26.4s");
    const router = await send(withLimits({ style: "openrouter", requestsResetInMs: 5 }));
    expect(router.headers["x-ratelimit-reset"]).toBe(String(NOW_MS + 5));
    expect(router.status).toBe(200);
    const anthropic = await send(withLimits({ style: "anthropic", requestsResetInMs: 60_000 }, status(429)));
    expect(anthropic.headers["anthropic-ratelimit-requests-reset"]).toBe("2026-11-20T12:01:01Z");
  });
});

describe("named failures look like the real thing", () => {
  it.each([
    [
      "openRouterUserNotFound",
      openRouterUserNotFound(),
      401,
      '{"error":{"message":"User not found.","code":401}}',
    ],
    ["googleBadKey", googleBadKey(), 400, '[{"error":{"code":400,"message":"API key not valid.'],
    ["googleBadKey, native", googleBadKey({ wrapped: false }), 400, '{"error":{"code":400'],
    ["nvidiaDegraded", nvidiaDegraded(), 400, "DEGRADED function cannot be invoked"],
    ["modelScopeRetired", modelScopeRetired(), 429, "insufficient balance (1008)"],
    [
      "groqToolUseFailed",
      groqToolUseFailed(),
      400,
      '"code":"tool_use_failed","failed_generation":"<function',
    ],
    ["anthropicOverloaded", anthropicOverloaded(), 529, '"type":"overloaded_error"'],
    ["quotaSpent", quotaSpent(), 429, '"code":"insufficient_quota"'],
    ["contextTooLong", contextTooLong({ maxTokens: 100 }), 400, "maximum context length is 100 tokens"],
    ["modelMissing", modelMissing(), 404, '"code":"model_not_found"'],
    ["ollamaBusy", ollamaBusy(), 503, '{"error":"server busy'],
    ["ollamaOutOfMemory", ollamaOutOfMemory(), 500, '{"error":"model requires more system memory'],
    ["ollamaMissingModel", ollamaMissingModel(), 404, 'model \\"m\\" not found'],
  ])("%s", async (_, behaviour, code, text) => {
    const seen = await send(behaviour);
    expect(seen.status).toBe(code);
    expect(seen.text).toContain(text);
  });

  it("html502 is a page", async () => {
    const seen = await send(html502());
    expect(seen.status).toBe(502);
    expect(seen.headers["content-type"]).toContain("text/html");
    expect(seen.text).toMatch(/^<html>/);
  });

  it("openRouterDailyCap names its reset in the headers and in the body", async () => {
    const seen = await send(openRouterDailyCap({ resetInMs: 1000 }));
    const reset = String(NOW_MS + 1000);
    expect(seen.headers["x-ratelimit-reset"]).toBe(reset);
    expect(json(seen)).toMatchObject({
      error: { code: 429, metadata: { headers: { "X-RateLimit-Reset": reset } } },
    });
  });

  it.each(["", "node", "undici", "python-requests/2.32.0", "Python-urllib/3.13"])(
    "cloudflareBlock refuses the User-Agent %j with a bare body",
    async (agent) => {
      const seen = await send(cloudflareBlock(), { headers: { "user-agent": agent } });
      expect([seen.status, seen.text]).toEqual([403, "error code: 1010"]);
    },
  );

  it("cloudflareBlock lets a client with a name through", async () => {
    expect((await send(cloudflareBlock(), { headers: { "user-agent": "headgate/0.1.0" } })).status).toBe(200);
  });

  it("mistralStrict names every unknown field, in a message that is no text", async () => {
    expect((await send(mistralStrict(), { body: chat({ random_seed: 1 }) })).status).toBe(200);
    const seen = await send(mistralStrict(), { body: chat({ seed: 1, logprobs: true }) });
    expect(seen.status).toBe(422);
    expect(json(seen)).toMatchObject({
      message: { detail: [{ loc: ["body", "seed"] }, { loc: ["body", "logprobs"] }] },
    });
  });
});

describe("wrappers", () => {
  it("setCookies sets two cookies on the answer of another", async () => {
    expect((await send(setCookies())).headers["set-cookie"]).toHaveLength(2);
  });

  it("byKey distinguishes keys, in either header, and refuses the rest", async () => {
    const behaviour = byKey({ "test-key-1": status(429), "test-key-2": healthy() });
    const keyed = (headers: Record<string, string>) => send(behaviour, { headers });
    expect((await keyed({ authorization: "Bearer test-key-1" })).status).toBe(429);
    expect((await keyed({ "x-api-key": "test-key-2" })).status).toBe(200);
    expect((await keyed({ authorization: "Bearer toString" })).status).toBe(401);
    expect((await keyed({})).text).toContain("invalid_api_key");
  });

  it("concurrencyCap refuses requests above it, and accepts again after an abort", async () => {
    const gate = lab.gate();
    const { silence } = await import("./connection.ts");
    const behaviour = concurrencyCap({ concurrent: 1 }, silence({ gate }));
    lab.behave("capped", behaviour);
    const body = chat({ model: "capped" });
    const leaving = new AbortController();
    const first = call(lab.url, { body, signal: leaving.signal });
    first.catch(() => undefined);
    await gate.reached();
    expect((await call(lab.url, { body })).status).toBe(429);
    leaving.abort();
    await lab.idle();
    gate.open();
    expect((await call(lab.url, { body })).status).toBe(200);
  });
});
