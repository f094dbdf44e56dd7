/** Observed behaviour of clients of Anthropic's API, one test each, over HTTP. */
import {
  anthropicPromptTooLong,
  contextTooLong,
  cut,
  healthy,
  type Lab,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";
import { withoutLastComment } from "./support/stream.ts";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [
        { alias: "alpha", upstream: "up-alpha" },
        { alias: "plain", upstream: "up-plain", capabilities: [] },
        { alias: "mixed", upstream: "up-mixed", chain: ["claude"] },
      ],
    },
    {
      id: "own",
      adapter: "anthropic",
      baseUrl: lab.url,
      models: [{ alias: "claude", upstream: "up-claude", chain: ["alpha"] }],
    },
    { id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] },
  ]);
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  gateway.fetch(path, {
    method: "POST",
    body: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    headers,
  });
const base = { model: "alpha", max_tokens: 32_000, messages: [{ role: "user", content: "Hello" }] };
const BETAS =
  "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,prompt-caching-scope-2026-01-05,effort-2025-11-24,advanced-tool-use-2025-11-20,structured-outputs-2025-12-15";

/** A body as Claude Code sends it, about 50 KB. */
const claudeCode = (model: string) => ({
  model,
  max_tokens: 32_000,
  stream: true,
  system: [
    { type: "text", text: "You are a coding agent. ".repeat(800) },
    { type: "text", text: "Environment.", cache_control: { type: "ephemeral", ttl: "1h" } },
  ],
  messages: [
    {
      role: "user",
      content: [{ type: "text", text: "Fix the test.", cache_control: { type: "ephemeral" } }],
    },
    { role: "system", content: "The date has changed." },
  ],
  tools: Array.from({ length: 20 }, (_, at) => ({
    name: `Tool${at}`,
    description: "What it does. ".repeat(100),
    input_schema: { type: "object", properties: { path: { type: "string" } }, additionalProperties: false },
    ...(at > 10 ? { defer_loading: true } : {}),
  })),
  thinking: { type: "adaptive" },
  context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
  output_config: { effort: "xhigh" },
  metadata: { user_id: `user_${"0".repeat(64)}_account__session_1` },
});
const CLAUDE_CODE_HEADERS = {
  "anthropic-version": "2023-06-01",
  "anthropic-beta": BETAS,
  "x-claude-code-session-id": "5e551011-0000-4000-8000-000000000000",
  "x-app": "cli",
};

