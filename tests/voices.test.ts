/** GET /v1/audio/voices over several backends, some of them broken. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { startGateway, type TestGateway, UPSTREAM_KEY } from "./support/gateway.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function backend(answer: (response: ServerResponse) => void) {
  const requests: { url: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? "", headers: request.headers });
    answer(response);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  closers.push(close);
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, requests, close };
}

const json =
  (value: unknown, status = 200) =>
  (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };

const talkies = (id: string, baseUrl: string, keys: string[] = []) => ({
  id,
  baseUrl,
  keys,
  local: { driver: "talkies", candidates: 1, bringUp: { way: "external" } } as const,
  models: [
    { alias: `${id}-kokoro`, upstream: "kokoro-82m", operation: "speech" as const },
    { alias: `${id}-whisper`, upstream: "whisper", operation: "transcription" as const },
  ],
});

const KOKORO = { voice: "af_heart", model: "kokoro-82m", default: true, origin: "built-in" };

const voicesOf = async (gateway: TestGateway) => {
  const answer = await gateway.fetch("/v1/audio/voices");
  expect(answer.status).toBe(200);
  return {
    ...((await answer.json()) as Record<string, unknown>),
    failed: answer.headers.get("x-headgate-failed"),
  };
};

async function gatewayOf(...providers: Parameters<typeof startGateway>[0]): Promise<TestGateway> {
  const gateway = await startGateway(providers);
  closers.push(() => gateway.close());
  return gateway;
}

describe("the voices", () => {
  it("of all backends are one list, with their aliases", async () => {
    const one = await backend(
      json({ voices: [KOKORO, { voice: "x", model: "not-offered", default: false }] }),
    );
    const two = await backend(
      json({ voices: [{ ...KOKORO, voice: "bm_george", default: false, origin: undefined }] }),
    );
    const gateway = await gatewayOf(talkies("cpu", one.baseUrl, ["CPU_TOKEN"]), talkies("gpu", two.baseUrl), {
      id: "cloud",
      baseUrl: "http://127.0.0.1:9/v1",
      models: [{ alias: "tts", operation: "speech" }],
    });
    expect(await voicesOf(gateway)).toEqual({
      failed: null,
      voices: [
        {
          voice: "af_heart",
          name: "af_heart",
          model: "cpu-kokoro",
          provider: "cpu",
          default: true,
          origin: "built-in",
        },
        { voice: "bm_george", name: "bm_george", model: "gpu-kokoro", provider: "gpu", default: false },
      ],
    });
    expect(one.requests).toMatchObject([
      { url: "/v1/audio/voices", headers: { authorization: `Bearer ${UPSTREAM_KEY}-CPU_TOKEN` } },
    ]);
    expect(two.requests[0]?.headers.authorization).toBeUndefined();
  });

  it("are listed although a backend fails, which is named", async () => {
    const good = await backend(json({ voices: [KOKORO] }));
    const broken = await backend(json({ detail: "boom" }, 500));
    const odd = await backend((response) => response.writeHead(200).end("<html>"));
    const gone = await backend(json({}));
    await gone.close();
    closers.splice(closers.indexOf(gone.close), 1);
    const gateway = await gatewayOf(
      talkies("good", good.baseUrl),
      talkies("broken", broken.baseUrl),
      talkies("odd", odd.baseUrl),
      talkies("gone", gone.baseUrl),
    );
    expect(await voicesOf(gateway)).toMatchObject({
      voices: [{ model: "good-kokoro" }],
      failed: "broken, odd, gone",
    });
    const answer = (await (await gateway.fetch("/v1/audio/voices")).json()) as { failed: unknown };
    expect(answer.failed).toMatchObject([
      { provider: "broken", message: "it answered HTTP 500" },
      { provider: "odd", message: "it answered something that is no list of voices" },
      { provider: "gone", message: expect.any(String) },
    ]);
  });

  it("are requested once a minute, sooner after a failure, and again for another table", async () => {
    let status = 500;
    const one = await backend((response) => json({ voices: [KOKORO] }, status)(response));
    const gateway = await gatewayOf(talkies("cpu", one.baseUrl));
    await Promise.all([voicesOf(gateway), voicesOf(gateway)]);
    expect(one.requests).toHaveLength(1);
    status = 200;
    gateway.clock.nowMs += 5001;
    expect(await voicesOf(gateway)).toMatchObject({ failed: null });
    gateway.clock.nowMs += 59_000;
    await voicesOf(gateway);
    expect(one.requests).toHaveLength(2);
    gateway.clock.nowMs += 2000;
    await voicesOf(gateway);
    expect(one.requests).toHaveLength(3);
    await gateway.swap([talkies("other", one.baseUrl)]);
    expect(await voicesOf(gateway)).toMatchObject({ voices: [{ model: "other-kokoro" }] });
  });

  it("are an empty list without a speech backend, and need the client key", async () => {
    const gateway = await gatewayOf({
      id: "cloud",
      baseUrl: "http://127.0.0.1:9/v1",
      models: [{ alias: "a" }],
    });
    expect(await voicesOf(gateway)).toEqual({ failed: null, voices: [] });
    expect((await fetch(`${gateway.url}/v1/audio/voices`)).status).toBe(401);
  });
});
