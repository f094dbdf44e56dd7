/** Errors as each surface's clients know them. */
import {
  anthropicOverloaded,
  behaviour,
  type Lab,
  modelMissing,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  gateway = await startGateway([
    { id: "plain", baseUrl: lab.baseUrl, models: [{ alias: "alpha", contextTokens: 8_000 }] },
    {
      id: "theirs",
      adapter: "anthropic",
      baseUrl: lab.url,
      models: [{ alias: "claude", contextTokens: 8_000 }],
    },
    {
      id: "google",
      adapter: "gemini",
      baseUrl: `${lab.url}/v1beta`,
      models: [{ alias: "flash", contextTokens: 8_000 }],
    },
    {
      id: "near",
      adapter: "ollama",
      baseUrl: lab.url,
      keys: [],
      models: [{ alias: "local", contextTokens: 8_000 }],
    },
  ]);
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly error: { readonly message: string; readonly type?: string; readonly code?: unknown };
}

const post = async (path: string, body: object): Promise<Answered> => {
  const response = await gateway.fetch(path, { method: "POST", body: JSON.stringify(body) });
  const { error } = (await response.json()) as { error: Answered["error"] };
  return { status: response.status, headers: response.headers, error };
};
const messages = [{ role: "user", content: "Hello" }];
const SURFACES: Readonly<Record<string, (model: string) => Promise<Answered>>> = {
  chat: (model) => post("/v1/chat/completions", { model, messages }),
  responses: (model) => post("/v1/responses", { model, input: "Hello" }),
  messages: (model) => post("/v1/messages", { model, messages, max_tokens: 9 }),
  gemini: (model) =>
    post(`/v1beta/models/${model}:generateContent`, { contents: [{ parts: [{ text: "Hello" }] }] }),
};
const ask = (surface: string, model: string): Promise<Answered> => {
  const found = SURFACES[surface];
  if (found === undefined) throw new Error(surface);
  return found(model);
};

describe.each(["alpha", "claude", "flash", "local"])("a prompt beyond the window of %s", (model) => {
  const WORDS: Readonly<Record<string, RegExp>> = {
    chat: /^This model's maximum context length is 8000 tokens\. However, your messages resulted in 9000 tokens\./,
    responses: /^This model's maximum context length is 8000 tokens\./,
    messages: /^prompt is too long: 9000 tokens > 8000 maximum/,
    gemini: /^The input token count \(9000\) exceeds the maximum number of tokens allowed \(8000\)\./,
  };

  it.each(Object.keys(SURFACES))("is worded for clients of %s", async (surface) => {
    const message = "This model's maximum prompt length is 8000 but the request contains 9000 tokens.";
    lab.behave(model, status(400, { message }));
    const { status: code, error } = await ask(surface, model);
    expect(code).toBe(400);
    expect(error.message).toMatch(WORDS[surface] ?? /never/);
    expect(error.message).toContain(message);
    if (surface === "chat" || surface === "responses") expect(error.code).toBe("context_length_exceeded");
  });
});

it("names the deployment's window where the words have no figure", async () => {
  lab.behave("alpha", status(400, { message: "Please reduce the length of the messages." }));
  expect((await ask("chat", "alpha")).error.message).toMatch(
    /^This model's maximum context length is 8000 tokens/,
  );
});

describe("on Messages", () => {
  it.each(["alpha", "claude"])("a 500 of %s stays api_error", async (model) => {
    lab.behave(model, status(500));
    expect((await ask("messages", model)).error.type).toBe("api_error");
  });

  it("a 529 stays overloaded_error", async () => {
    lab.behave("claude", anthropicOverloaded());
    expect((await ask("messages", "claude")).error.type).toBe("overloaded_error");
    lab.behave("alpha", status(503));
    expect((await ask("messages", "alpha")).error.type).toBe("overloaded_error");
  });
});

it.each(Object.keys(SURFACES))(
  "a model that its provider does not have is a 404 on %s, also while it cools down",
  async (surface) => {
    lab.behave("alpha", modelMissing());
    for (const _ of [1, 2]) {
      const { status: code, error, headers } = await ask(surface, "alpha");
      expect([code, headers.get("x-should-retry")]).toEqual([404, "false"]);
      expect(error.message).toContain("alpha");
    }
    expect(lab.requests).toHaveLength(1);
  },
);

it("passes on the wait that stands only in Google's RetryInfo", async () => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "41s" }];
  const error = { code: 429, message: "Resource has been exhausted", status: "RESOURCE_EXHAUSTED", details };
  lab.behave(
    "flash",
    behaviour("retryInfo", () => [
      { kind: "head", status: 429, headers: { "content-type": "application/json" } },
      { kind: "bytes", bytes: Buffer.from(JSON.stringify({ error })) },
    ]),
  );
  for (const _ of [1, 2]) {
    const { status: code, headers } = await ask("chat", "flash");
    expect([code, headers.get("retry-after")]).toEqual([429, "41"]);
  }
  expect(lab.requests).toHaveLength(1);
});

it("never hides ordinary words that a short secret occurs in", async () => {
  await gateway.close();
  gateway = await startGateway(
    [{ id: "plain", baseUrl: lab.baseUrl, keys: ["K"], models: [{ alias: "alpha" }] }],
    {
      secrets: { K: "model" },
    },
  );
  lab.behave("alpha", status(400, { message: "no such field for this model" }));
  expect((await ask("chat", "alpha")).error.message).toContain("for this model");
});