describe("Claude Code", () => {
  it("is answered by a model of another wire, with the fields that had no effect there", async () => {
    lab.behave("up-alpha", healthy({ text: ["Done."] }));
    const response = await post("/v1/messages?beta=true", claudeCode("alpha"), CLAUDE_CODE_HEADERS);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('"text":"Done."');
    expect(response.headers.get("x-headgate-dropped-params")?.split(",")).toEqual([
      "context_management",
      "tools.defer_loading",
      "metadata.user_id",
      "cache_control",
    ]);
    const sent = lab.requests[0]?.body as { tools: unknown[]; messages: { role: string }[] };
    expect(sent).toMatchObject({
      max_tokens: 32_000,
      reasoning_effort: "high",
      stream_options: { include_usage: true },
    });
    expect(sent.tools).toHaveLength(20);
    expect(sent.messages.map(({ role }) => role)).toEqual(["system", "user", "system"]);
    expect(JSON.stringify(sent)).not.toMatch(/cache_control|defer_loading|context_management/);
  });

  it("reaches an upstream of its own wire byte for byte, with the wire's headers and without its session", async () => {
    const text = JSON.stringify(claudeCode("claude"), null, 1).replace(
      '"max_tokens"',
      '"future":1.50,"max_tokens"',
    );
    const response = await post("/v1/messages?beta=true", text, CLAUDE_CODE_HEADERS);
    expect(response.status).toBe(200);
    await response.text();
    const [request] = lab.requests;
    expect(request?.rawBody.toString()).toBe(text.replace('"claude"', '"up-claude"'));
    expect(request?.headers).toMatchObject({ "anthropic-version": "2023-06-01", "anthropic-beta": BETAS });
    expect(request?.headers).not.toHaveProperty("x-claude-code-session-id");
    expect(request?.headers).not.toHaveProperty("x-app");
    expect(request?.headers["user-agent"]).toMatch(/^headgate\//);
    expect(JSON.stringify(request?.headers)).not.toContain(CLIENT_KEY);
  });

  it("continues a conversation when its provider changes, in either direction", async () => {
    lab.behave("up-alpha", healthy({ reasoning: ["Hm."], text: ["Well."] }));
    const dropped: (string | null)[] = [];
    const turn = async (model: string, messages: unknown[]) => {
      const response = await post("/v1/messages", {
        ...base,
        model,
        messages,
        thinking: { type: "adaptive" },
      });
      expect(response.status).toBe(200);
      dropped.push(response.headers.get("x-headgate-dropped-params"));
      const { content } = (await response.json()) as { content: { type: string }[] };
      return [...messages, { role: "assistant", content }, { role: "user", content: "And then?" }];
    };
    lab.behave("up-claude", healthy({ reasoning: ["Signed thought."], text: ["Right."] }));
    const afterAlpha = await turn("alpha", base.messages);
    const afterClaude = await turn("claude", afterAlpha);
    await turn("claude", afterClaude);
    await turn("alpha", afterClaude);
    const [, second, third, fourth] = lab.requests.map(({ rawBody }) => rawBody.toString());
    // The API refuses thinking without a signature; its own returns unchanged.
    expect(second).not.toContain("Hm.");
    expect(second).toContain("Well.");
    expect(third).toContain('{"type":"thinking","thinking":"Signed thought.","signature":"sig_lab_');
    expect(third).not.toContain("Hm.");
    expect(fourth).toContain("Right.");
    expect(fourth).not.toContain("sig_lab_");
    const foreign = "messages.content.thinking";
    expect(dropped).toEqual([null, foreign, foreign, foreign]);
  });

  it.each([
    ["alpha", contextTooLong({ maxTokens: 8192 }), "prompt is too long: 8193 tokens > 8192 maximum"],
    ["claude", anthropicPromptTooLong(), "prompt is too long: 200001 tokens > 200000 maximum"],
  ])("recognises that a prompt is too long for %s", async (model, behaviour, words) => {
    lab.behave("up-alpha", contextTooLong({ maxTokens: 8192 }));
    lab.behave(`up-${model}`, behaviour);
    const response = await post("/v1/messages", { ...base, model });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: expect.stringContaining(words) },
    });
  });

  it("gets an error event as its last when a stream breaks", async () => {
    lab.behave("up-alpha", cut({ after: 2 }));
    const text = withoutLastComment(await (await post("/v1/messages", { ...base, stream: true })).text());
    const blocks = text.trimEnd().split("\n\n");
    const last = blocks.at(-1) ?? "";
    expect(last.startsWith("event: error\ndata: ")).toBe(true);
    expect(JSON.parse(last.slice("event: error\ndata: ".length))).toMatchObject({
      type: "error",
      error: { type: "api_error" },
      request_id: expect.stringMatching(/./),
    });
    expect(text).not.toContain("message_stop");
  });

  it("may probe the gateway without a key", async () => {
    for (const method of ["HEAD", "GET"]) {
      const response = await fetch(`${gateway.url}/`, { method });
      expect(response.status).toBe(200);
      expect((await response.text()).trim()).toBe(method === "HEAD" ? "" : "ok");
      expect(response.headers.get("server")).toBeNull();
    }
  });
});

