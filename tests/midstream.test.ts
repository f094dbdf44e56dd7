/** Streams that break after content, and continue from the next candidate; over real HTTP. */
import { request as httpRequest } from "node:http";
import { present, type RoutePolicy } from "@headgate/contract";
import {
  type Behaviour,
  cleanTruncation,
  cut,
  endless,
  errorFrame,
  type HealthyOptions,
  healthy,
  type Lab,
  malformedFrame,
  stall,
  startLab,
  status,
} from "@headgate/upstream-lab";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BREAK, breaking, breakingAtByte } from "./support/faults.ts";
import { CLIENT_KEY, readStream, startGateway, type TestGateway } from "./support/gateway.ts";
import { readAnswer, SURFACES, type SurfaceId } from "./support/matrix-surfaces.ts";

const SURFACE_IDS = Object.keys(SURFACES) as SurfaceId[];
const ONE = "one-model";
const TWO = "two-model";
const THREE = "three-model";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
afterEach(async () => {
  await lab.idle();
  const health = (await (await gateway.fetch("/health")).json()) as { in_flight: number };
  await gateway.close();
  lab.reset();
  expect(health.in_flight).toBe(0);
});

const ADAPTERS = {
  "openai-compatible": () => ({ adapter: "openai-compatible", baseUrl: lab.baseUrl }),
  anthropic: () => ({ adapter: "anthropic", baseUrl: lab.url }),
  gemini: () => ({ adapter: "gemini", baseUrl: `${lab.url}/v1beta` }),
  cohere: () => ({ adapter: "cohere", baseUrl: `${lab.url}/v2` }),
  ollama: () => ({ adapter: "ollama", baseUrl: lab.url }),
};
type AdapterId = keyof typeof ADAPTERS;

interface Setup {
  readonly policy?: RoutePolicy;
  readonly first?: Behaviour;
  readonly second?: Behaviour;
  readonly third?: Behaviour;
  readonly adapters?: readonly [AdapterId, AdapterId];
  readonly prefill?: readonly string[];
}

const CONTINUE: RoutePolicy = { midstream: "continue" };

async function start({ policy = CONTINUE, first, second, third, adapters, prefill }: Setup): Promise<void> {
  const [one, two] = adapters ?? ["openai-compatible", "openai-compatible"];
  gateway = await startGateway(
    [
      {
        id: "first",
        ...ADAPTERS[one](),
        models: [{ alias: "alias", upstream: ONE, chain: ["second", "third"], policy }],
      },
      {
        id: "second",
        ...ADAPTERS[two](),
        ...present({ dialect: prefill === undefined ? undefined : { prefill } }),
        models: [{ alias: "second", upstream: TWO }],
      },
      { id: "third", baseUrl: lab.baseUrl, models: [{ alias: "third", upstream: THREE }] },
    ],
    { options: { firstTokenTimeoutMs: 2_000, streamIdleTimeoutMs: 300 } },
  );
  if (first !== undefined) lab.behave(ONE, first);
  lab.behave(TWO, second ?? status(500));
  lab.behave(THREE, third ?? status(500));
}

