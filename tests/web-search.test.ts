/** A web search is one need on every surface: answered by a model that searches, or by the gateway's own loop. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  behaviour,
  healthy,
  type Lab,
  type StrictTwins,
  startLab,
  strictTwins,
  twinUrl,
} from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readStream, startGateway, type TestGateway } from "./support/gateway.ts";

const PAGE = { url: "https://gates.example/open", title: "Gates" };
const SENTENCE = "The gate is open.";
const SEARCHES = ["tools", "json", "search"] as const;

let lab: Lab;
let twins: StrictTwins;
let engine: Server;
let engineUrl: string;
let gateway: TestGateway;
const queries: string[] = [];
let found: unknown = {};

beforeAll(async () => {
  lab = await startLab();
  engine = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://engine");
    queries.push(`${pathname} ${searchParams.get("format")} ${searchParams.get("q")}`);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(found));
  }).listen(0, "127.0.0.1");
  await once(engine, "listening");
  engineUrl = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
});
afterAll(async () => {
  engine.closeAllConnections();
  engine.close();
  await lab.close();
});
beforeEach(async () => {
  twins = strictTwins({
    answer: () => ({ text: ["The gate", " is open."], citations: [{ start: 0, end: 17, ...PAGE }] }),
  });
  queries.length = 0;
  found = {
    results: [{ ...PAGE, content: "It is open." }, { url: "ftp://x", title: "no" }, { title: "none" }],
  };
  await start();
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

async function start(options: Parameters<typeof startGateway>[1] = {}): Promise<void> {
  gateway = await startGateway(
    [
      {
        id: "google",
        adapter: "gemini",
        baseUrl: twinUrl(lab.url, "gemini"),
        auth: { scheme: "header", header: "x-goog-api-key" },
        models: [{ alias: "flash", upstream: "gemini-2.5-flash", capabilities: SEARCHES }],
      },
      {
        id: "open",
        baseUrl: twinUrl(lab.url, "openai"),
        dialect: { responsesFor: ["search"], reasoning: { history: "drop" } },
        models: [{ alias: "gpt", upstream: "gpt-5.1", capabilities: SEARCHES }],
      },
      {
        id: "theirs",
        adapter: "anthropic",
        baseUrl: lab.url,
        models: [{ alias: "claude", capabilities: SEARCHES }],
      },
      {
        id: "router",
        baseUrl: lab.baseUrl,
        webSearch: { set: { plugins: [{ id: "web" }] } },
        models: [{ alias: "routed", capabilities: SEARCHES }],
      },
      { id: "plain", baseUrl: lab.baseUrl, models: [{ alias: "alpha", chain: ["beta"] }, { alias: "beta" }] },
    ],
    options,
  );
}

const messages = [{ role: "user", content: "Is the gate open?" }];
/** What Claude Code's WebSearch sends. */
const claudeCode = (model: string, stream: boolean) => ({
  model,
  stream,
  max_tokens: 900,
  system: [{ type: "text", text: "You are an assistant for performing a web search tool use" }],
  messages: [{ role: "user", content: [{ type: "text", text: "Perform a web search for the query: gate" }] }],
  tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }],
});
const post = (path: string, body: object): Promise<Response> =>
  gateway.fetch(path, { method: "POST", body: JSON.stringify(body) });