describe("any client of this API", () => {
  it.each(["2023-06-01", "2026-10-21", "2031-01-01"])(
    "may name the version %s and send its key either way",
    async (version) => {
      for (const key of [{ "x-api-key": CLIENT_KEY }, { authorization: `Bearer ${CLIENT_KEY}` }]) {
        const response = await fetch(`${gateway.url}/v1/messages`, {
          method: "POST",
          body: JSON.stringify({ ...base, model: "demo" }),
          headers: { ...key, "anthropic-version": version, "content-type": "application/json" },
        });
        expect(response.status).toBe(200);
        expect(await response.json()).toMatchObject({ type: "message", stop_reason: "end_turn" });
      }
    },
  );

  it("gets models in Anthropic's shape with the version header, and in OpenAI's without", async () => {
    const headers = { "anthropic-version": "2023-06-01" };
    expect(await (await gateway.fetch("/v1/models?limit=1", { headers })).json()).toMatchObject({
      data: [{ type: "model", id: "alpha" }],
      has_more: true,
      first_id: "alpha",
      last_id: "alpha",
    });
    expect(await (await gateway.fetch("/v1/models/alpha", { headers })).json()).toMatchObject({
      type: "model",
    });
    expect(await (await gateway.fetch("/v1/models")).json()).toMatchObject({ object: "list" });
    expect(await (await gateway.fetch("/v1/models/alpha")).json()).toMatchObject({ object: "model" });
  });

  it("gets features of its own wire from a candidate of that wire", async () => {
    const body = {
      ...base,
      model: "mixed",
      tools: [{ type: "code_execution_20260318", name: "code_execution" }],
    };
    const response = await post("/v1/messages", body);
    expect(response.headers.get("x-routed-via")).toBe("own/up-claude");
    expect(lab.requests.map(({ model }) => model)).toEqual(["up-claude"]);
    for (const model of ["alpha", "demo"]) {
      const refused = await post("/v1/messages", { ...body, model });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({
        error: {
          type: "invalid_request_error",
          message: expect.stringMatching(/^tools\.0\.type: .*code_execution_20260318.*Anthropic's wire only/),
        },
      });
    }
  });

  it.each([
    [429, "rate_limit_error"],
    [503, "overloaded_error"],
  ])("gets %i as %s, with Retry-After, and may retry after one attempt", async (upstream, type) => {
    lab.behave("up-alpha", status(upstream, { retryAfterS: 7 }));
    const response = await post("/v1/messages", base);
    expect(response.status).toBe(upstream);
    expect(response.headers.get("x-should-retry")).toBeNull();
    expect(response.headers.get("request-id")).toBe(response.headers.get("x-request-id"));
    if (upstream === 429) {
      expect(response.headers.get("retry-after")).toBe("7");
      expect(response.headers.get("retry-after-ms")).toBe("7000");
    }
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type },
      request_id: response.headers.get("request-id"),
    });
  });

  it("sends no model a request for a capability that it lacks", async () => {
    const source = { type: "url", url: "https://example.com/a.png" };
    const messages = [{ role: "user", content: [{ type: "image", source }] }];
    const response = await post("/v1/messages", { ...base, model: "plain", messages });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringContaining("vision") },
    });
    expect(lab.requests).toHaveLength(0);
  });
});