const chat = async (body: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  readStream(await gateway.chat({ model: "alias", stream: true, ...body }, { headers }));

async function askOn(surface: SurfaceId, body: Record<string, unknown> = {}) {
  const request = SURFACES[surface].request("alias", "text", true);
  if (request === undefined) throw new Error(`${surface} has no such request`);
  const response = await gateway.fetch(request.path, {
    method: "POST",
    body: JSON.stringify({ ...request.body, ...body }),
  });
  const raw = await response.text();
  return { response, raw, seen: readAnswer(surface, raw, true) };
}

const text = (...pieces: string[]): HealthyOptions => ({ text: pieces });
const upstreams = (): string[] => lab.requests.map(({ model }) => model);
const lastBody = () =>
  lab.requests.at(-1)?.body as { messages: { role: string; content: string }[]; max_tokens?: number };

describe("every fault in mid-stream, on every surface, is continued by the next candidate", () => {
  const FAULTS: readonly Behaviour[] = [
    cut({ after: 2 }),
    cut({ after: 2, reset: true }),
    cleanTruncation({ after: 2 }),
    stall({ after: 2 }),
    malformedFrame({ after: 2 }),
    errorFrame({ after: 2 }),
    errorFrame({ after: 2, form: "event" }),
    errorFrame({ after: 2, form: "vllm", done: true }),
    errorFrame({ after: 2, form: "anthropic" }),
  ];
  const CASES = SURFACE_IDS.flatMap((surface) =>
    FAULTS.map((fault, at) => [surface, `${fault.name} ${at}`, fault] as const),
  );
  it.each(CASES)("%s: %s", async (surface, _, first) => {
    await start({ first, second: healthy(text("from", " here", " it goes on.")) });
    const { response, raw, seen } = await askOn(surface);
    expect(seen).toMatchObject({ text: "Hello from here it goes on.", whole: true, calls: [] });
    expect(response.headers.get("x-routed-via")).toBe(`first/${ONE}`);
    expect(raw).not.toMatch(/broke off/);
    expect(upstreams()).toEqual([ONE, TWO]);
    const marked = raw.includes(`: headgate-spliced via=second/${TWO}\n\n`);
    expect(marked).toBe(surface !== "ollama" && surface !== "gemini");
  });
});

describe("the wires on both sides of the seam may differ", () => {
  const PAIRS = (Object.keys(ADAPTERS) as AdapterId[]).flatMap((one) =>
    (["openai-compatible", "anthropic", "gemini"] as const).map((two) => [one, two] as const),
  );
  it.each(PAIRS)("%s, then %s", async (one, two) => {
    for (const surface of SURFACE_IDS) {
      await start({
        adapters: [one, two],
        first: breaking(text("The gate ", "is ", BREAK)),
        second: healthy(text("is ", "open.")),
      });
      const { seen } = await askOn(surface);
      expect(seen).toMatchObject({ text: "The gate is open.", whole: true });
      await gateway.close();
      lab.reset();
    }
    await start({});
  });
});

describe("the client's stream stays one stream", () => {
  it("chat completions: one id, one model, one role, one finish, one [DONE], usage once", async () => {
    await start({
      first: breaking(text("One ", "two ", BREAK)),
      second: healthy({ text: ["two ", "three"], tokens: { inputTokens: 40, outputTokens: 5 } }),
    });
    const { frames, text: answer, raw } = await chat({ stream_options: { include_usage: true } });
    const chunks = frames as {
      id: string;
      model: string;
      choices: { delta: { role?: string }; finish_reason: string | null }[];
      usage?: { prompt_tokens: number; completion_tokens: number } | null;
    }[];
    expect(answer).toBe("One two three");
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(new Set(chunks.map(({ model }) => model))).toEqual(new Set([ONE]));
    expect(chunks.filter(({ choices }) => choices[0]?.delta.role !== undefined)).toHaveLength(1);
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(["stop"]);
    expect(raw.split("[DONE]")).toHaveLength(2);
    // The prompt once, without the partial answer in the second request; the output of both.
    const counted = chunks.flatMap(({ usage }) => usage ?? []);
    expect(counted).toEqual([expect.objectContaining({ prompt_tokens: 38, completion_tokens: 7 })]);
  });

  it("messages: blocks are opened once, and closed in order", async () => {
    await start({
      adapters: ["anthropic", "openai-compatible"],
      first: breaking({ reasoning: ["Let me", " see."], text: ["One ", BREAK] }),
      second: healthy({ reasoning: ["Again."], text: ["two"] }),
    });
    const { raw } = await askOn("messages", { thinking: { type: "enabled", budget_tokens: 1024 } });
    const types = [...raw.matchAll(/^event: (\S+)/gm)]
      .map(([, type]) => type)
      .filter((type) => type !== "ping");
    expect(types.filter((type) => type === "message_start")).toHaveLength(1);
    expect(types.filter((type) => type === "content_block_start")).toHaveLength(2);
    expect(types.slice(-3)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
    expect(raw).not.toContain("Again.");
  });

  it("completions, the older route, continues too", async () => {
    await start({ first: breaking(text("One ", BREAK)), second: healthy(text("two")) });
    const response = await gateway.fetch("/v1/completions", {
      method: "POST",
      body: JSON.stringify({ model: "alias", prompt: "Count", stream: true }),
    });
    expect(await readStream(response)).toMatchObject({ text: "One two", done: true });
  });

  it("Gemini's array form stays one array, and a break without continuation ends it as well", async () => {
    const path = "/v1beta/models/alias:streamGenerateContent";
    const body = JSON.stringify({ contents: [{ role: "user", parts: [{ text: "Hi" }] }] });
    await start({ first: breaking(text("One ", BREAK)), second: healthy(text("two")) });
    const spliced = (await (await gateway.fetch(path, { method: "POST", body })).json()) as {
      candidates: { content: { parts: { text: string }[] } }[];
    }[];
    expect(spliced.map(({ candidates }) => candidates[0]?.content.parts[0]?.text).join("")).toBe("One two");
    lab.behave(TWO, status(500));
    const broken = (await (await gateway.fetch(path, { method: "POST", body })).json()) as unknown[];
    expect(broken.at(-1)).toMatchObject({ error: { message: expect.stringContaining("broke off") } });
  });

  it("lists the continuations in a trailer as well", async () => {
    await start({
      first: breaking(text("One ", BREAK)),
      second: breaking(text("two ", BREAK)),
      third: healthy(text("three")),
    });
    const trailers = await new Promise<NodeJS.Dict<string>>((resolve, reject) => {
      const sent = httpRequest(
        `${gateway.url}/v1/chat/completions`,
        { method: "POST", headers: { authorization: `Bearer ${CLIENT_KEY}` } },
        (response) => response.resume().on("end", () => resolve(response.trailers)),
      );
      sent.on("error", reject);
      sent.end(JSON.stringify({ model: "alias", stream: true, messages: [{ role: "user", content: "x" }] }));
    });
    expect(trailers["x-headgate-spliced"]).toBe(`second/${TWO}, third/${THREE}`);
  });
});

describe("the request to the next candidate", () => {
  it("is the conversation, the text so far, and an instruction to go on; with a smaller output limit", async () => {
    await start({ first: breaking(text("One ", "two", BREAK)), second: healthy(text("two three")) });
    expect((await chat({ max_tokens: 100 })).text).toBe("One two three");
    const { messages, max_tokens } = lastBody();
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(messages[1]?.content).toBe("One two");
    expect(messages[2]?.content).toContain('"two"');
    expect(max_tokens).toBe(98);
  });

  it("has one assistant message where the client started the answer itself", async () => {
    await start({ first: breaking(text("two ", BREAK)), second: healthy(text("three")) });
    const messages = [
      { role: "user", content: "Count" },
      { role: "assistant", content: "One " },
    ];
    expect((await chat({ messages })).text).toBe("two three");
    expect(lastBody().messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(JSON.stringify(lastBody().messages[1])).toMatch(/One .*two /);
  });

  it("ends with the text so far where the model accepts a prefill", async () => {
    await start({
      first: breaking(text("One two ", BREAK)),
      second: healthy(text("three")),
      prefill: ["two-*"],
    });
    expect((await chat()).text).toBe("One two three");
    expect(lastBody().messages.map(({ role, content }) => [role, content])).toEqual([
      ["user", "Hello"],
      ["assistant", "One two"],
    ]);
  });

  it("ends the answer at a stop sequence across the seam", async () => {
    await start({ first: breaking(text("One </e", BREAK)), second: healthy(text("nd> and more", " words")) });
    const { text: answer, done, frames } = await chat({ stop: ["</end>"] });
    expect({ answer, done }).toEqual({ answer: "One </e", done: true });
    expect(JSON.stringify(frames)).toContain('"finish_reason":"stop"');
  });
});

describe("a tool call that was cut", () => {
  const call = (...pieces: string[]) => ({ toolCalls: [{ name: "get_weather", arguments: pieces }] });
  it.each(SURFACE_IDS)(
    "%s: is completed by the next candidate, where that makes the same call",
    async (surface) => {
      for (const policy of [CONTINUE, { midstream: "restart" } as const]) {
        await start({
          policy,
          first: breaking(call('{"ci', BREAK)),
          second: healthy(call('{"city":', '"Linz"}')),
        });
        const request = SURFACES[surface].request("alias", "tools", true);
        const response = await gateway.fetch(request?.path ?? "", {
          method: "POST",
          body: JSON.stringify(request?.body),
        });
        const seen = readAnswer(surface, await response.text(), true);
        expect(seen).toMatchObject({
          calls: [{ name: "get_weather", arguments: { city: "Linz" } }],
          whole: true,
        });
        await gateway.close();
        lab.reset();
      }
      await start({});
    },
  );

  it("text before the call stays, and the call follows it", async () => {
    await start({
      first: breaking({ text: ["I look. "], ...call('{"ci', BREAK) }),
      second: healthy({ text: [], ...call('{"city":"Linz"}') }),
    });
    const { frames, text: answer } = await chat({
      tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object" } } }],
    });
    expect(answer).toBe("I look. ");
    const pieces = frames.flatMap(
      (frame) =>
        (frame as { choices: { delta: { tool_calls?: { function: { arguments: string } }[] } }[] }).choices[0]
          ?.delta.tool_calls ?? [],
    );
    expect(pieces.map((piece) => piece.function.arguments).join("")).toBe('{"city":"Linz"}');
    expect(lastBody().messages.at(-2)?.content).toBe("I look. ");
  });
});

it("no cut, at any byte of any text, sends half a character or loses text", async () => {
  await start({});
  const words = fc.string({
    unit: fc.constantFrom("ü", "東", "🌍", "e\u0301", "👩‍👩‍👧", "a"),
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(words, { minLength: 2, maxLength: 4 }), fc.nat(2_000), async (answer, at) => {
      lab.behave(ONE, breakingAtByte({ text: answer }, 1 + at));
      lab.behave(TWO, healthy({ text: [" ", "Ende."] }));
      const { text: seen, done, raw } = await chat();
      expect(done).toBe(true);
      expect(raw).not.toContain("\ufffd");
      const whole = answer.join("");
      const kept = seen.endsWith(" Ende.") ? seen.slice(0, -6) : seen;
      expect(whole.startsWith(kept)).toBe(true);
      expect(kept.isWellFormed()).toBe(true);
    }),
    { numRuns: 60 },
  );
});

it("where the wires differ, a character in two pieces is sent once it is whole, and never in half", async () => {
  const half = (written: string) => `"content":"${written}"`;
  const spoil = (inner: Behaviour): Behaviour => ({
    name: "halves",
    async *plan(ask) {
      for await (const step of inner.plan(ask)) {
        yield step.kind === "bytes"
          ? {
              ...step,
              bytes: Buffer.from(
                step.bytes
                  .toString()
                  .replace(half("[high]"), half("\\ud83c"))
                  .replace(half("[low]"), half("\\udf0d")),
              ),
            }
          : step;
      }
    },
  });
  await start({
    first: spoil(breaking(text("a ", "[high]", "[low]", " b ", "[high]", BREAK))),
    second: healthy(text("b c")),
  });
  const { raw, seen } = await askOn("messages");
  expect(seen.text).toBe("a 🌍 b c");
  expect(raw).not.toMatch(/\\ud83c/);
  // On the upstream's own wire its halves pass. Only the next upstream never reads one.
  expect((await chat()).text.replaceAll("\ufffd", "")).toMatch(/^a 🌍 b .?c$/u);
  expect(lastBody().messages.at(-2)?.content).toBe("a 🌍 b ");
});

describe("where no continuation is possible, the stream ends in an error", () => {
  const BROKEN = {
    done: false,
    error: { type: "upstream_error", message: expect.stringContaining("broke off") },
  };
  const first = () => breaking(text("One ", BREAK));

  it("under `error`: one upstream, unchanged bytes", async () => {
    const odd = 'data: {"choices":[{"index":0,"delta":{"content":"One "},"x_new":1e400}]  }\n\n';
    const oddly: Behaviour = {
      name: "oddly",
      *plan() {
        yield { kind: "head", status: 200, headers: { "content-type": "text/event-stream" } };
        yield { kind: "bytes", bytes: Buffer.from(odd) };
        yield { kind: "cut" };
      },
    };
    await start({ policy: { midstream: "error" }, first: oddly, second: healthy() });
    const broken = await chat();
    expect(broken).toMatchObject({ text: "One ", ...BROKEN });
    expect(broken.raw.startsWith(odd)).toBe(true);
    expect(upstreams()).toEqual([ONE]);
  });

  it.each([
    ["several choices", { n: 2 }],
    ["logprobs", { logprobs: true }],
    [
      "a JSON schema",
      { response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } } },
    ],
    ["JSON", { response_format: { type: "json_object" } }],
  ])("for %s", async (_, body) => {
    await start({ first: first(), second: healthy() });
    expect(await chat(body)).toMatchObject({ text: "One ", ...BROKEN });
    expect(upstreams()).toEqual([ONE]);
  });

  it("when every other candidate fails before its first content", async () => {
    await start({ first: first() });
    expect(await chat()).toMatchObject({ text: "One ", ...BROKEN });
    expect(upstreams()).toEqual([ONE, TWO, THREE]);
  });

  it.each(SURFACE_IDS)("in the error format of %s, with growing indices", async (surface) => {
    await start({ first: first() });
    const { raw, seen } = await askOn(surface);
    expect(seen.whole).toBe(false);
    expect(raw).toContain("broke off");
    if (surface === "responses") {
      const numbers = [...raw.matchAll(/"sequence_number":(\d+)/g)].map(([, number]) => Number(number));
      expect(numbers).toEqual(numbers.map((_, at) => at));
      expect(raw).toContain("event: response.failed");
    }
  });

  it("after two continuations", async () => {
    gateway = await startGateway(
      [1, 2, 3, 4].map((at) => ({
        id: `p${at}`,
        baseUrl: lab.baseUrl,
        models: [
          {
            alias: at === 1 ? "alias" : `m${at}`,
            upstream: `u${at}`,
            ...(at === 1 ? { chain: ["m2", "m3", "m4"], policy: CONTINUE } : {}),
          },
        ],
      })),
    );
    for (const at of [1, 2, 3, 4]) lab.behave(`u${at}`, breaking(text(`${at} `, BREAK)));
    expect(await chat()).toMatchObject({ text: "1 2 3 ", ...BROKEN });
    expect(upstreams()).toEqual(["u1", "u2", "u3"]);
  });
});

describe("restart", () => {
  const RESTART: RoutePolicy = { midstream: "restart" };
  it("starts anew while the client has no text, and sends no second reasoning", async () => {
    await start({
      policy: RESTART,
      first: breaking({ reasoning: ["Hm. "], text: [BREAK] }),
      second: healthy({ reasoning: ["Well. "], text: ["Yes."] }),
    });
    const { raw, text: answer } = await chat();
    expect(answer).toBe("Yes.");
    expect(raw).toContain("Hm. ");
    expect(raw).not.toContain("Well. ");
    expect(lastBody().messages).toHaveLength(1);
  });

  it("does not apply after the first text", async () => {
    await start({ policy: RESTART, first: breaking(text("One ", BREAK)), second: healthy() });
    expect(await chat()).toMatchObject({ text: "One ", done: false });
    expect(upstreams()).toEqual([ONE]);
  });
});

it("a candidate inside the gateway is skipped: it has no stream for a continuation", async () => {
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [{ alias: "alias", upstream: ONE, chain: ["demo", "second"], policy: CONTINUE }],
    },
    { id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] },
    { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "second", upstream: TWO }] },
  ]);
  lab.behave(ONE, breaking(text("One ", BREAK)));
  lab.behave(TWO, healthy(text("two")));
  expect(await chat()).toMatchObject({ text: "One two", done: true });
});