interface Asked {
  readonly path: (model: string, stream: boolean) => string;
  readonly body: (model: string, stream: boolean) => object;
}
const ASKED: Readonly<Record<string, Asked>> = {
  chat: {
    path: () => "/v1/chat/completions",
    body: (model, stream) => ({ model, stream, messages, web_search_options: {} }),
  },
  responses: {
    path: () => "/v1/responses",
    body: (model, stream) => ({ model, stream, input: "Is the gate open?", tools: [{ type: "web_search" }] }),
  },
  messages: { path: () => "/v1/messages", body: claudeCode },
  gemini: {
    path: (model, stream) =>
      `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: () => ({
      contents: [{ role: "user", parts: [{ text: "Open?" }] }],
      tools: [{ google_search: {} }],
    }),
  },
};

/** The source in a whole answer of each surface. */
const cited = (end: number): Readonly<Record<string, unknown>> => ({
  chat: {
    choices: [
      {
        message: {
          annotations: [{ type: "url_citation", url_citation: { ...PAGE, start_index: 0, end_index: end } }],
        },
      },
    ],
  },
  responses: {
    output: [
      { content: [{ annotations: [{ type: "url_citation", ...PAGE, start_index: 0, end_index: end }] }] },
    ],
  },
  messages: {
    content: expect.arrayContaining([
      expect.objectContaining({
        citations: [expect.objectContaining({ type: "web_search_result_location", ...PAGE })],
      }),
    ]),
  },
  gemini: {
    candidates: [{ groundingMetadata: { groundingChunks: [{ web: { uri: PAGE.url, title: PAGE.title } }] } }],
  },
});

const ask = (surface: string, model: string, stream = false): Promise<Response> => {
  const asked = ASKED[surface];
  if (asked === undefined) throw new Error(surface);
  return post(asked.path(model, stream), asked.body(model, stream));
};

describe.each(Object.keys(ASKED))("a web search asked by %s", (surface) => {
  it("goes to OpenAI's Responses route, which alone has one, and comes back in the client's form", async () => {
    lab.behave("*", twins.behaviour);
    const whole = await ask(surface, "gpt");
    expect([whole.status, await whole.json()]).toMatchObject([200, cited(17)[surface]]);
    const streamed = await (await ask(surface, "gpt", true)).text();
    expect(streamed).toContain(PAGE.url);
    expect(twins.refusals).toEqual([]);
    for (const { path, body } of lab.requests)
      expect([path, body]).toMatchObject(["/openai/v1/responses", { tools: [{ type: "web_search" }] }]);
  });

  it("is answered by Gemini's own search, with the source in the client's form, streamed too", async () => {
    lab.behave("*", twins.behaviour);
    const whole = await ask(surface, "flash");
    const answer = await whole.json();
    expect([whole.status, answer]).toMatchObject([200, cited(17)[surface]]);
    const streamed = await (await ask(surface, "flash", true)).text();
    expect(streamed).toContain(PAGE.url);
    expect(streamed).not.toContain('"error":{');
    expect(twins.refusals).toEqual([]);
    for (const { body } of lab.requests)
      expect(JSON.stringify(body)).toMatch(/"tools":\[\{"google_?[sS]earch":\{\}\}\]/);
  });

  it("is answered by the gateway's own loop where no candidate has one", async () => {
    await gateway.close();
    await start({ options: { searchUrl: `${engineUrl}/engine` } });
    for (const stream of [false, true]) {
      lab.reset();
      const call = { name: "web_search", arguments: ['{"query":', '"open gates"}'] };
      lab.script("alpha", [healthy({ toolCalls: [call] }), healthy({ text: [SENTENCE, " [1]"] })]);
      const response = await ask(surface, "alpha", stream);
      const text = await response.text();
      expect([response.status, text]).toEqual([200, expect.stringContaining(PAGE.url)]);
      if (!stream) expect(JSON.parse(text)).toMatchObject(cited(17)[surface] as object);
      expect(text).not.toContain("open gates");
      expect(lab.requests).toHaveLength(2);
      expect(JSON.stringify(lab.requests[1]?.body)).toContain(`[1] ${PAGE.title}`);
    }
    expect(queries).toEqual(["/engine/search json open gates", "/engine/search json open gates"]);
  });

  it("is a 400 that names models that can, where there is neither", async () => {
    const response = await ask(surface, "alpha");
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringMatching(/flash, gpt, claude, routed/),
    ]);
    expect(lab.requests).toEqual([]);
  });

  it("goes to a fallback that can", async () => {
    lab.behave("*", twins.behaviour);
    await gateway.close();
    gateway = await startGateway([
      { id: "plain", baseUrl: lab.baseUrl, models: [{ alias: "alpha", chain: ["flash"] }] },
      {
        id: "google",
        adapter: "gemini",
        baseUrl: twinUrl(lab.url, "gemini"),
        models: [{ alias: "flash", upstream: "gemini-2.5-flash", capabilities: SEARCHES }],
      },
    ]);
    const response = await ask(surface, "alpha");
    expect([response.status, response.headers.get("x-routed-via")]).toEqual([200, "google/gemini-2.5-flash"]);
    await response.text();
  });
});

describe("Claude Code's search", () => {
  const found = (content: readonly { readonly type: string }[]) => content.map(({ type }) => type);

  it("has the call and its pages as blocks, whole and streamed", async () => {
    lab.behave("*", twins.behaviour);
    const { content } = (await (await ask("messages", "flash")).json()) as {
      content: { type: string; id?: string; tool_use_id?: string; input?: unknown; content?: unknown }[];
    };
    expect(found(content)).toEqual(["server_tool_use", "web_search_tool_result", "text"]);
    expect(content[0]?.input).toEqual({ query: "Perform a web search for the query: gate" });
    expect(content[1]).toMatchObject({
      tool_use_id: content[0]?.id,
      content: [{ type: "web_search_result", ...PAGE }],
    });
    const streamed = await (await ask("messages", "flash", true)).text();
    expect(streamed.match(/"content_block":\{"type":"(\w+)"/g)).toHaveLength(3);
    expect(streamed).toContain('"partial_json":"{\\"query\\":');
    expect(streamed).toContain('"type":"web_search_tool_result"');
  });

  it("goes on at Claude, which gets no search that it did not run, and at others without Claude's own", async () => {
    lab.behave("*", twins.behaviour);
    lab.behave("claude", healthy());
    const { content } = (await (await ask("messages", "flash")).json()) as { content: object[] };
    const next = (model: string, blocks: readonly object[]) =>
      post("/v1/messages", {
        model,
        max_tokens: 9,
        messages: [...messages, { role: "assistant", content: blocks }, ...messages],
      });
    const at = await next("claude", content);
    expect([at.status, at.headers.get("x-headgate-dropped-params")]).toEqual([
      200,
      "messages.content.server_tool_use,messages.content.citations",
    ]);
    await at.text();
    expect(JSON.stringify(lab.requests.at(-1)?.body)).not.toContain("headgate");
    const own = [
      { type: "server_tool_use", id: "srvtoolu_01", name: "web_search", input: { query: "gate" } },
      { type: "web_search_tool_result", tool_use_id: "srvtoolu_01", content: [] },
      { type: "text", text: SENTENCE },
    ];
    const other = await next("flash", own);
    expect([other.status, other.headers.get("x-headgate-dropped-params")]).toEqual([
      200,
      "messages.content.server_tool_use",
    ]);
    await other.text();
    expect(JSON.stringify(lab.requests.at(-1)?.body)).toContain(SENTENCE);
  });
});

it("is sent as each wire has it", async () => {
  await (await ask("chat", "claude")).text();
  expect(lab.requests[0]?.body).toMatchObject({
    tools: [{ type: "web_search_20250305", name: "web_search" }],
  });
  await (await ask("messages", "routed")).text();
  expect(lab.requests[1]?.body).toMatchObject({ plugins: [{ id: "web" }] });
  expect(lab.requests[1]?.body).not.toHaveProperty("tools");
  await (await ask("messages", "claude")).text();
  expect(lab.requests[2]?.body).toMatchObject({ tools: [{ type: "web_search_20250305", max_uses: 8 }] });
});

it("is left out by name where it stands beside other tools and the model has none", async () => {
  const tool = { type: "function", name: "f", parameters: { type: "object", properties: {} } };
  const response = await post("/v1/responses", {
    model: "alpha",
    input: "x",
    tools: [tool, { type: "web_search" }],
  });
  expect([response.status, response.headers.get("x-headgate-dropped-params")]).toEqual([200, "tools[1]"]);
  await response.text();
  const theirs = await post("/v1/messages", {
    model: "alpha",
    max_tokens: 9,
    messages,
    tools: [
      { name: "f", input_schema: { type: "object" } },
      { type: "web_search_20250305", name: "web_search" },
    ],
  });
  expect([theirs.status, theirs.headers.get("x-headgate-dropped-params")]).toEqual([200, "tools.web_search"]);
  await theirs.text();
});

describe("the gateway's own loop", () => {
  const call = (query: string) =>
    healthy({ toolCalls: [{ name: "web_search", arguments: [JSON.stringify({ query })] }] });
  beforeEach(async () => {
    await gateway.close();
    await start({ options: { searchUrl: engineUrl } });
  });

  it("ends after the client's number of searches, and then asks without the tool", async () => {
    lab.behave("alpha", call("again"));
    lab.script("alpha", [call("1"), call("2"), call("3"), healthy({ text: ["Enough."] })]);
    const body = {
      ...claudeCode("alpha", false),
      tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 3 }],
    };
    expect(await (await post("/v1/messages", body)).json()).toMatchObject({
      content: [
        { type: "server_tool_use" },
        { type: "web_search_tool_result", content: [{ url: PAGE.url }] },
        { text: "Enough." },
      ],
      usage: { input_tokens: expect.any(Number) },
    });
    expect(queries).toHaveLength(3);
    expect(lab.requests.map((one) => JSON.stringify(one.body).includes('"tools"'))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it("tells the model when the engine fails, keeps only allowed domains, and fails over in the middle", async () => {
    found = { nothing: true };
    lab.script("alpha", [call("1"), behaviour("reset", () => [{ kind: "reset" }])]);
    lab.behave("beta", healthy({ text: ["I could not search."] }));
    const { raw } = await readStream(await ask("chat", "alpha", true));
    expect(raw).toContain("I could not search.");
    expect(JSON.stringify(lab.requests.at(-1)?.body)).toContain("The search failed.");
    lab.reset();
    found = {
      results: [
        { ...PAGE, content: "x" },
        { url: "https://other.example/a", title: "Other", content: "y" },
      ],
    };
    lab.script("alpha", [call("1"), healthy({ text: ["Done."] })]);
    const tool = { type: "web_search_20250305", name: "web_search", allowed_domains: ["gates.example"] };
    await (await post("/v1/messages", { ...claudeCode("alpha", false), tools: [tool] })).text();
    expect(JSON.stringify(lab.requests.at(-1)?.body)).not.toContain("other.example");
  });

  it("answers an error in the client's envelope", async () => {
    for (const model of ["alpha", "beta"])
      lab.behave(
        model,
        behaviour("no", () => [{ kind: "reset" }]),
      );
    const response = await ask("messages", "alpha");
    expect([response.status, await response.json()]).toMatchObject([503, { type: "error" }]);
  });
});
