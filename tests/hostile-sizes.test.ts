/** Bodies and answers that cost far more than their size: each is refused before it costs anything. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

let upstream: Server;
let answer = { type: "application/json", body: "" };
let good: Server;
let gateway: TestGateway;
let addresses: readonly [string, string];

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
};

const completion = JSON.stringify({
  choices: [{ index: 0, message: { role: "assistant", content: "good" }, finish_reason: "stop" }],
});

beforeAll(async () => {
  upstream = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": answer.type });
      response.end(answer.body);
    });
  });
  good = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "application/json" }).end(completion);
    });
  });
  addresses = [await listen(upstream), await listen(good)];
});
beforeEach(async () => {
  gateway = await startGateway([
    { id: "first", baseUrl: addresses[0], models: [{ alias: "alpha", chain: ["beta"] }] },
    { id: "second", baseUrl: addresses[1], models: [{ alias: "beta" }] },
  ]);
});
afterEach(() => gateway.close());
afterAll(() => {
  for (const server of [upstream, good]) {
    server.closeAllConnections();
    server.close();
  }
});

/** The time of the processor for this thread, which a busy machine does not stretch. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The longest work of this thread in one piece: nothing else is served meanwhile. */
async function blockedMs(work: () => Promise<unknown>): Promise<number> {
  let last = cpuMs();
  let longest = 0;
  const timer = setInterval(() => {
    longest = Math.max(longest, cpuMs() - last);
    last = cpuMs();
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(longest, cpuMs() - last);
}

const nested = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const keys = (count: number): string =>
  `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join(",")}}`;
const MESSAGES = '"messages":[{"role":"user","content":"x"}]';

describe("a body", () => {
  it.each([
    ["of 16 MB of nested lists", `{"model":"alpha",${MESSAGES},"x":${nested(8_000_000)}}`],
    ["of 16 MB of open lists", `{"model":"alpha",${MESSAGES},"x":${"[".repeat(16_000_000)}`],
    ["with a million members", `{"model":"alpha",${MESSAGES},"x":${keys(1_000_000)}}`],
    ["with four million empty texts", `{"model":"alpha",${MESSAGES},"x":[${'"",'.repeat(4_000_000)}1]}`],
    ["of 129 levels", `{"model":"alpha",${MESSAGES},"x":${nested(128)}}`],
  ])("%s gets a 400, and holds nothing else up", async (_, body) => {
    const bytes = Buffer.from(body);
    for (const path of ["/v1/chat/completions", "/v1/messages", "/v1/responses"]) {
      let status = 0;
      const longestMs = await blockedMs(async () => {
        status = (await gateway.fetch(path, { method: "POST", body: bytes })).status;
      });
      expect(status).toBe(400);
      expect(longestMs).toBeLessThan(500);
    }
  });
});

describe("an answer", () => {
  const chunk = (value: string): string =>
    `data: {"choices":[{"index":0,"delta":{"content":"a"}}],"x":${value}}\n\n`;
  it.each([
    [
      "a whole answer of 6 MB of nested lists",
      "application/json",
      `{"choices":[{"x":${nested(3_000_000)}}]}`,
    ],
    ["a whole answer of 60,000 levels", "application/json", `{"choices":[{"x":${nested(60_000)}}]}`],
    ["an event of 6 MB of nested lists", "text/event-stream", chunk(nested(3_000_000))],
    ["an event of 60,000 levels", "text/event-stream", chunk(nested(60_000))],
  ])("of %s is malformed: the next candidate answers", async (_, type, body) => {
    answer = { type, body };
    const stream = type === "text/event-stream";
    for (const path of ["/v1/chat/completions", "/v1/messages"]) {
      let text = "";
      const longestMs = await blockedMs(async () => {
        const response = await gateway.fetch(path, {
          method: "POST",
          body: JSON.stringify({
            model: "alpha",
            max_tokens: 9,
            stream,
            messages: [{ role: "user", content: "x" }],
          }),
        });
        expect(response.status).toBe(200);
        if (path === "/v1/chat/completions") expect(response.headers.get("x-fallback-attempts")).toBe("1");
        text = await response.text();
      });
      expect(text).toContain("good");
      expect(longestMs).toBeLessThan(500);
    }
  });
});