describe("a malformed request", () => {
  const text = { type: "text", text: "x" };
  const user = (...content: unknown[]) => ({ messages: [{ role: "user", content }] });
  const result = { type: "tool_result", tool_use_id: "nope", content: "x" };
  const png = (data: string) => ({
    type: "image",
    source: { type: "base64", media_type: "image/png", data },
  });

  it.each<[string, object | string | Buffer, number, string]>([
    ["no body", "", 400, "no body"],
    ["no JSON", "{", 400, "not valid JSON"],
    ["a list", "[]", 400, "must be a JSON object"],
    ["invalid UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), 400, "UTF-8"],
    ["deep nesting", `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`, 400, "nested"],
    ["no model", { ...base, model: undefined }, 400, "model: field required"],
    ["a model that is no text", { ...base, model: 7 }, 400, "model: must be a string"],
    ["an unknown model", { ...base, model: "nope" }, 404, "nope"],
    ["no max_tokens", { ...base, max_tokens: undefined }, 400, "max_tokens: field required"],
    ["half a token", { ...base, max_tokens: 1.5 }, 400, "max_tokens: must be a whole number"],
    ["no messages", { ...base, messages: undefined }, 400, "messages: field required"],
    ["messages that are none", { ...base, messages: "x" }, 400, "messages: must be an array"],
    ["empty messages", { ...base, messages: [] }, 400, "messages: at least one"],
    ["a message that is none", { ...base, messages: [1] }, 400, "messages.0: must be an object"],
    [
      "an unknown role",
      { ...base, messages: [{ role: "tool", content: "x" }] },
      400,
      "messages.0.role: must be",
    ],
    ["no content", { ...base, messages: [{ role: "user" }] }, 400, "messages.0.content: field required"],
    [
      "content of the wrong type",
      { ...base, messages: [{ role: "user", content: 5 }] },
      400,
      "messages.0.content: must",
    ],
    [
      "a block without a type",
      { ...base, ...user(text, {}) },
      400,
      "messages.0.content.1.type: field required",
    ],
    [
      "a text without text",
      { ...base, ...user({ type: "text" }) },
      400,
      "messages.0.content.0.text: field required",
    ],
    [
      "broken base64",
      { ...base, ...user(png("&&&")) },
      400,
      "messages.0.content.0.source.data: is not base64",
    ],
    [
      "an image without a source",
      { ...base, ...user({ type: "image" }) },
      400,
      "messages.0.content.0.source: field",
    ],
    [
      "a file address",
      { ...base, ...user({ type: "image", source: { type: "url", url: "file:///etc/passwd" } }) },
      400,
      "source.url: must be an http",
    ],
    [
      "an orphan tool result",
      { ...base, ...user(result) },
      400,
      "messages.0.content.0.tool_use_id: no tool_use",
    ],
    ["a system of numbers", { ...base, system: [1] }, 400, "system.0: must be an object"],
    ["an image as system", { ...base, system: [png("AAAA")] }, 400, "system.0.type: must be `text`"],
    [
      "a tool without a schema",
      { ...base, tools: [{ name: "f" }] },
      400,
      "tools.0.input_schema: field required",
    ],
    ["an unknown tool choice", { ...base, tool_choice: { type: "some" } }, 400, "tool_choice.type: must be"],
    [
      "thinking without a budget",
      { ...base, thinking: { type: "enabled" } },
      400,
      "thinking.budget_tokens: field",
    ],
    ["a stream of text", { ...base, stream: "yes" }, 400, "stream: must be true or false"],
    ["stops of numbers", { ...base, stop_sequences: ["a", 1] }, 400, "stop_sequences.1: must be a string"],
  ])("with %s names what is wrong", async (_, body, expected, words) => {
    const response = await post("/v1/messages", body);
    const envelope = (await response.json()) as { error: { message: string } };
    expect(envelope).toMatchObject({
      type: "error",
      error: { type: expected === 404 ? "not_found_error" : "invalid_request_error" },
      request_id: response.headers.get("request-id"),
    });
    expect(envelope.error.message).toContain(words);
    expect(response.status).toBe(expected);
    expect(lab.requests).toHaveLength(0);
  });

  it("is refused in this API's envelope on every route of it", async () => {
    const stranger = await fetch(`${gateway.url}/v1/messages`, { method: "POST", body: "{}" });
    expect(stranger.status).toBe(401);
    expect(await stranger.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
    expect(stranger.headers.get("request-id")).not.toBeNull();
    const batches = await post("/v1/messages/batches", {});
    expect(batches.status).toBe(404);
    expect(await batches.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
    const counted = await post("/v1/messages/count_tokens", { ...base, model: "nope" });
    expect(counted.status).toBe(404);
    expect(await counted.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
  });

  it("that is too large is refused with 413", async () => {
    const response = await post("/v1/messages", Buffer.alloc(60 * 1024 * 1024, 0x20));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "request_too_large" } });
  });

  it("does not include one with 10,000 messages", async () => {
    const messages = Array.from({ length: 10_000 }, (_, at) => ({
      role: at % 2 === 0 ? "user" : "assistant",
      content: [text],
    }));
    expect((await post("/v1/messages", { ...base, messages })).status).toBe(200);
    const count = await post("/v1/messages/count_tokens", { ...base, messages });
    expect(((await count.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(40_000);
  });
});
