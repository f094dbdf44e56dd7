/**
 * Faults of upstreams, one by one, over real HTTP: a primary with a fault and a fallback without one. Each fault is either
 * served through, or falls back unseen by the client, or ends in an error frame.
 */
import {
  anthropicOverloaded,
  type Behaviour,
  byteOrderMark,
  cleanTruncation,
  closeBeforeHeaders,
  closeDelimited,
  cloudflareBlock,
  compressed,
  crlf,
  cut,
  doneWithoutFinish,
  empty200,
  errorFrame,
  errorIn200,
  finishWithoutDone,
  googleBadKey,
  healthy,
  html200,
  html502,
  hugeFrame,
  jsonForStream,
  keepAliveComments,
  type Lab,
  malformedFrame,
  modelMissing,
  modelScopeRetired,
  noChoices,
  noSpaceAfterData,
  nvidiaDegraded,
  oneByteAtATime,
  oneChunk,
  openRouterUserNotFound,
  resetBeforeHeaders,
  setCookies,
  silence,
  slowFirstToken,
  splitUtf8,
  stall,
  startLab,
  status,
  trailingGarbage,
  truncatedBody,
  twoDones,
} from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readStream, startGateway, type TestGateway } from "./support/gateway.ts";

const PRIMARY = "primary-model";
const FALLBACK = "fallback-model";
const FALLBACK_TEXT = "The fallback answered.";

const WORDS = { text: ["Grüße ", "東京 ", "🌍"] };
const HELLO = healthy(WORDS);

let lab: Lab;
let gateway: TestGateway;

const providers = () => [
  {
    id: "first",
    baseUrl: lab.baseUrl,
    errors: [
      { status: 401, contains: "User not found", class: "rate_limit" as const, why: "as OpenRouter does" },
      { status: 400, contains: "DEGRADED", class: "overloaded" as const, why: "as NVIDIA does" },
    ],
    models: [{ alias: "primary", upstream: PRIMARY, chain: ["fallback"] }],
  },
  { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "fallback", upstream: FALLBACK }] },
];

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
afterEach(async () => {
  // No call outlives its request, neither upstream nor in the gateway.
  await lab.idle();
  const health = (await (await gateway.fetch("/health")).json()) as { in_flight: number };
  await gateway.close();
  lab.reset();
  expect(health.in_flight).toBe(0);
});

async function ask(behaviour: Behaviour, stream: boolean, options = {}, headers = {}) {
  gateway = await startGateway(providers(), {
    options: { firstTokenTimeoutMs: 300, streamIdleTimeoutMs: 300, ...options },
  });
  lab.behave(PRIMARY, behaviour);
  lab.behave(FALLBACK, healthy({ text: ["The fallback", " answered."] }));
  const response = await gateway.chat({ model: "primary", stream }, { headers });
  if (stream && response.ok) return { response, ...(await readStream(response)) };
  const body = (await response.json()) as {
    choices?: { message: { content: string } }[];
    error?: { message: string; code: string };
  };
  return {
    response,
    text: body.choices?.[0]?.message.content ?? "",
    error: body.error,
    done: true,
    raw: JSON.stringify(body),
  };
}

/** Where no deadline is meant to pass, however busy the machine is. */
const PATIENT = { firstTokenTimeoutMs: 20_000, streamIdleTimeoutMs: 20_000 };

type Kind = "both" | "stream" | "whole";
const modes = (kind: Kind): boolean[] => (kind === "both" ? [false, true] : [kind === "stream"]);
const named = (rows: readonly (readonly [Behaviour, Kind])[]) =>
  rows.flatMap(([behaviour, kind]) =>
    modes(kind).map((stream) => ({
      name: behaviour.name,
      behaviour,
      stream,
      how: stream ? "streamed" : "whole",
    })),
  );

describe("a failure before content falls back unseen by the client", () => {
  it.each(
    named([
      [status(429, { retryAfterS: 2 }), "both"],
      [status(429), "both"],
      [status(503), "both"],
      [status(529), "both"],
      [html502(), "both"],
      [status(401), "both"],
      [status(403), "both"],
      [modelMissing(), "both"],
      [openRouterUserNotFound(), "both"],
      [googleBadKey(), "both"],
      [nvidiaDegraded(), "both"],
      [modelScopeRetired(), "both"],
      [resetBeforeHeaders(), "both"],
      [closeBeforeHeaders(), "both"],
      [errorIn200(), "both"],
      [html200(), "both"],
      [empty200(), "both"],
      [noChoices(), "both"],
      [truncatedBody(), "whole"],
      [cut({ after: 0 }), "stream"],
      [cleanTruncation({ after: 0 }), "stream"],
      [malformedFrame({ after: 0 }), "stream"],
      [errorFrame({ after: 0 }), "stream"],
      [errorFrame({ after: 0, form: "openai" }), "stream"],
      [errorFrame({ after: 0, form: "vllm", done: true }), "stream"],
      [errorFrame({ after: 0, form: "event" }), "stream"],
      [anthropicOverloaded(), "both"],
      [hugeFrame({ bytes: 9 * 1024 * 1024 }), "stream"],
    ]),
  )("$name, $how", async ({ behaviour, stream }) => {
    const { response, text, done } = await ask(behaviour, stream);
    expect(response.status).toBe(200);
    expect(text).toBe(FALLBACK_TEXT);
    expect(done).toBe(true);
    expect(response.headers.get("x-routed-via")).toBe(`second/${FALLBACK}`);
    expect(response.headers.get("x-fallback-attempts")).toBe("1");
  });

  it.each([false, true])(
    "a silent candidate is cancelled at the first-token timeout (stream: %s)",
    async (stream) => {
      const { text } = await ask(silence(), stream, { firstTokenTimeoutMs: stream ? 60 : 12 });
      expect(text).toBe(FALLBACK_TEXT);
    },
  );

  it("so is one that sends only headers", async () => {
    expect((await ask(slowFirstToken(), true, { firstTokenTimeoutMs: 60 })).text).toBe(FALLBACK_TEXT);
  });

  it("a refused connection falls back", async () => {
    const closed = await lab.closedPort();
    gateway = await startGateway([
      {
        ...providers()[0],
        id: "first",
        baseUrl: closed,
        models: [{ alias: "primary", upstream: PRIMARY, chain: ["fallback"] }],
      },
      providers()[1] ?? { id: "x", models: [] },
    ]);
    expect((await gateway.chat({ model: "primary" })).headers.get("x-routed-via")).toBe(`second/${FALLBACK}`);
  });
});

