/** A client of Anthropic's wire in front of an upstream of the same wire: what passes, byte for byte. */
import {
  anthropicErrorEvent,
  behaviour,
  healthy,
  type Lab,
  oneByteAtATime,
  startLab,
  withLimits,
} from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";
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
      id: "claude",
      adapter: "anthropic",
      baseUrl: lab.url,
      auth: { scheme: "header", header: "x-api-key" },
      models: [{ alias: "sonnet", upstream: "claude-sonnet-4-6", chain: ["spare"] }],
    },
    { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "spare", upstream: "up-spare" }] },
  ]);
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
  gateway.fetch("/v1/messages?beta=true", {
    method: "POST",
    body,
    headers: { "anthropic-version": "2023-06-01", ...headers },
  });

/** Fields, spacing, numbers and escapes that a canonical form would lose. */
const odd = (model: string, stream: boolean): string =>
  `{ "model":"${model}", "max_tokens" : 1e2,"stream":${stream},
  "system":[{"type":"text","text":"s\\u00fc\\/","cache_control":{"type":"ephemeral","ttl":"1h"}}],
  "messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"EqQB"},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"big":12345678901234567890}}]},{"role":"user","content":"go"}],
  "context_management":{"edits":[]},"tools":[{"name":"t","defer_loading":true,"input_schema":{"type":"object"}}],"unheard_of":1.50}`;

describe("a request", () => {
  it.each([true, false])("passes unchanged except for its model (stream: %s)", async (stream) => {
    const answer = await post(odd("sonnet", stream));
    expect(answer.status).toBe(200);
    await answer.text();
    expect(lab.requests[0]?.rawBody.toString("utf8")).toBe(odd("claude-sonnet-4-6", stream));
    expect(answer.headers.get("x-headgate-dropped-params")).toBeNull();
  });

  it("keeps its version and betas, and no other header of the client", async () => {
    const beta = "interleaved-thinking-2025-05-14,context-management-2025-06-27, new-one";
    await post(odd("sonnet", false), {
      "anthropic-version": "2026-10-21",
      "anthropic-beta": beta,
      "x-claude-code-session-id": "session",
      "x-stainless-lang": "js",
    });
    const headers = lab.requests[0]?.headers ?? {};
    expect(headers).toMatchObject({ "anthropic-version": "2026-10-21", "anthropic-beta": beta });
    expect(Object.keys(headers).filter((name) => /^x-|^authorization/.test(name))).toEqual(["x-api-key"]);
    expect(headers["x-api-key"]).toMatch(/^test-upstream-key/);
  });
});

describe("an answer", () => {
  const stream = [
    'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-6","usage":{"input_tokens":3,"output_tokens":1}}}\n\n',
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}   }\n\n',
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB/+="} }\n\n',
    'event: brand_new\ndata: { "type": "brand_new", "n": 12345678901234567890, "s": "\\u00fc ü 🦆" }\n\n',
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"a\\n\\"ü\\""}      }\n\n',
    'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"pause_turn","container":{"id":"c"}},"usage":{"output_tokens":9}}\n\n',
    'event: message_stop\ndata: {"type":"message_stop"           }\n\n',
  ];
  const recorded = behaviour("recorded", function* () {
    yield { kind: "head", status: 200, headers: { "content-type": "text/event-stream" } };
    for (const event of stream) yield { kind: "bytes", bytes: Buffer.from(event) };
  });

  it.each([
    ["as it comes", recorded],
    ["a byte at a time", oneByteAtATime(recorded)],
  ])("streams byte for byte, %s", async (_, behaving) => {
    lab.behave("claude-sonnet-4-6", behaving);
    expect(withoutLastComment(await (await post(odd("sonnet", true))).text())).toBe(stream.join(""));
  });

  it("passes whole, byte for byte", async () => {
    const body = `{"type":"message","id":"msg_1","content":[{"type":"new_block","n":1.0}] , "stop_reason":"pause_turn","usage":{"input_tokens":1,"output_tokens":2}}`;
    lab.behave(
      "claude-sonnet-4-6",
      behaviour("recorded", function* () {
        yield { kind: "head", status: 200, headers: { "content-type": "application/json" } };
        yield { kind: "bytes", bytes: Buffer.from(body) };
      }),
    );
    expect(await (await post(odd("sonnet", false))).text()).toBe(body);
  });

  it("passes the remaining amounts of the account's limits", async () => {
    const limits = { style: "anthropic", requestsLimit: 50, requestsRemaining: 49 } as const;
    lab.behave("claude-sonnet-4-6", withLimits(limits, healthy()));
    for (const stream of [true, false]) {
      const answer = await post(odd("sonnet", stream));
      expect(answer.headers.get("anthropic-ratelimit-requests-remaining")).toBe("49");
      await answer.text();
    }
  });

  it("that begins with an overload moves to the next candidate", async () => {
    const plain =
      '{"model":"sonnet","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hi"}]}';
    lab.behave("claude-sonnet-4-6", anthropicErrorEvent());
    lab.behave("up-spare", healthy({ text: ["from ", "the spare"] }));
    const answer = await post(plain);
    expect(answer.headers.get("x-routed-via")).toBe("second/up-spare");
    const text = await answer.text();
    expect(text).not.toContain("overloaded");
    expect(text).toMatch(/"text":"from "[\s\S]*"text":"the spare"[\s\S]*message_stop/);
  });

  it("that breaks in mid-stream ends in an error event after its text", async () => {
    lab.behave("claude-sonnet-4-6", anthropicErrorEvent({ after: 2, type: "api_error", message: "lost it" }));
    const text = withoutLastComment(await (await post(odd("sonnet", true))).text());
    const [before, error] = text.split("event: error\ndata: ");
    expect(before?.match(/^event: content_block_delta$/gm)).toHaveLength(2);
    expect(JSON.parse(error ?? "")).toMatchObject({
      type: "error",
      error: { message: expect.stringContaining("lost it") },
    });
    expect(text).not.toContain("message_stop");
  });
});
