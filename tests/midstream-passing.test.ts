/** A stream on the upstream's own wire passes unread until it breaks, and then goes on as one stream; over real HTTP. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { type Behaviour, behaviour, healthy, type Lab, startLab, status } from "@headgate/upstream-lab";
import { streamText } from "ai";
import fc from "fast-check";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BREAK, breaking, breakingAtByte } from "./support/faults.ts";
import { CLIENT_KEY, readStream, startGateway, type TestGateway } from "./support/gateway.ts";
import { readAnswer, SURFACES, type SurfaceId } from "./support/matrix-surfaces.ts";

const ONE = "one-model";
const TWO = "two-model";
const THREE = "three-model";

let lab: Lab;
let gateway: TestGateway;
let responses: Server;
let events: string;

beforeAll(async () => {
  lab = await startLab();
  responses = createServer((request, response: ServerResponse) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(events);
      setTimeout(() => response.destroy(), 5);
    });
  });
  await new Promise<void>((ready) => responses.listen(0, "127.0.0.1", ready));
});
afterAll(async () => {
  await lab.close();
  responses.closeAllConnections();
  await new Promise((done) => responses.close(done));
});
afterEach(async () => {
  await lab.idle();
  await gateway.close();
  lab.reset();
});

/** The adapter whose wire is the surface's own. */
const OWN = {
  openAiChat: () => ({ adapter: "openai-compatible", baseUrl: lab.baseUrl }),
  messages: () => ({ adapter: "anthropic", baseUrl: lab.url }),
  gemini: () => ({ adapter: "gemini", baseUrl: `${lab.url}/v1beta` }),
  ollama: () => ({ adapter: "ollama", baseUrl: lab.url }),
} satisfies Partial<Record<SurfaceId, () => object>>;
const OWN_IDS = Object.keys(OWN) as (keyof typeof OWN)[];

async function start(first: object, ...behaviours: readonly (Behaviour | undefined)[]): Promise<void> {
  gateway = await startGateway([
    {
      id: "first",
      ...first,
      models: [{ alias: "alias", upstream: ONE, chain: ["second", "third"] }],
    },
    { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "second", upstream: TWO }] },
    { id: "third", baseUrl: lab.baseUrl, models: [{ alias: "third", upstream: THREE }] },
  ]);
  for (const [at, name] of [ONE, TWO, THREE].entries()) lab.behave(name, behaviours[at] ?? status(500));
}

async function rawOf(surface: SurfaceId, kind: "text" | "tools"): Promise<string> {
  const request = SURFACES[surface].request("alias", kind, true);
  if (request === undefined) throw new Error(`${surface} has no such request`);
  const response = await gateway.fetch(request.path, { method: "POST", body: JSON.stringify(request.body) });
  return response.text();
}

async function ask(surface: SurfaceId, kind: "text" | "tools" = "text") {
  const raw = await rawOf(surface, kind);
  return { raw, seen: readAnswer(surface, raw, true) };
}

const upstreams = (): string[] => lab.requests.map(({ model }) => model);
/** A call that breaks after this beginning of its arguments; with what is never sent they are JSON. */
const cutCall = (sent: string) => call(sent, `${BREAK}${sent.endsWith("ci") ? 'ty":"' : ""}"}`);
const call = (...pieces: string[]) => ({ toolCalls: [{ name: "get_weather", arguments: pieces }] });

/** Pings pass only after the first content. */
const withoutPings = (raw: string): string => raw.replaceAll(/event: ping\n.*\n\n/g, "");

/** Answers, and notes the bytes that it sent. */
function noting(inner: Behaviour, into: Buffer[]): Behaviour {
  return behaviour("noting", async function* (request) {
    for await (const step of inner.plan(request)) {
      if (step.kind === "bytes") into.push(step.bytes);
      yield step;
    }
  });
}

