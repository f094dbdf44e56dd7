/** Strict twins over HTTP: refusals in the provider's envelope, answers in its form, seals that come back. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AnswerOptions } from "../answer.ts";
import type { JsonObject } from "../json.ts";
import { type Lab, startLab } from "../lab.ts";
import { sealFault } from "./seal.ts";
import { type StrictTwins, strictTwins } from "./strict.ts";
import { isTwin, TWINS, type TwinId, twinUrl } from "./twins.ts";

let lab: Lab;
let twins: StrictTwins;
let says: AnswerOptions;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(() => {
  says = {};
  twins = strictTwins({ answer: () => says });
  lab.behave("*", twins.behaviour);
});

const USER = { role: "user", content: "Hello" };
const tools = [
  { type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } },
];
const post = (id: TwinId, path: string, body: JsonObject): Promise<Response> =>
  fetch(twinUrl(lab.url, id) + path, { method: "POST", body: JSON.stringify(body) });
const chat = (id: TwinId, body: JsonObject): Promise<Response> =>
  post(id, "/chat/completions", { model: "lab-model", messages: [USER], ...body });
const json = async (response: Promise<Response>): Promise<JsonObject> =>
  (await (await response).json()) as JsonObject;
const firstMessage = (document: JsonObject): JsonObject =>
  (document.choices as unknown as { message: JsonObject }[])[0]?.message ?? {};
const deltas = async (response: Promise<Response>): Promise<JsonObject[]> =>
  (await (await response).text())
    .split("\n\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)) as { choices: { delta: JsonObject }[] })
    .flatMap(({ choices }) => choices.map(({ delta }) => delta));

describe("a refusal", () => {
  it.each<[TwinId, JsonObject, number, JsonObject]>([
    [
      "groq",
      { store: false },
      400,
      { error: { message: "property 'store' is unsupported", type: "invalid_request_error" } },
    ],
    [
      "mistral",
      { store: false },
      422,
      { message: { detail: [{ type: "extra_forbidden", loc: ["body", "store"] }] } },
    ],
    [
      "mistral",
      { messages: [USER, { role: "assistant", content: "x" }] },
      400,
      { object: "error", type: "invalid_request_message_order", code: "3230" },
    ],
    ["cerebras", { reasoning: {} }, 400, { code: "wrong_api_format" }],
    [
      "xai",
      { model: "grok-4", reasoning_effort: "low" },
      400,
      { error: "Model grok-4 does not support parameter reasoningEffort." },
    ],
    ["zai", { tools, tool_choice: "required" }, 400, { error: { code: "1210" } }],
    [
      "nvidia",
      { reasoning: {} },
      400,
      { title: "Bad Request", detail: "Unsupported parameter(s): `reasoning`" },
    ],
    ["openrouter", { model: "lab-without-tools", tools }, 404, { error: { code: 404 } }],
  ])("of %s for %j has its status and its form", async (id, body, status, envelope) => {
    const response = await chat(id, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject(envelope);
    expect(twins.refusals).toHaveLength(1);
    expect(twins.accepted).toBe(0);
  });

  it("of Gemini's OpenAI route is a list of one, and of a foreign wire a 404", async () => {
    const body = { model: "gemini-2.5-flash", frequency_penalty: 0 };
    expect(await json(chat("gemini-openai", body))).toMatchObject([
      { error: { code: 400, status: "INVALID_ARGUMENT" } },
    ]);
    expect((await post("groq", "/messages", { model: "x" })).status).toBe(404);
  });

  it("records every rule that a request breaks, though the provider names the first alone", async () => {
    await (await chat("groq", { store: false, logprobs: true })).json();
    expect(twins.refusals.map(({ rule }) => rule)).toEqual(["groq-04", "groq-12"]);
  });
});

describe("an answer", () => {
  it("of Mistral has thinking in a list of parts, and streamed calls without index and type", async () => {
    says = { reasoning: ["Let me ", "see."], text: ["Yes."] };
    const thinking = { type: "thinking", thinking: [{ type: "text", text: "Let me see." }] };
    expect(firstMessage(await json(chat("mistral", {})))).toMatchObject({
      content: [thinking, { type: "text", text: "Yes." }],
    });
    says = { toolCalls: [{ name: "f", arguments: ['{"a"', ":1}"] }] };
    const calls = (await deltas(chat("mistral", { stream: true }))).flatMap(
      ({ tool_calls }) => tool_calls ?? [],
    );
    expect(calls).toEqual([
      { id: expect.stringMatching(/^[a-zA-Z0-9]{9}$/), function: { name: "f", arguments: '{"a":1}' } },
    ]);
  });

  it.each<[TwinId, string]>([
    ["deepseek", "reasoning_content"],
    ["groq", "reasoning"],
    ["vllm", "reasoning"],
    ["openrouter", "reasoning"],
  ])("of %s has its reasoning in %s", async (id, field) => {
    says = { reasoning: ["Let me ", "see."], text: ["Yes."] };
    expect(firstMessage(await json(chat(id, {})))).toMatchObject({ content: "Yes.", [field]: "Let me see." });
    const streamed = (await deltas(chat(id, { stream: true }))).map((delta) => delta[field] ?? "");
    expect(streamed.join("")).toBe("Let me see.");
  });

  it("of DeepSeek has an empty text for no arguments, of the others an empty object", async () => {
    says = { toolCalls: [{ name: "f", arguments: [] }] };
    const given = async (id: TwinId) =>
      (
        firstMessage(await json(chat(id, {}))).tool_calls as unknown as { function: { arguments: string } }[]
      )[0]?.function.arguments;
    expect([await given("deepseek"), await given("groq")]).toEqual(["", "{}"]);
  });

  it("keeps the digits of an integer above 2^53 where arguments are an object", async () => {
    says = { toolCalls: [{ name: "f", arguments: ['{"id":2512292042121000001}'] }] };
    const body = { model: "lab", max_tokens: 9, messages: [USER] };
    expect(await (await post("anthropic", "/v1/messages", body)).text()).toContain(
      '"input":{"id":2512292042121000001}',
    );
    const contents = [{ role: "user", parts: [{ text: "x" }] }];
    expect(await (await post("gemini", "/models/lab:generateContent", { contents })).text()).toContain(
      '"args":{"id":2512292042121000001}',
    );
    expect(
      await (await post("ollama", "/api/chat", { model: "lab", stream: false, messages: [USER] })).text(),
    ).toContain('"arguments":{"id":2512292042121000001}');
  });

  it("of Claude is signed, and its signature is taken back only unchanged and only by the same model", async () => {
    says = { reasoning: ["Let me ", "see."], text: ["Yes."] };
    const ask = (model: string, messages: readonly JsonObject[]) =>
      post("anthropic", "/v1/messages", { model, max_tokens: 9, messages });
    const { content } = await json(ask("claude-a", [USER]));
    const turn = [USER, { role: "assistant", content }, USER];
    expect((await ask("claude-a", turn)).status).toBe(200);
    expect((await ask("claude-b", turn)).status).toBe(400);
    const edited = JSON.parse(JSON.stringify(turn).replace("Let me", "let me")) as JsonObject[];
    expect((await ask("claude-a", edited)).status).toBe(400);
    expect(twins.refusals.map(({ rule }) => rule)).toEqual(["anthropic-10", "anthropic-09", "anthropic-10"]);
  });

  it("gives thinking sealed alone where it is hidden", async () => {
    says = { hidden: true, text: ["Yes."] };
    const claude = { model: "claude-a", max_tokens: 9, messages: [USER] };
    const { content } = await json(post("anthropic", "/v1/messages", claude));
    expect(content).toMatchObject([{ type: "redacted_thinking" }, { type: "text", text: "Yes." }]);
    const again = await post("anthropic", "/v1/messages", {
      ...claude,
      messages: [USER, { role: "assistant", content }, USER],
    });
    expect(again.status).toBe(200);
    const details = firstMessage(await json(chat("openrouter", {}))).reasoning_details;
    expect(details).toMatchObject([{ type: "reasoning.encrypted" }]);
    const raw = await (await post("anthropic", "/v1/messages", { ...claude, stream: true })).text();
    expect(raw).toContain('"content_block":{"type":"redacted_thinking","data":');
  });

  it("of Gemini 3 signs the first of its calls, which may come back in another order of keys", async () => {
    says = {
      toolCalls: [
        { name: "f", arguments: ['{"a":1,"b":2}'] },
        { name: "g", arguments: [] },
      ],
    };
    const hello = { role: "user", parts: [{ text: "x" }] };
    const ask = (contents: readonly JsonObject[]) =>
      post("gemini", "/models/gemini-3.5-flash:generateContent", { contents });
    const { candidates } = await json(ask([hello]));
    const { content } = (candidates as unknown as { content: JsonObject & { parts: JsonObject[] } }[])[0] ?? {
      content: { parts: [] },
    };
    expect(content.parts.map(({ thoughtSignature }) => typeof thoughtSignature)).toEqual([
      "string",
      "undefined",
    ]);
    const results = {
      role: "user",
      parts: ["f", "g"].map((name) => ({ functionResponse: { name, response: { result: "r" } } })),
    };
    const turned = JSON.parse(
      JSON.stringify(content).replace('{"a":1,"b":2}', '{"b":2,"a":1}'),
    ) as JsonObject;
    expect((await ask([hello, turned, results])).status).toBe(200);
    const changed = JSON.parse(JSON.stringify(content).replace('"a":1', '"a":2')) as JsonObject;
    expect((await ask([hello, changed, results])).status).toBe(400);
  });

  it("of OpenAI's Responses encrypts its reasoning where it is asked to, in whole and in events", async () => {
    says = { reasoning: ["Hm."], toolCalls: [{ name: "f", arguments: ["{}"] }] };
    const ask = (more: JsonObject) =>
      post("openai", "/responses", { model: "gpt-5", input: [USER], ...more });
    const include = ["reasoning.encrypted_content"];
    const { output } = await json(ask({ include, store: false }));
    const items = output as unknown as JsonObject[];
    expect(items.map(({ type }) => type)).toEqual(["reasoning", "function_call"]);
    expect(sealFault(String(items[0]?.encrypted_content), "openai", "reasoning")).toBeUndefined();
    const next = [USER, ...items, { type: "function_call_output", call_id: items[1]?.call_id, output: "r" }];
    expect((await ask({ input: next, include, store: false })).status).toBe(200);
    expect((await ask({ input: next.filter((item) => item !== items[1]) })).status).toBe(400);
    const raw = await (await ask({ stream: true, include })).text();
    expect(raw).toContain("event: response.function_call_arguments.done\n");
    expect(raw).toMatch(/event: response\.completed\ndata: .*"encrypted_content"/);
  });

  it.each(Object.keys(TWINS).filter(isTwin))(
    "of %s takes the plain request of each of its wires, whole and streamed",
    async (id) => {
      const bodies: Readonly<Record<string, readonly [string, JsonObject]>> = {
        "openai-chat": ["/chat/completions", { model: "lab", messages: [USER] }],
        "openai-responses": ["/responses", { model: "lab", input: [USER] }],
        "anthropic-messages": ["/v1/messages", { model: "lab", max_tokens: 9, messages: [USER] }],
        "cohere-chat": ["/chat", { model: "lab", messages: [USER] }],
        "ollama-chat": ["/api/chat", { model: "lab", messages: [USER] }],
        gemini: ["/models/lab:generateContent", { contents: [{ role: "user", parts: [{ text: "x" }] }] }],
      };
      for (const wire of Object.keys(TWINS[id].wires)) {
        for (const stream of [false, true]) {
          const [path, body] = bodies[wire] ?? ["", {}];
          const asked =
            wire === "gemini"
              ? post(
                  id,
                  stream
                    ? path.replace(":generate", ":streamGenerate").replace("Content", "Content?alt=sse")
                    : path,
                  body,
                )
              : post(id, path, { ...body, stream });
          const response = await asked;
          expect([
            wire,
            stream,
            response.status,
            (await response.text()).includes("Hello from lab") || stream,
          ]).toEqual([wire, stream, 200, true]);
        }
      }
      expect(twins.refusals).toEqual([]);
    },
  );
});
