/** A lab and a gateway for tests of the Responses API, with request helpers. */
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { startGateway, type TestGateway } from "./gateway.ts";
import { readEvents, type WireEvent } from "./responses-schema.ts";

export interface ResponsesBench {
  readonly lab: Lab;
  readonly gateway: TestGateway;
  post(body: Record<string, unknown>): Promise<Response>;
  /** Requests a stream and checks it event by event. */
  stream(body: Record<string, unknown>): Promise<WireEvent[]>;
  /** The body of the last request to an upstream. */
  sent(): Record<string, unknown>;
}

/** Call it once per test file. `alpha` is on OpenAI's wire, `local` on Ollama's, `flash` on Gemini's; `plain` supports text only. */
export function responsesBench(): ResponsesBench {
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
        ],
      },
      {
        id: "near",
        adapter: "ollama",
        baseUrl: lab.url,
        keys: [],
        models: [{ alias: "local", upstream: "up-local" }],
      },
      {
        id: "gemini",
        adapter: "gemini",
        baseUrl: `${lab.url}/v1beta`,
        auth: { scheme: "header", header: "x-goog-api-key" },
        models: [{ alias: "flash", upstream: "gemini-3-flash", chain: ["alpha"] }],
      },
      { id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] },
    ]);
  });
  afterEach(async () => {
    await gateway.close();
    await lab.idle();
    lab.reset();
  });

  const post = (body: Record<string, unknown>): Promise<Response> =>
    gateway.fetch("/v1/responses", { method: "POST", body: JSON.stringify({ model: "alpha", ...body }) });
  return {
    get lab() {
      return lab;
    },
    get gateway() {
      return gateway;
    },
    post,
    async stream(body) {
      const response = await post({ input: "Hello", ...body, stream: true });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      return readEvents(await response.text());
    },
    sent: () => lab.requests.at(-1)?.body as Record<string, unknown>,
  };
}

export const errorOf = async (response: Response) =>
  ((await response.json()) as { error: Record<string, string | null> }).error;

/** A user's message, as a whole input. */
export const user = (content: unknown) => [{ role: "user", content }];

export const weather = {
  type: "function",
  name: "get_weather",
  parameters: { type: "object", properties: {} },
};