describe.each(OWN_IDS)("by default, %s in front of its own wire", (surface) => {
  it("gets the upstream's bytes, and after a break the next upstream's words in the same stream", async () => {
    const bytes: Buffer[] = [];
    await start(
      OWN[surface](),
      noting(breaking({ text: ["The gate ", "is ", BREAK] }), bytes),
      healthy({ text: ["is ", "open."] }),
    );
    const { raw, seen } = await ask(surface);
    const sent = withoutPings(bytes.join(""));
    // Ollama's clients get their own name of the model.
    const passed = surface === "ollama" ? sent.replaceAll(`"model":"${ONE}"`, '"model":"alias"') : sent;
    expect(withoutPings(raw).slice(0, passed.length)).toBe(passed);
    expect(seen).toMatchObject({ text: "The gate is open.", whole: true, calls: [] });
    expect(upstreams()).toEqual([ONE, TWO]);
  });

  it("cut at any byte, has the words that were sent and then those of the next upstream, and nothing else", async () => {
    await start(OWN[surface]());
    const words = fc.string({
      unit: fc.constantFrom("ü", "東", "🌍", "a", '"', "\\"),
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(words, { minLength: 2, maxLength: 4 }), fc.nat(1_500), async (answer, at) => {
        lab.behave(ONE, breakingAtByte({ text: answer }, 1 + at));
        lab.behave(TWO, healthy({ text: [" ", "Ende."] }));
        const { raw, seen } = await ask(surface);
        expect(raw).not.toContain("\ufffd");
        expect(seen.whole).toBe(true);
        const kept = seen.text.endsWith(" Ende.") ? seen.text.slice(0, -6) : seen.text;
        expect(answer.join("").startsWith(kept)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe("tool calls stream, and a cut call is completed or the stream ends in an error", () => {
  const STREAMING = ["openAiChat", "messages"] as const;

  it.each(STREAMING)("%s: what the client has of a call is completed by the same call", async (surface) => {
    const bytes: Buffer[] = [];
    await start(
      OWN[surface](),
      noting(breaking(cutCall('{"city": "Li')), bytes),
      healthy(call('{"city":', '"Linz"', "}")),
    );
    const { raw, seen } = await ask(surface, "tools");
    const passed = withoutPings(bytes.join(""));
    expect(withoutPings(raw).slice(0, passed.length)).toBe(passed);
    expect(Buffer.concat(bytes).toString()).toContain("Li");
    expect(seen).toMatchObject({
      calls: [{ name: "get_weather", arguments: { city: "Linz" } }],
      whole: true,
    });
  });

  it.each(STREAMING)(
    "%s: another call is not mixed into it: the next candidate is tried",
    async (surface) => {
      await start(
        OWN[surface](),
        breaking(cutCall('{"city":"Li')),
        healthy(call('{"city":"Graz"}')),
        healthy(call('{"city":"Linz"}')),
      );
      expect((await ask(surface, "tools")).seen).toMatchObject({
        calls: [{ arguments: { city: "Linz" } }],
        whole: true,
      });
      expect(upstreams()).toEqual([ONE, TWO, THREE]);
      const { providers } = (await (await gateway.fetch("/health")).json()) as {
        providers: { id: string; failures: number }[];
      };
      // Another call than the client's is no failure of the candidate.
      expect(providers.find(({ id }) => id === "second")?.failures).toBe(0);
    },
  );

  it.each(STREAMING)(
    "%s: where none makes the same call, or one only writes, the stream ends in an error",
    async (surface) => {
      await start(
        OWN[surface](),
        breaking(cutCall('{"city":"Li')),
        healthy(call('{"city":"Graz"}')),
        healthy({ text: ["No call."] }),
      );
      const raw = await rawOf(surface, "tools");
      expect(raw).toContain("broke off");
      expect(raw).not.toMatch(/Graz|No call/);
    },
  );

  it.each(STREAMING)("%s: whole calls without a finish are a whole answer", async (surface) => {
    const whole = healthy(call('{"city":"Linz"}'));
    const unfinished: Behaviour = behaviour("unfinished", async function* (request) {
      for await (const step of whole.plan(request)) {
        if (
          step.kind === "bytes" &&
          /"finish_reason":"tool_calls"|content_block_stop/.test(step.bytes.toString())
        ) {
          yield { kind: "reset" };
          return;
        }
        yield step;
      }
    });
    await start(OWN[surface](), unfinished, healthy());
    const { raw, seen } = await ask(surface, "tools");
    expect(seen).toMatchObject({ calls: [{ arguments: { city: "Linz" } }], whole: true });
    expect(raw).toMatch(/"finish_reason":"tool_calls"|"stop_reason":"tool_use"/);
    expect(upstreams()).toEqual([ONE]);
  });

  it("a translated stream sends its pieces as they come", async () => {
    await start(OWN.messages(), breaking(cutCall('{"city":"Li')), healthy({ text: ["No call."] }));
    const raw = await rawOf("openAiChat", "tools");
    expect(raw).toContain("Li");
    expect(raw).toContain("broke off");
  });

  it("a wire that has no place for half a call has nothing to take back: any call follows", async () => {
    await start(OWN.openAiChat(), breaking(cutCall('{"city":"Li')), healthy(call('{"city":"Graz"}')));
    expect((await ask("gemini", "tools")).seen).toMatchObject({
      calls: [{ arguments: { city: "Graz" } }],
      whole: true,
    });
  });
});

it("a prefill that a model refuses is no end: the next candidate continues", async () => {
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [{ alias: "alias", upstream: ONE, chain: ["second", "third"] }],
    },
    {
      id: "second",
      baseUrl: lab.baseUrl,
      dialect: { prefill: ["*"] },
      models: [{ alias: "second", upstream: TWO }],
    },
    { id: "third", baseUrl: lab.baseUrl, models: [{ alias: "third", upstream: THREE }] },
  ]);
  lab.behave(ONE, breaking({ text: ["One ", BREAK] }));
  lab.behave(
    TWO,
    status(400, { message: "no prefill", type: "invalid_request_error", code: "invalid_prefill" }),
  );
  lab.behave(THREE, healthy({ text: ["two"] }));
  expect(await readStream(await gateway.chat({ model: "alias", stream: true }))).toMatchObject({
    text: "One two",
    done: true,
  });
});

it("usage comes once, at the end, also where the first upstream's count is left out or cut", async () => {
  await start(OWN.openAiChat(), breaking({ text: ["One ", "two ", BREAK] }), healthy({ text: ["three"] }));
  const { frames } = await readStream(
    await gateway.chat({ model: "alias", stream: true, stream_options: { include_usage: true } }),
  );
  const counted = frames.flatMap((frame) => (frame as { usage?: object | null }).usage ?? []);
  expect(counted).toHaveLength(1);
  expect((frames.at(-1) as { choices: unknown[] }).choices).toEqual([]);
});

describe("clients read a stream that passed and went on as one answer", () => {
  const two = (text: string[]) => healthy({ text, tokens: { inputTokens: 50, outputTokens: 4 } });

  it("@anthropic-ai/sdk", async () => {
    await start(OWN.messages(), breaking({ text: ["It rains ", "in ", BREAK] }), two(["in ", "Graz."]));
    const client = new Anthropic({ baseURL: gateway.url, apiKey: CLIENT_KEY, maxRetries: 0 });
    const { content, stop_reason, usage } = await client.messages
      .stream({ model: "alias", max_tokens: 500, messages: [{ role: "user", content: "Hi" }] })
      .finalMessage();
    expect(content).toMatchObject([{ type: "text", text: "It rains in Graz." }]);
    expect(stop_reason).toBe("end_turn");
    expect(usage.output_tokens).toBeGreaterThan(4);
  });

  it("@anthropic-ai/sdk, a call", async () => {
    await start(OWN.messages(), breaking(cutCall('{"ci')), healthy(call('{"city":', '"Linz"}')));
    const client = new Anthropic({ baseURL: gateway.url, apiKey: CLIENT_KEY, maxRetries: 0 });
    const { content } = await client.messages
      .stream({
        model: "alias",
        max_tokens: 500,
        messages: [{ role: "user", content: "Hi" }],
        tools: [{ name: "get_weather", input_schema: { type: "object" } }],
      })
      .finalMessage();
    expect(content).toMatchObject([{ type: "tool_use", input: { city: "Linz" } }]);
  });

  it("ai, chat completions and messages", async () => {
    await start(OWN.messages(), breaking({ text: ["It rains ", "in ", BREAK] }), two(["in ", "Graz."]));
    const anthropic = createAnthropic({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY });
    const openai = createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY });
    for (const model of [anthropic("alias"), openai.chat("alias")]) {
      const { text, finishReason, usage } = streamText({ model, prompt: "Hi", maxRetries: 0 });
      expect([await text, await finishReason]).toEqual(["It rains in Graz.", "stop"]);
      expect((await usage).outputTokens).toBeGreaterThan(4);
    }
  });

  const event = (type: string, fields: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const numbered = (list: readonly (readonly [string, object])[]): string =>
    list.map(([type, fields], at) => event(type, { sequence_number: at, ...fields })).join("");
  const opened = {
    id: "resp_theirs",
    object: "response",
    created_at: 1_700_000_000,
    status: "in_progress",
    completed_at: null,
    model: "theirs",
    output: [],
    usage: null,
  };
  const at = (index: number, id: string) => ({ output_index: index, item_id: id });
  const text = (delta: string, index = 0) =>
    ["response.output_text.delta", { ...at(index, "msg_1"), content_index: 0, delta, logprobs: [] }] as const;
  const message = (index = 0) =>
    [
      [
        "response.output_item.added",
        {
          output_index: index,
          item: { id: "msg_1", type: "message", role: "assistant", status: "in_progress", content: [] },
        },
      ],
      [
        "response.content_part.added",
        {
          ...at(index, "msg_1"),
          content_index: 0,
          part: { type: "output_text", text: "", annotations: [], logprobs: [] },
        },
      ],
    ] as const;
  const startResponses = async (...behaviours: Behaviour[]) => {
    const { port } = responses.address() as AddressInfo;
    await start(
      { baseUrl: `http://127.0.0.1:${port}/v1`, dialect: { responsesPath: "/responses" } },
      undefined,
      ...behaviours,
    );
    return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
  };

  it("openai, responses: the upstream's events, then the open message goes on under its id", async () => {
    events = numbered([
      ["response.created", { response: opened }],
      ...message(),
      text("It rains "),
      text("in "),
    ]);
    const client = await startResponses(two(["in ", "Graz."]));
    const raw = await (
      await gateway.fetch("/v1/responses", {
        method: "POST",
        body: JSON.stringify({ model: "alias", input: "Hi", store: false, stream: true }),
      })
    ).text();
    expect(raw.startsWith(events)).toBe(true);
    const read = raw
      .split("\n\n")
      .filter((block) => block.startsWith("event:"))
      .map(
        (block) =>
          JSON.parse(block.split("\ndata: ")[1] ?? "") as { sequence_number: number; item_id?: string },
      );
    expect(read.map(({ sequence_number }) => sequence_number)).toEqual(read.map((_, index) => index));
    expect(new Set(read.flatMap(({ item_id }) => item_id ?? []))).toEqual(new Set(["msg_1"]));
    const response = await client.responses
      .stream({ model: "alias", input: "Hi", store: false })
      .finalResponse();
    expect(response).toMatchObject({
      id: "resp_theirs",
      status: "completed",
      model: "theirs",
      output_text: "It rains in Graz.",
      output: [{ id: "msg_1", status: "completed" }],
    });
    expect(response.usage?.output_tokens).toBeGreaterThan(4);
  });

  it("openai, responses: reasoning that was open is closed, and a cut call is completed", async () => {
    events = numbered([
      ["response.created", { response: opened }],
      [
        "response.output_item.added",
        { output_index: 0, item: { id: "rs_1", type: "reasoning", summary: [] } },
      ],
      [
        "response.reasoning_summary_part.added",
        { ...at(0, "rs_1"), summary_index: 0, part: { type: "summary_text", text: "" } },
      ],
      ["response.reasoning_summary_text.delta", { ...at(0, "rs_1"), summary_index: 0, delta: "Hm." }],
      [
        "response.output_item.added",
        {
          output_index: 1,
          item: {
            id: "fc_1",
            type: "function_call",
            call_id: "call_theirs",
            name: "get_weather",
            arguments: "",
            status: "in_progress",
          },
        },
      ],
      ["response.function_call_arguments.delta", { ...at(1, "fc_1"), delta: '{"ci' }],
    ]);
    const client = await startResponses(healthy(call('{"city":', '"Linz"}')));
    const response = await client.responses
      .stream({
        model: "alias",
        input: "Hi",
        store: false,
        tools: [
          {
            type: "function",
            name: "get_weather",
            strict: false,
            parameters: { type: "object", properties: {} },
          },
        ],
      })
      .finalResponse();
    expect(response.output).toMatchObject([
      { id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }] },
      { id: "fc_1", call_id: "call_theirs", arguments: '{"city":"Linz"}', status: "completed" },
    ]);
  });

  it("openai, responses: a hosted tool's open item cannot be taken over", async () => {
    events = numbered([
      ["response.created", { response: opened }],
      [
        "response.output_item.added",
        { output_index: 0, item: { id: "ws_1", type: "web_search_call", status: "in_progress" } },
      ],
      ["response.web_search_call.searching", at(0, "ws_1")],
    ]);
    await startResponses(healthy());
    const response = await gateway.fetch("/v1/responses", {
      method: "POST",
      body: JSON.stringify({ model: "alias", input: "Hi", store: false, stream: true }),
    });
    expect(await response.text()).toContain("broke off");
    expect(upstreams()).toEqual([]);
  });

  it("openai, responses: an event that is no JSON is a break", async () => {
    events = `${numbered([["response.created", { response: opened }], ...message(), text("It rains ")])}event: response.output_text.delta\ndata: {"type":"respo\n\n`;
    const client = await startResponses(two(["in Graz."]));
    const response = await client.responses
      .stream({ model: "alias", input: "Hi", store: false })
      .finalResponse();
    expect(response.output_text).toBe("It rains in Graz.");
  });
});
