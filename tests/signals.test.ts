/** Signals to the outside: traces at a real collector's socket, events at real receivers, and what happens where they are away. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Lab, startLab, status } from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type GatewayTestOptions, startGateway, type TestGateway } from "./support/gateway.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
interface Receiver {
  readonly url: string;
  readonly received: Received[];
  answer: (body: string) => { status: number; headers?: Record<string, string> } | undefined;
}

const servers: Server[] = [];
async function receiver(): Promise<Receiver> {
  const received: Received[] = [];
  const own: { url: string; received: Received[]; answer: Receiver["answer"] } = {
    url: "",
    received,
    answer: () => ({ status: 200 }),
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    received.push({ path: request.url ?? "", headers: request.headers, body });
    const answer = own.answer(body);
    if (answer !== undefined) response.writeHead(answer.status, answer.headers).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  own.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return own;
}

let lab: Lab;
const gateways: TestGateway[] = [];
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
afterEach(async () => {
  for (const server of servers) server.closeAllConnections();
  for (const gateway of gateways) await gateway.close();
  for (const server of servers) server.close();
  servers.length = 0;
  gateways.length = 0;
  lab.reset();
});

async function serve(
  options: GatewayTestOptions["options"] = {},
  more: GatewayTestOptions = {},
): Promise<TestGateway> {
  const gateway = await startGateway(
    [
      { id: "first", baseUrl: lab.baseUrl, models: [{ alias: "a", chain: ["b"], limits: [DAILY] as never }] },
      { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "b" }, { alias: "c" }] },
    ],
    { options, groups: [{ name: "team", members: ["a"] }], ...more },
  );
  gateways.push(gateway);
  return gateway;
}
const DAILY = {
  unit: "requests",
  amount: 10,
  window: "day",
  scope: "model",
  source: "https://a.example",
  verified: true,
};

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { code: number; message: string };
  readonly attributes: { key: string; value: { stringValue?: string; intValue?: string } }[];
}
const spansIn = ({ received }: Receiver): Span[] =>
  received.flatMap(({ body }) => JSON.parse(body).resourceSpans[0].scopeSpans[0].spans as Span[]);
const attributes = ({ attributes: list }: Span): Record<string, unknown> =>
  Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));

it("sends a span per request and per attempt, under the client's trace, and hands it on to upstreams", async () => {
  const collector = await receiver();
  const gateway = await serve({ tracesOtlp: collector.url });
  lab.script("a", [status(500), status(500)]);
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const response = await gateway.chat(
    { model: "a" },
    { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, "x-request-id": "traced" } },
  );
  expect(response.headers.get("x-routed-via")).toBe("second/b");
  await expect.poll(() => spansIn(collector).length, { timeout: 5_000 }).toBeGreaterThanOrEqual(3);
  expect(collector.received[0]?.path).toBe("/v1/traces");
  const [request, ...attempts] = spansIn(collector) as [Span, ...Span[]];
  expect(request).toMatchObject({ traceId, parentSpanId: "00f067aa0ba902b7", name: "chat a", kind: 2 });
  expect(attributes(request)).toMatchObject({
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "a",
    "gen_ai.response.model": "b",
    "gen_ai.provider.name": "second",
    "gen_ai.usage.input_tokens": expect.any(Number),
    "http.response.status_code": 200,
    "headgate.request.id": "traced",
    "headgate.client": "master",
  });
  const last = attempts.at(-1);
  expect(attempts.every(({ parentSpanId, kind }) => parentSpanId === request.spanId && kind === 3)).toBe(
    true,
  );
  expect(attempts[0]).toMatchObject({ name: "chat a", status: { code: 2 } });
  expect(attributes(attempts[0] as Span)).toMatchObject({
    "error.type": "server_error",
    "http.response.status_code": 500,
  });
  expect(last).toMatchObject({ name: "chat b" });
  expect(BigInt(last?.endTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(BigInt(last?.startTimeUnixNano ?? 0));
  const sent = lab.requests.map(({ headers }) => headers.traceparent);
  expect(sent).toEqual(attempts.map(({ spanId }) => `00-${traceId}-${spanId}-01`));
  expect(JSON.stringify(collector.received)).not.toMatch(/test-upstream-key|hg-test/);
});

it("traces a share of what has no trace of its own, and nothing that its client does not trace", async () => {
  const collector = await receiver();
  const gateway = await serve({ tracesOtlp: `${collector.url}/v1/traces`, tracesSample: 0 });
  await gateway.chat({ model: "b" });
  await gateway.chat(
    { model: "b" },
    { headers: { traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-00` } },
  );
  await gateway.chat(
    { model: "b" },
    { headers: { traceparent: `00-${"3".repeat(32)}-${"4".repeat(16)}-01` } },
  );
  await gateway.chat({ model: "b" }, { headers: { traceparent: "nonsense" } });
  await gateway.close();
  gateways.length = 0;
  expect(new Set(spansIn(collector).map(({ traceId }) => traceId))).toEqual(new Set(["3".repeat(32)]));
  expect(lab.requests.map(({ headers }) => headers.traceparent !== undefined)).toEqual([
    false,
    false,
    true,
    false,
  ]);
});

it("answers as usual while the collector is down, says so once, and delivers when it is up again", async () => {
  const collector = await receiver();
  let up = false;
  collector.answer = () => ({ status: up ? 200 : 503 });
  const gateway = await serve({ tracesOtlp: collector.url });
  for (let more = 0; more < 3; more += 1) expect((await gateway.chat({ model: "b" })).status).toBe(200);
  await expect
    .poll(() => gateway.logged.join("\n"), { timeout: 5_000 })
    .toMatch(/collector.*does not answer/);
  up = true;
  await expect.poll(() => gateway.logged.join("\n"), { timeout: 5_000 }).toMatch(/takes traces again/);
  expect(gateway.logged.filter((line) => line.includes("does not answer"))).toHaveLength(1);
});

it.each([
  ["json", (body: string) => JSON.parse(body).text as string],
  ["slack", (body: string) => JSON.parse(body).text as string],
  ["discord", (body: string) => JSON.parse(body).content as string],
  ["ntfy", (body: string) => body],
] as const)(
  "posts each event once to a receiver in the form of %s, signed",
  async (form, read) => {
    const hook = await receiver();
    const gateway = await serve({
      webhookUrl: `${hook.url}/secret-path`,
      webhookForm: form,
      webhookSecret: "s3cret",
    });
    lab.behave("c", status(401));
    await gateway.chat({ model: "c" });
    for (let more = 0; more < 8; more += 1) await gateway.chat({ model: "a" });
    const texts = () => hook.received.map(({ body }) => read(body)).join("\n");
    await expect.poll(texts, { timeout: 15_000 }).toMatch(/80 % of 10 requests a day at first are used/);
    expect(texts()).toMatch(/second refuses the key in SECOND_API_KEY/);
    const [first] = hook.received;
    const {
      "webhook-id": id,
      "webhook-timestamp": at,
      "webhook-signature": signature,
    } = first?.headers ?? {};
    const expected = createHmac("sha256", "s3cret").update(`${id}.${at}.${first?.body}`).digest("base64");
    expect(signature).toBe(`v1,${expected}`);
    expect(first?.path).toBe("/secret-path");
    expect(new Set(hook.received.map(({ body }) => body)).size).toBe(hook.received.length);
    expect(JSON.stringify(hook.received)).not.toContain("test-upstream-key");
  },
  30_000,
);

it("tells when every model of a group cools down", async () => {
  const hook = await receiver();
  const gateway = await serve({ webhookUrl: hook.url });
  lab.behave("a", status(429, { retryAfterS: 300 }));
  await gateway.chat({ model: "team" });
  await expect
    .poll(() => hook.received.map(({ body }) => JSON.parse(body)), { timeout: 15_000 })
    .toMatchObject([
      {
        event: "group_closed",
        about: "team",
        text: expect.stringMatching(/Every model of the group team is cooling/),
      },
    ]);
}, 30_000);

it("follows no redirect to another address, tries a failing receiver again, and never logs its address", async () => {
  const [hook, inner] = [await receiver(), await receiver()];
  hook.answer = () => ({ status: 302, headers: { location: `${inner.url}/admin` } });
  const gateway = await serve({ webhookUrl: `${hook.url}/T00/secret-path` });
  lab.behave("c", status(401));
  await gateway.chat({ model: "c" });
  await expect
    .poll(() => gateway.logged.join("\n"), { timeout: 15_000 })
    .toMatch(/it redirects, which is not followed/);
  expect(inner.received).toHaveLength(0);
  expect(gateway.logged.join("\n")).not.toContain("secret-path");
}, 30_000);