it("an answer that broke after its finish reason is whole", async () => {
  await start({
    first: {
      name: "cutAfterFinish",
      async *plan(ask) {
        for await (const step of healthy(text("All of it")).plan(ask)) {
          if (step.kind === "bytes" && step.bytes.includes("[DONE]")) break;
          yield step;
        }
        yield { kind: "reset" };
      },
    },
  });
  expect(await chat()).toMatchObject({ text: "All of it", done: true });
  expect(upstreams()).toEqual([ONE]);
});

it("a client that disconnects during a continuation ends it, and none follows", async () => {
  await start({ first: breaking(text("One ", BREAK)), second: endless(), third: healthy() });
  const leaving = new AbortController();
  const response = await gateway.chat({ model: "alias", stream: true }, { signal: leaving.signal });
  const reader = response.body?.getReader();
  for (let seen = ""; !seen.includes("xxxx"); )
    seen += Buffer.from((await reader?.read())?.value ?? []).toString();
  leaving.abort();
  await lab.aborted(TWO);
  await lab.idle();
  expect(upstreams()).toEqual([ONE, TWO]);
});

it("each attempt is settled separately, with its own outcome", async () => {
  await start({ first: breaking(text("One ", BREAK)), second: healthy(text("two")) });
  await chat();
  const { providers } = (await (await gateway.fetch("/health")).json()) as {
    providers: { id: string; attempts: number; failures: number }[];
  };
  expect(providers.map(({ id, attempts, failures }) => [id, attempts, failures])).toEqual([
    ["first", 1, 1],
    ["second", 1, 0],
    ["third", 0, 0],
  ]);
});

describe("x-headgate-midstream", () => {
  it("overrides the policy for one request", async () => {
    await start({
      policy: { midstream: "error" },
      first: breaking(text("One ", BREAK)),
      second: healthy(text("two")),
    });
    expect((await chat({}, { "x-headgate-midstream": "continue" })).text).toBe("One two");
    expect((await chat()).done).toBe(false);
  });

  it("turns the default, which continues, off for one request", async () => {
    await start({ policy: {}, first: breaking(text("One ", BREAK)), second: healthy(text("two")) });
    expect((await chat()).text).toBe("One two");
    expect((await chat({}, { "x-headgate-midstream": "error" })).done).toBe(false);
  });

  it("is refused by name with an unknown value", async () => {
    await start({});
    const response = await gateway.chat({ model: "alias" }, { headers: { "x-headgate-midstream": "maybe" } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { param: "x-headgate-midstream", message: expect.stringContaining("error, restart, continue") },
    });
    expect(lab.requests).toHaveLength(0);
  });
});
