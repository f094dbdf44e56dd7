/** A provider's refusal of a conversation's form is not the client's 400 while another provider takes it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

const OK = {
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
};
const REFUSALS: Readonly<Record<string, string>> = {
  order: "Unexpected role 'user' after role 'tool'",
  value: "temperature must be at most 2",
};

/** The first part of each request's path. */
let asked: string[] = [];
let server: Server;
let gateway: TestGateway;

beforeAll(async () => {
  server = createServer((request, response) => {
    const [, name = ""] = (request.url ?? "").split("/");
    asked.push(name);
    const refusal = REFUSALS[name];
    request.resume().on("end", () => {
      response.writeHead(refusal === undefined ? 200 : 400, { "content-type": "application/json" });
      response.end(
        JSON.stringify(
          refusal === undefined ? OK : { error: { message: refusal, type: "invalid_request_error" } },
        ),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const sketch = (id: string, alias: string, chain: readonly string[] = []) => ({
    id,
    baseUrl: `http://127.0.0.1:${port}/${id}`,
    models: [{ alias, chain }],
  });
  gateway = await startGateway([
    sketch("good", "taker"),
    sketch("order", "strict", ["taker"]),
    sketch("value", "bounded", ["taker"]),
  ]);
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  await gateway.close();
  await new Promise((closed) => server.close(closed));
});

const ask = (model: string, extra: object = {}) =>
  gateway.chat({ model, messages: [{ role: "user", content: "hi" }], ...extra });

it("goes on to another provider", async () => {
  const response = await ask("strict");
  expect(response.status).toBe(200);
  await response.text();
  expect(asked).toEqual(["order", "good"]);
});

it("is the client's where no other provider is left, in the provider's words", async () => {
  const response = await ask("strict", { disable_fallbacks: true });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("Unexpected role");
  expect(asked).toEqual(["order"]);
});

it("does not hold for a refusal of a value, which no provider takes", async () => {
  const response = await ask("bounded");
  expect(response.status).toBe(400);
  await response.text();
  expect(asked).toEqual(["value"]);
});
