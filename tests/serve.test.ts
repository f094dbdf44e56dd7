/** `headgate serve` as a process: first start, live changes, signals. */
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { healthy, type Lab, stall, startLab, status } from "@headgate/upstream-lab";
import type OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clientAt, clientKeyOf, makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

let lab: Lab;
let root: string;
let running: Running | undefined;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(() => {
  root = makeRoot();
});
afterEach(async () => {
  running?.child.kill("SIGKILL");
  await running?.exited;
  running = undefined;
  lab.reset();
  removeRoot(root);
});

const serve = async (args: readonly string[] = [], env: Record<string, string> = {}): Promise<Running> => {
  running = await startServe(root, args, env);
  return running;
};
const key = (): string => clientKeyOf(root);
const clientOf = (gateway: Running): OpenAI => clientAt(gateway, key());
const ask = (client: OpenAI, model: string) =>
  client.chat.completions.create({ model, messages: [{ role: "user", content: "Hello" }] }).withResponse();

const groqAtLab = (): string => `GROQ=1\nGROQ_API_KEY=test-key\nGROQ_BASE_URL=${lab.baseUrl}\n`;

describe("the first start", () => {
  it("creates a private .env and a private key, prints what is on and the number of the others, and answers", async () => {
    const gateway = await serve();
    expect(statSync(join(root, ".env")).mode & 0o777).toBe(0o600);
    expect(statSync(join(root, ".headgate", "client-key")).mode & 0o777).toBe(0o600);
    expect(gateway.out).toMatch(/on +demo +1 model/);
    expect(gateway.out).toMatch(/^[0-9]+ more are off: \S.* providers --root /m);
    expect(gateway.out).not.toContain(key());
    const { data, response } = await ask(clientOf(gateway), "demo");
    expect(response.headers.get("x-routed-via")).toBe("demo/canned");
    expect(data.choices[0]?.message.content).toMatch(/canned/i);
  });

  it("keeps the key over restarts, and never prints it", async () => {
    const first = await serve();
    const before = key();
    first.child.kill("SIGTERM");
    expect(await first.exited).toBe(0);
    await serve();
    expect(key()).toBe(before);
  });
});

describe("with a provider switched on", () => {
  it("serves through it with the official SDK, and falls back when it breaks", async () => {
    writeFileSync(
      join(root, ".env"),
      `${groqAtLab()}CEREBRAS=1\nCEREBRAS_API_KEY=test-key\nCEREBRAS_BASE_URL=${lab.baseUrl}\n`,
    );
    const client = clientOf(await serve());
    expect((await client.models.list()).data.map((model) => model.id)).toContain("groq-llama-3.3-70b");
    expect((await ask(client, "groq-llama-3.3-70b")).response.headers.get("x-routed-via")).toBe(
      "groq/llama-3.3-70b-versatile",
    );
    lab.behave("llama-3.3-70b-versatile", status(503));
    const { response } = await ask(client, "groq-llama-3.3-70b");
    expect(response.headers.get("x-routed-via")).toBe("cerebras/gpt-oss-120b");
    expect(response.headers.get("x-fallback-attempts")).toBe("1");
  });

  it("does not start on a broken fragment, and prints the place", async () => {
    appendFileSync(join(root, "providers", "groq", "provider.yaml"), "\nsurprise: 1\n");
    await expect(serve()).rejects.toThrow(/providers\/groq\/provider\.yaml:\d+:1[\s\S]*surprise/);
  });

  it("refuses invalid options, each by name", async () => {
    await expect(serve([], { HEADGATE_CONNECT_TIMEOUT_MS: "soon", HEADGATE_LOG: "loud" })).rejects.toThrow(
      /HEADGATE_LOG must be[\s\S]*HEADGATE_CONNECT_TIMEOUT_MS must be|HEADGATE_CONNECT_TIMEOUT_MS must be[\s\S]*HEADGATE_LOG must be/,
    );
  });

  it("does not listen beyond this machine with a weak key", async () => {
    await expect(serve(["--host", "0.0.0.0"], { HEADGATE_API_KEY: "weak" })).rejects.toThrow(
      /HEADGATE_API_KEY is weak/,
    );
  });
});

