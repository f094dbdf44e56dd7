/**
 * Requests for backends that do one job at a time and refuse a second one: by their fragments as they are, and over HTTP.
 * The queue of local memory is the only gate in front of them.
 */
import { readFileSync } from "node:fs";
import { type Catalog, resolve } from "@headgate/contract";
import { machineProbe, ramProbe } from "@headgate/resources";
import { FakeMachine, fakeProc, type LocalBackend, startSdcpp, startTalkies } from "@headgate/upstream-lab";
import OpenAI, { toFile } from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";
import { resourcesOf, untilResources } from "./support/local.ts";

const GIB = 2 ** 30;
const catalog = JSON.parse(readFileSync("generated/catalog.json", "utf8")) as Catalog;

let machine: FakeMachine;
let sdcpp: LocalBackend;
let talkies: LocalBackend;
let gateway: TestGateway;
let client: OpenAI;

beforeEach(async () => {
  machine = new FakeMachine({ devices: { cpu: 32 * GIB } });
  sdcpp = await startSdcpp({
    machine,
    device: "cpu",
    models: { "sd-turbo": { bytes: GIB, operation: "image" } },
  });
  talkies = await startTalkies({ machine, device: "cpu", models: { "whisper-large-v3": { bytes: GIB } } });
});
afterEach(async () => {
  await gateway.close();
  await Promise.all([sdcpp.close(), talkies.close()]);
});

const start = async (more: Readonly<Record<string, string>> = {}): Promise<void> => {
  const env = {
    SDCPP: "1",
    SDCPP_BASE_URL: `${sdcpp.url}/v1`,
    TALKIES: "1",
    TALKIES_BASE_URL: `${talkies.url}/v1`,
    ...more,
  };
  const { table } = resolve(catalog, env);
  const probe = machineProbe({ gpus: { read: async () => [] }, ram: ramProbe(fakeProc(machine)) });
  const vramBudget = more.HEADGATE_VRAM_BUDGET;
  gateway = await startGateway([], {
    table,
    memory: { probe },
    ...(vramBudget === undefined ? {} : { options: { vramBudget } }),
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
};

const statusOf = (answer: Promise<unknown>): Promise<number> =>
  answer.then(
    () => 200,
    (error: unknown) => (error instanceof OpenAI.APIError ? (error.status ?? 0) : 0),
  );
const draw = () => statusOf(client.images.generate({ model: "local-sdcpp-cpu-sd-turbo", prompt: "a gate" }));
const transcribe = async () => {
  const file = await toFile(Buffer.alloc(1_000, 3), "call.wav", { type: "audio/wav" });
  return statusOf(client.audio.transcriptions.create({ model: "local-talkies-whisper-large-v3", file }));
};

describe("one job at a time", () => {
  it("four images and three transcriptions at once are all answered, and while they wait the queue shows them", async () => {
    await start();
    const image = sdcpp.hold("sd-turbo");
    const words = talkies.hold("whisper-large-v3");
    const answers = [draw(), draw(), draw(), draw(), transcribe(), transcribe(), transcribe()];
    await Promise.all([image.reached(), words.reached()]);
    const { queues } = await untilResources(
      gateway,
      (now) => now.queues.reduce((sum, { waiters }) => sum + waiters.length, 0) === 5,
    );
    expect(queues.map(({ key, waiters }) => [key, waiters.length])).toEqual([
      ["sdcpp/sd-turbo", 3],
      ["talkies/whisper-large-v3", 2],
    ]);
    image.open();
    words.open();
    expect(await Promise.all(answers)).toEqual([200, 200, 200, 200, 200, 200, 200]);
    const calls = [...sdcpp.calls, ...talkies.calls].filter(
      ({ method, url }) => method === "POST" && url.includes("/v1/"),
    );
    expect(calls.filter(({ status }) => status !== 200)).toEqual([]);
    expect((await resourcesOf(gateway)).counts.strayReleases).toBe(0);
  });

  it("are refused by the limit where no queue admits them", async () => {
    await start({ HEADGATE_VRAM_BUDGET: "off" });
    const image = sdcpp.hold("sd-turbo");
    const first = draw();
    await image.reached();
    expect(await draw()).toBe(429);
    image.open();
    expect(await first).toBe(200);
  });
});

describe("a local model that cannot be loaded now", () => {
  it("gives way after the wait that the request states, and says what it waited for", async () => {
    await start();
    const image = sdcpp.hold("sd-turbo");
    const first = draw();
    await image.reached();
    const refused = await gateway.fetch("/v1/images/generations", {
      method: "POST",
      headers: { "x-headgate-local-wait-ms": "20" },
      body: JSON.stringify({ model: "local-sdcpp-cpu-sd-turbo", prompt: "a gate" }),
    });
    expect(refused.status).toBe(503);
    expect(await refused.text()).toMatch(
      /sdcpp\/sd-turbo was not free within \d\.\d s \(all its leases are taken\)/,
    );
    image.open();
    expect(await first).toBe(200);
  });
});
