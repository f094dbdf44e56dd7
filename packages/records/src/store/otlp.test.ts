import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { attemptOf, NOON_MS, recordOf } from "../testing/samples.ts";
import { otlpPlace } from "./otlp.ts";

async function collector(status: number) {
  const received: {
    path: string;
    body: { resourceLogs: { scopeLogs: { logRecords: Record<string, unknown>[] }[] }[] };
  }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ path: request.url ?? "", body: JSON.parse(Buffer.concat(chunks).toString()) as never });
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, received, close: () => server.close() };
}

it("sends records as logs, with the record as the body", async () => {
  const { url, received, close } = await collector(200);
  const record = recordOf({ id: "one", attempts: [attemptOf()] });
  const failed = recordOf({ outcome: "refused", status: 503 });
  await otlpPlace(url).write(
    [record, failed].map((one) => ({
      json: JSON.stringify(one),
      bodies: { uid: one.uid, request: "secret words" },
    })),
  );
  close();
  expect(received).toHaveLength(1);
  expect(received[0]?.path).toBe("/v1/logs");
  expect(JSON.stringify(received)).not.toContain("secret words");
  const logs = received[0]?.body.resourceLogs[0]?.scopeLogs[0]?.logRecords ?? [];
  expect(logs).toMatchObject([
    {
      timeUnixNano: `${NOON_MS + 120}000000`,
      severityText: "INFO",
      body: { stringValue: JSON.stringify(record) },
    },
    { severityText: "ERROR" },
  ]);
  expect(logs[0]?.attributes).toEqual(
    expect.arrayContaining([
      { key: "headgate.request.id", value: { stringValue: "one" } },
      { key: "gen_ai.usage.input_tokens", value: { intValue: "10" } },
    ]),
  );
});

it("fails where the collector refuses, so that the batch is sent again", async () => {
  const { url, received, close } = await collector(503);
  await expect(otlpPlace(`${url}/otlp/`).write([{ json: JSON.stringify(recordOf()) }])).rejects.toThrow(
    /answered 503/,
  );
  close();
  expect(received[0]?.path).toBe("/otlp/v1/logs");
});

it("says where records are when it is asked for one, and what is wrong with an address", async () => {
  await expect(otlpPlace("http://127.0.0.1:4318").find("x")).rejects.toThrow(
    /HEADGATE_RECORDS_OTLP.*delete that line/,
  );
  expect(() => otlpPlace("collector:4318")).toThrow(/HEADGATE_RECORDS_OTLP.*http:\/\/127/);
});