describe("changes while it runs", () => {
  it("applies a flag in .env without dropping a running stream", async () => {
    writeFileSync(join(root, ".env"), groqAtLab());
    const gateway = await serve();
    const client = clientOf(gateway);
    const gate = lab.gate("held");
    lab.behave("llama-3.3-70b-versatile", stall({ after: 2, gate }));
    const stream = await client.chat.completions.create({
      model: "groq-llama-3.3-70b",
      stream: true,
      messages: [{ role: "user", content: "x" }],
    });
    await expect(ask(client, "demo")).rejects.toThrow(/DEMO=1/);
    writeFileSync(join(root, ".env"), `${groqAtLab()}DEMO=1\n`);
    expect(await gateway.logged("applied the change")).not.toContain("test-key");
    expect((await ask(client, "demo")).response.status).toBe(200);
    gate.open();
    let finish: string | null = null;
    for await (const chunk of stream) finish = chunk.choices[0]?.finish_reason ?? finish;
    expect(finish).toBe("stop");
  });

  it("keeps the old table on a broken edit, logs it, and applies the repair", async () => {
    const gateway = await serve();
    const path = join(root, "providers", "demo", "provider.yaml");
    const good = readFileSync(path, "utf8");
    writeFileSync(path, good.replace("adapter: demo", "adapter: dmeo"));
    const findings = await gateway.logged("keeps the old routing table");
    expect(findings).toContain("dmeo");
    expect((await ask(clientOf(gateway), "demo")).response.status).toBe(200);
    writeFileSync(path, good.replace("alias: demo", "alias: demo-renamed"));
    const fallbacks = join(root, "fallbacks", "fallbacks.json");
    writeFileSync(fallbacks, readFileSync(fallbacks, "utf8").replace('"demo"', '"demo-renamed"'));
    await gateway.logged("applied the change");
    expect((await ask(clientOf(gateway), "demo-renamed")).response.status).toBe(200);
  });

  it("applies an overlay that appears, keeps the table when it is wrong, and names its line", async () => {
    const gateway = await serve();
    const client = clientOf(gateway);
    const overlay = join(root, "overlay", "providers", "demo");
    mkdirSync(overlay, { recursive: true });
    const path = join(overlay, "provider.yaml");
    const mine = "models:\n  append:\n    - { alias: demo-mine, upstream: canned-too, operation: chat }\n";
    writeFileSync(path, mine);
    await gateway.logged("applied the change");
    expect((await ask(client, "demo-mine")).response.headers.get("x-routed-via")).toBe("demo/canned-too");
    writeFileSync(path, `${mine}\n  dmeo: null\n`);
    const findings = await gateway.logged("keeps the old routing table");
    expect(findings).toContain("overlay/providers/demo/provider.yaml:5:3");
    expect(findings).toContain("Did you mean `demo`?");
    expect((await ask(client, "demo-mine")).response.status).toBe(200);
    rmSync(join(root, "overlay"), { recursive: true });
    await gateway.logged("applied the change");
    await expect(ask(client, "demo-mine")).rejects.toThrow(/demo-mine/);
  });

  it("keeps the table of a .env that was emptied, and says so", async () => {
    writeFileSync(join(root, ".env"), groqAtLab());
    const gateway = await serve();
    writeFileSync(join(root, ".env"), "");
    await gateway.logged(".env is empty now");
    expect((await ask(clientOf(gateway), "groq-llama-3.3-70b")).response.status).toBe(200);
    writeFileSync(join(root, ".env"), `${groqAtLab()}DEMO=1\n`);
    await gateway.logged("applied the change");
    expect((await ask(clientOf(gateway), "demo")).response.status).toBe(200);
  });

  it("uses a changed key from the next request on", async () => {
    writeFileSync(join(root, ".env"), groqAtLab());
    const gateway = await serve();
    const client = clientOf(gateway);
    await ask(client, "groq-llama-3.3-70b");
    writeFileSync(join(root, ".env"), groqAtLab().replace("test-key", "test-key-2"));
    await gateway.logged("applied the change");
    await ask(client, "groq-llama-3.3-70b");
    expect(lab.requests.map((request) => request.headers.authorization)).toEqual([
      "Bearer test-key",
      "Bearer test-key-2",
    ]);
  });
});

describe("SIGTERM", () => {
  it("as soon as the address is printed ends it like any other", async () => {
    const gateway = await serve();
    gateway.child.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);
    expect(gateway.errors()).toContain("stopping");
  });

  it("lets a running stream finish, then ends with 0", async () => {
    writeFileSync(join(root, ".env"), groqAtLab());
    const gateway = await serve();
    const gate = lab.gate("drain");
    lab.behave("llama-3.3-70b-versatile", stall({ after: 2, gate }));
    const stream = await clientOf(gateway).chat.completions.create({
      model: "groq-llama-3.3-70b",
      stream: true,
      messages: [{ role: "user", content: "x" }],
    });
    gateway.child.kill("SIGTERM");
    await gateway.logged("stopping");
    await expect(fetch(`${gateway.url}/health/live`)).rejects.toThrow();
    lab.behave("llama-3.3-70b-versatile", healthy());
    gate.open();
    let finish: string | null = null;
    for await (const chunk of stream) finish = chunk.choices[0]?.finish_reason ?? finish;
    expect(finish).toBe("stop");
    expect(await gateway.exited).toBe(0);
  });

  it("a second one ends the process at once", async () => {
    writeFileSync(join(root, ".env"), groqAtLab());
    const gateway = await serve();
    lab.behave("llama-3.3-70b-versatile", stall({ after: 2 }));
    const stream = await clientOf(gateway).chat.completions.create({
      model: "groq-llama-3.3-70b",
      stream: true,
      messages: [{ role: "user", content: "x" }],
    });
    gateway.child.kill("SIGTERM");
    await gateway.logged("stopping");
    gateway.child.kill("SIGTERM");
    expect(await gateway.exited).toBe(143);
    stream.controller.abort();
  });
});