describe("an odd but complete answer passes", () => {
  it.each(
    named([
      [HELLO, "both"],
      [noSpaceAfterData(HELLO), "stream"],
      [crlf({}, HELLO), "stream"],
      [crlf({ split: true }, HELLO), "stream"],
      [byteOrderMark(HELLO), "stream"],
      [splitUtf8(HELLO), "both"],
      [oneByteAtATime(HELLO), "both"],
      [oneChunk(HELLO), "stream"],
      [finishWithoutDone(WORDS), "stream"],
      [doneWithoutFinish(WORDS), "stream"],
      [twoDones(WORDS), "stream"],
      [closeDelimited(HELLO), "both"],
    ]),
  )("$name, $how", async ({ behaviour, stream }) => {
    const { response, text, done, raw } = await ask(behaviour, stream, PATIENT);
    expect(text).toBe("Grüße 東京 🌍");
    expect(done).toBe(true);
    expect(response.headers.get("x-routed-via")).toBe(`first/${PRIMARY}`);
    expect(response.headers.get("x-fallback-attempts")).toBeNull();
    expect(raw.split("[DONE]").length - 1).toBe(stream ? 1 : 0);
    expect(raw).not.toContain("\r");
  });

  it.each(["gzip", "br", "deflate"] as const)("%s without a request for it", async (encoding) => {
    for (const stream of [false, true]) {
      const { response, text, done } = await ask(
        compressed({ encoding }, healthy({ text: ["packed ", "text"] })),
        stream,
      );
      expect({ text, done }).toEqual({ text: "packed text", done: true });
      expect(response.headers.get("content-encoding")).toBeNull();
      if (!stream) await gateway.close();
    }
  });

  it("keep-alive comments pass after the first content, and not before", async () => {
    const { text, done, raw } = await ask(keepAliveComments({ text: ["a", "b"] }), true);
    expect({ text, done }).toEqual({ text: "ab", done: true });
    expect(raw.startsWith("data: ")).toBe(true);
    expect(raw).toContain(": OPENROUTER PROCESSING");
  });

  it("JSON in a stream's place becomes a stream of one chunk", async () => {
    const { response, text, done } = await ask(jsonForStream(), true);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(text).not.toBe("");
    expect(done).toBe(true);
  });

  it("garbage after the end does not reach the client", async () => {
    const { done, raw } = await ask(trailingGarbage(), true);
    expect(done).toBe(true);
    expect(raw).toMatch(/data: \[DONE\]\n\n(: .*\n)*\n$/);
  });

  it("our own User-Agent passes Cloudflare's block on library defaults", async () => {
    const { response } = await ask(cloudflareBlock(), false);
    expect(response.headers.get("x-routed-via")).toBe(`first/${PRIMARY}`);
    expect(lab.requests[0]?.headers["user-agent"]).toMatch(/^headgate\//);
  });

  it("upstream cookies stay upstream", async () => {
    const { response } = await ask(setCookies(), false);
    expect(response.headers.getSetCookie()).toEqual([]);
  });
});

describe("under midstream: error a stream that breaks after content ends in an error frame, never in a clean end", () => {
  it.each(
    named([
      [cut({ after: 2 }), "stream"],
      [cut({ after: 2, reset: true }), "stream"],
      [cleanTruncation({ after: 2 }), "stream"],
      [stall({ after: 2 }), "stream"],
      [malformedFrame({ after: 2 }), "stream"],
      [errorFrame({ after: 2 }), "stream"],
      [errorFrame({ after: 2, form: "event" }), "stream"],
      [errorFrame({ after: 2, form: "vllm", done: true }), "stream"],
    ]),
  )("$name", async ({ behaviour }) => {
    const { text, error, done } = await ask(behaviour, true, {}, { "x-headgate-midstream": "error" });
    expect(text).not.toBe("");
    expect(done).toBe(false);
    expect(error).toMatchObject({
      type: "upstream_error",
      message: expect.stringContaining(`first/${PRIMARY} broke off`),
    });
    expect(lab.requests).toHaveLength(1);
  });
});
