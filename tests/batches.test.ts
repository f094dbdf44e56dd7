/** Batches over HTTP by the SDKs of OpenAI and Anthropic, unchanged: upload, create, poll, download, cancel. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import type { BatchStore } from "@headgate/contract";
import { type OpenClients, openBatches, openLiveClients } from "@headgate/records";
import { healthy, type Lab, silence, startLab, status } from "@headgate/upstream-lab";
import OpenAI, { toFile } from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";
import { runHeadgate } from "./support/serve.ts";

const HEADGATE = resolve("packages/cli/bin/headgate.js");

let lab: Lab;
let gateway: TestGateway;
let folder: string;
let store: BatchStore;
let clients: OpenClients;
let openai: OpenAI;
let anthropic: Anthropic;

const LIMIT = {
  unit: "requests",
  amount: 10,
  window: "minute",
  scope: "model",
  source: "https://a.example",
  verified: true,
};

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "headgate-batches-"));
  await serve();
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
  lab.reset();
});

async function serve(bounds: { fileBytes?: number; allBytes?: number } = {}): Promise<void> {
  const place = { kind: "sqlite", path: join(folder, "records.db") } as const;
  const warn = (text: string) => expect.fail(text);
  clients = await openLiveClients({ place, warn, nowMs: Date.now });
  store = openBatches({
    place,
    warn,
    secret: () => "s".repeat(20),
    keepMs: 30 * 86_400_000,
    fileBytes: 200 * 1024 * 1024,
    allBytes: 1e9,
    ...bounds,
  });
  gateway = await startGateway(
    [
      {
        id: "first",
        baseUrl: lab.baseUrl,
        models: [
          { alias: "a" },
          { alias: "few", chain: ["dear"], limits: [LIMIT] as never },
          { alias: "daily", chain: ["dear"], limits: [{ ...LIMIT, window: "day" }] as never },
          { alias: "vectors", operation: "embedding" },
        ],
      },
      {
        id: "second",
        baseUrl: lab.baseUrl,
        models: [{ alias: "dear", tier: "paid", price: { input: 1_000, output: 1_000 } }],
      },
      { id: "claude", adapter: "anthropic", baseUrl: lab.url, models: [{ alias: "c" }] },
    ],
    { clients, batchStore: store, stateDir: folder, options: { drainTimeoutMs: 500 } },
  );
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: CLIENT_KEY, maxRetries: 0 });
}
async function stop(): Promise<void> {
  await gateway.close();
  await store.close();
  await clients.close();
}

const line = (id: number | string, body: object = {}): object => ({
  custom_id: `r-${id}`,
  method: "POST",
  url: "/v1/chat/completions",
  body: { model: "a", messages: [{ role: "user", content: `Question ${id}` }], ...body },
});
const jsonl = (lines: readonly (object | string)[]): string =>
  lines.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("\n");
const upload = async (text: string, by = openai) =>
  by.files.create({ file: await toFile(Buffer.from(text), "in.jsonl"), purpose: "batch" });
const create = async (
  lines: readonly (object | string)[],
  headers: Record<string, string> = {},
  endpoint: OpenAI.BatchCreateParams["endpoint"] = "/v1/chat/completions",
  by = openai,
) => {
  const file = await upload(jsonl(lines), by);
  return by.batches.create(
    { input_file_id: file.id, endpoint, completion_window: "24h", metadata: { run: "1" } },
    { headers },
  );
};
const FINAL = ["completed", "failed", "expired", "cancelled"];
async function ended(id: string, by = openai): Promise<OpenAI.Batch> {
  let batch = await by.batches.retrieve(id);
  await expect
    .poll(
      async () => {
        batch = await by.batches.retrieve(id);
        return FINAL.includes(batch.status);
      },
      { timeout: 15_000, interval: 50 },
    )
    .toBe(true);
  return batch;
}
interface OutputLine {
  readonly id: string;
  readonly custom_id: string;
  readonly response: { status_code: number; request_id: string; body: OpenAI.ChatCompletion } | null;
  readonly error: { code: string; message: string } | null;
}
async function read(file: string | null | undefined, by = openai): Promise<readonly OutputLine[]> {
  if (file == null) return [];
  const text = await (await by.files.content(file)).text();
  return text
    .trim()
    .split("\n")
    .map((one) => JSON.parse(one) as OutputLine);
}

describe("OpenAI's batches", () => {
  it("run each line once, and give the answers in the order of the lines", async () => {
    const lines = Array.from({ length: 40 }, (_, at) => line(at));
    const made = await create(lines);
    expect(made).toMatchObject({
      object: "batch",
      status: "validating",
      metadata: { run: "1" },
      errors: null,
    });
    const batch = await ended(made.id);
    expect(batch).toMatchObject({
      status: "completed",
      request_counts: { total: 40, completed: 40, failed: 0 },
      error_file_id: null,
    });
    const output = await read(batch.output_file_id);
    expect(output.map(({ custom_id }) => custom_id)).toEqual(lines.map((_, at) => `r-${at}`));
    for (const { response, error } of output) {
      expect([response?.status_code, error]).toEqual([200, null]);
      expect(response?.body.choices[0]?.message.content).toBeTruthy();
    }
    expect(new Set(output.map(({ id }) => id)).size).toBe(40);
    expect(lab.requests).toHaveLength(40);
    const file = await openai.files.retrieve(batch.output_file_id ?? "");
    expect(file).toMatchObject({ object: "file", purpose: "batch_output" });
    expect(file.bytes).toBeGreaterThan(1_000);
  });

  it("carry embeddings, and tell failures with their cause in the file of errors", async () => {
    const vectors = await create(
      [0, 1].map((at) => ({
        custom_id: `v-${at}`,
        method: "POST",
        url: "/v1/embeddings",
        body: { model: "vectors", input: `text ${at}` },
      })),
      {},
      "/v1/embeddings",
    );
    const done = await ended(vectors.id);
    expect((await read(done.output_file_id)).length).toBe(2);
    lab.script("a", [healthy(), status(400, { message: "this one is odd" })]);
    const mixed = await ended((await create([line(1), line(2), line(3)])).id);
    expect(mixed.request_counts).toEqual({ total: 3, completed: 1, failed: 2 });
    const errors = await read(mixed.error_file_id);
    expect(errors[0]).toMatchObject({ response: { status_code: 400 }, error: null });
    expect(JSON.stringify(errors[0])).toContain("this one is odd");
  });

  it("with a line that is wrong fail with its number and its cause, and run nothing", async () => {
    const made = await create([
      line(1),
      "{not json",
      line(1),
      { ...line(4), url: "/v1/embeddings" },
      line(5, { model: "nothing-like-it" }),
      line(6, { stream: true }),
      { custom_id: "r-7", body: "text" },
      "[]",
      { ...line(9), custom_id: "" },
    ]);
    const batch = await ended(made.id);
    expect(batch.status).toBe("failed");
    expect(batch.errors?.data?.map(({ line: at, code }) => [at, code])).toEqual([
      [2, "invalid_json_line"],
      [3, "duplicate_custom_id"],
      [4, "mismatched_endpoint"],
      [5, "model_not_found"],
      [6, "invalid_request"],
      [7, "missing_required_parameter"],
      [8, "invalid_json_line"],
      [9, "missing_required_parameter"],
    ]);
    expect(batch.errors?.data?.[1]?.message).toContain("line 1 has");
    expect(lab.requests).toHaveLength(0);
  });

  it("run the rest where the request says so", async () => {
    const made = await create([line(1), "{not json", line(1), line(4)], {
      "x-headgate-invalid-lines": "skip",
    });
    const batch = await ended(made.id);
    expect(batch).toMatchObject({
      status: "completed",
      request_counts: { total: 4, completed: 2, failed: 2 },
    });
    expect((await read(batch.output_file_id)).map(({ custom_id }) => custom_id)).toEqual(["r-1", "r-4"]);
    const errors = await read(batch.error_file_id);
    expect(errors.map(({ error }) => error?.code)).toEqual(["invalid_json_line", "duplicate_custom_id"]);
  });

  it("refuse what cannot be a batch, with the field's name", async () => {
    const file = await upload(jsonl([line(1)]));
    const made = (over: object) =>
      openai.batches.create({
        input_file_id: file.id,
        endpoint: "/v1/chat/completions",
        completion_window: "24h",
        ...over,
      } as never);
    await expect(made({ endpoint: "/v1/videos" })).rejects.toThrow(/endpoint.*must be one of/);
    await expect(made({ completion_window: "soon" })).rejects.toThrow(/completion_window/);
    await expect(made({ input_file_id: "file-x" })).rejects.toThrow(/There is no file/);
    await expect(made({ metadata: { a: 1 } })).rejects.toThrow(/metadata/);
    await expect(
      openai.files.create({ file: await toFile(Buffer.from("x"), "x"), purpose: "fine-tune" }),
    ).rejects.toThrow(/purpose.*must be batch/);
    expect((await ended((await create([""])).id)).errors?.data?.[0]?.code).toBe("empty_file");
    await expect(openai.batches.retrieve("batch_x")).rejects.toThrow(/no batch/);
  });

  it("are cancelled: what has not run is told as cancelled", async () => {
    lab.behave("a", silence());
    const made = await create(Array.from({ length: 30 }, (_, at) => line(at)));
    await lab.received("a", 8);
    const cancelling = await openai.batches.cancel(made.id);
    expect(cancelling.status).toBe("cancelling");
    lab.behave("a", healthy());
    await stop();
    await serve();
    const batch = await ended(made.id);
    expect(batch.status).toBe("cancelled");
    const errors = await read(batch.error_file_id);
    expect(errors).toHaveLength(30);
    for (const { error } of errors) expect(error?.code).toBe("batch_cancelled");
    await expect(openai.batches.cancel(made.id)).rejects.toThrow(/ended already/);
  });

  it("expire with their window", async () => {
    lab.behave("a", silence());
    const made = await create([line(1), line(2)]);
    await lab.received("a", 2);
    gateway.clock.nowMs += 24 * 3_600_000 + 1;
    const batch = await ended(made.id);
    expect(batch.status).toBe("expired");
    expect((await read(batch.error_file_id)).map(({ error }) => error?.code)).toEqual([
      "batch_expired",
      "batch_expired",
    ]);
  });

  it("wait while quota is gone, and go on with it; what costs is not used", async () => {
    const made = await create(
      Array.from({ length: 14 }, (_, at) => line(at, { model: "few" })),
      { "x-headgate-spend": "0" },
    );
    await expect
      .poll(async () => (await openai.batches.retrieve(made.id)).request_counts?.completed, {
        timeout: 10_000,
      })
      .toBe(10);
    expect((await openai.batches.retrieve(made.id)).status).toBe("in_progress");
    gateway.clock.nowMs += 20 * 60_000;
    const batch = await ended(made.id);
    expect(batch.request_counts).toMatchObject({ completed: 14, failed: 0 });
    expect(lab.requests.some(({ model }) => model === "dear")).toBe(false);
  }, 30_000);

  it("spend up to their bound where they would be late otherwise", async () => {
    const begin = (spend: string) =>
      create(
        Array.from({ length: 14 }, (_, at) => line(at, { model: "daily" })),
        {
          "x-headgate-spend": spend,
          "x-headgate-by": new Date(gateway.clock.nowMs + 120_000).toISOString(),
        },
      );
    const doneOf = async (id: string) => (await openai.batches.retrieve(id)).request_counts?.completed;
    const dear = () => lab.requests.filter(({ model }) => model === "dear").length;
    const made = await begin("5");
    await expect.poll(() => doneOf(made.id), { timeout: 10_000 }).toBe(10);
    expect(dear()).toBe(0);
    // The free quota of the day is gone, and the pace so far misses the time.
    gateway.clock.nowMs += 110_000;
    expect((await ended(made.id)).request_counts?.completed).toBe(14);
    expect(dear()).toBe(4);
    const poor = await begin("0.000001");
    gateway.clock.nowMs += 110_000;
    await expect.poll(() => dear(), { timeout: 10_000 }).toBeGreaterThan(4);
    gateway.clock.nowMs += 110_000;
    await expect.poll(() => doneOf(poor.id), { timeout: 10_000 }).toBeGreaterThan(0);
    // Lines that were on their way together may pass the bound; none after them.
    const spent = dear();
    expect(spent).toBeLessThanOrEqual(12);
    gateway.clock.nowMs += 110_000;
    expect(dear()).toBe(spent);
    await openai.batches.cancel(poor.id);
  }, 30_000);

  it("go on after a restart, in a process of another number", async () => {
    lab.behave("a", silence());
    const made = await create(Array.from({ length: 12 }, (_, at) => line(at)));
    await lab.received("a", 8);
    await stop();
    lab.behave("a", healthy());
    await serve();
    const batch = await ended(made.id);
    expect(batch.request_counts).toEqual({ total: 12, completed: 12, failed: 0 });
    expect(new Set((await read(batch.output_file_id)).map(({ custom_id }) => custom_id)).size).toBe(12);
  });

  it("try a line again that a fault of the upstream failed", async () => {
    lab.script("a", [status(500), status(500), status(500), healthy()]);
    const made = await create([line(1)]);
    const tick = setInterval(() => {
      gateway.clock.nowMs += 60_000;
    }, 100);
    const batch = await ended(made.id);
    clearInterval(tick);
    expect(batch.request_counts).toEqual({ total: 1, completed: 1, failed: 0 });
  });

  it("belong to their client: others do not see them, and lines keep its rules", async () => {
    const mine = await clients.add({ name: "mine", rules: { models: ["a"] } });
    const theirs = await clients.add({ name: "theirs", rules: {} });
    const by = (key: string) => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
    const made = await create([line(1)], {}, "/v1/chat/completions", by(mine.key));
    const batch = await ended(made.id, by(mine.key));
    await expect(by(theirs.key).batches.retrieve(made.id)).rejects.toThrow(/no batch/);
    await expect(by(theirs.key).files.content(batch.output_file_id ?? "")).rejects.toThrow(/no file/);
    await expect(by(theirs.key).files.retrieve(batch.input_file_id)).rejects.toThrow(/no file/);
    expect((await by(theirs.key).batches.list()).data).toEqual([]);
    expect((await by(mine.key).batches.list()).data).toHaveLength(1);
    const refused = await ended(
      (await create([line(1, { model: "few" })], {}, "/v1/chat/completions", by(mine.key))).id,
      by(mine.key),
    );
    expect(refused.errors?.data?.[0]?.message).toContain("may not use");
    lab.behave("a", silence());
    const left = await create([line(1), line(2)], {}, "/v1/chat/completions", by(mine.key));
    await lab.received("a", 3);
    await clients.revoke("mine");
    await stop();
    await serve();
    const gone = await ended(left.id);
    expect((await read(gone.error_file_id)).map(({ error }) => error?.code)).toEqual([
      "client_gone",
      "client_gone",
    ]);
  });

  it("are listed page by page, the newest first", async () => {
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      gateway.clock.nowMs += 1_000;
      ids.unshift((await create([line(at)])).id);
    }
    const listed: string[] = [];
    for await (const batch of openai.batches.list({ limit: 2 })) listed.push(batch.id);
    expect(listed).toEqual(ids);
    const files: string[] = [];
    for await (const file of openai.files.list({ limit: 2 })) files.push(file.id);
    expect(files).toHaveLength(5);
  });
});

describe("files", () => {
  it("are given back as they came, deleted, and expire", async () => {
    const text = jsonl([line("ä"), line("日本")]);
    const file = await openai.files.create({
      file: await toFile(Buffer.from(text), "in.jsonl"),
      purpose: "batch",
      expires_after: { anchor: "created_at", seconds: 3_600 },
    });
    expect(file).toMatchObject({ filename: "in.jsonl", bytes: Buffer.byteLength(text), status: "processed" });
    expect(await (await openai.files.content(file.id)).text()).toBe(text);
    expect(await openai.files.delete(file.id)).toMatchObject({ id: file.id, deleted: true });
    await expect(openai.files.retrieve(file.id)).rejects.toThrow(/no file/);
    const other = await upload(text);
    await store.sweep(gateway.clock.nowMs + 31 * 86_400_000);
    await expect(openai.files.retrieve(other.id)).rejects.toThrow(/no file/);
  });

  it("are encrypted on disk", async () => {
    await ended((await create([line("a-very-visible-secret")])).id);
    await stop();
    for (const suffix of ["", "-wal"]) {
      const text = readSafely(join(folder, `records.db${suffix}`));
      expect(text.includes("Question a-very-visible-secret")).toBe(false);
    }
    await serve();
  });

  it("that are too large, or find no room, are refused with what to do", async () => {
    await stop();
    await serve({ fileBytes: 1_000_000, allBytes: 1_500_000 });
    await expect(upload("x".repeat(1_000_001))).rejects.toThrow(/HEADGATE_BATCH_FILE_BYTES/);
    await upload("x".repeat(900_000));
    await expect(upload("x".repeat(900_000))).rejects.toThrow(/HEADGATE_BATCH_MAX_BYTES/);
  });
});

const readSafely = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
};

describe("Anthropic's message batches", () => {
  const request = (
    id: number | string,
    params: object = {},
  ): Anthropic.Messages.BatchCreateParams.Request => ({
    custom_id: `r-${id}`,
    params: { model: "c", max_tokens: 20, messages: [{ role: "user", content: `Hello ${id}` }], ...params },
  });
  const over = async (id: string): Promise<Anthropic.Messages.MessageBatch> => {
    let batch = await anthropic.messages.batches.retrieve(id);
    await expect
      .poll(
        async () => {
          batch = await anthropic.messages.batches.retrieve(id);
          return batch.processing_status;
        },
        { timeout: 15_000, interval: 50 },
      )
      .toBe("ended");
    return batch;
  };
  const results = async (id: string): Promise<Anthropic.Messages.MessageBatchIndividualResponse[]> => {
    const all: Anthropic.Messages.MessageBatchIndividualResponse[] = [];
    for await (const one of await anthropic.messages.batches.results(id)) all.push(one);
    return all;
  };

  it("run through Anthropic's SDK unchanged, on any provider", async () => {
    const made = await anthropic.messages.batches.create({
      requests: [request(1), request(2, { model: "a" }), request(3, { model: "nothing-like-it" })],
    });
    expect(made).toMatchObject({
      type: "message_batch",
      processing_status: "in_progress",
      results_url: null,
    });
    const batch = await over(made.id);
    expect(batch.request_counts).toEqual({
      processing: 0,
      succeeded: 2,
      errored: 1,
      canceled: 0,
      expired: 0,
    });
    const [first, second, third] = await results(made.id);
    for (const one of [first, second]) {
      const { result } = one ?? {};
      expect(result?.type === "succeeded" && result.message.content[0]).toMatchObject({ type: "text" });
    }
    expect(third?.result).toMatchObject({ type: "errored", error: { error: { type: "not_found_error" } } });
    expect(await anthropic.messages.batches.delete(made.id)).toMatchObject({ type: "message_batch_deleted" });
    await expect(anthropic.messages.batches.retrieve(made.id)).rejects.toThrow(/no message batch/);
  });

  it("are cancelled and listed", async () => {
    lab.behave("c", silence());
    const made = await anthropic.messages.batches.create({ requests: [1, 2].map((id) => request(id)) });
    await lab.received("c", 2);
    await expect(anthropic.messages.batches.delete(made.id)).rejects.toThrow(/cancel it first/);
    expect((await anthropic.messages.batches.cancel(made.id)).processing_status).toBe("canceling");
    await stop();
    await serve();
    expect((await over(made.id)).request_counts.canceled).toBe(2);
    expect((await results(made.id)).map(({ result }) => result.type)).toEqual(["canceled", "canceled"]);
    const listed: string[] = [];
    for await (const batch of anthropic.messages.batches.list()) listed.push(batch.id);
    expect(listed).toEqual([made.id]);
  });

  it("refuse double ids and requests that are none", async () => {
    const create = (requests: unknown) => anthropic.messages.batches.create({ requests: requests as never });
    await expect(create([request(1), request(1)])).rejects.toThrow(/requests\.1\.custom_id/);
    await expect(create([])).rejects.toThrow(/not empty/);
    await expect(create([{ custom_id: "a b", params: {} }])).rejects.toThrow(/custom_id/);
  });
});

describe("headgate batch", () => {
  const run = (...args: string[]) =>
    runHeadgate(["batch", ...args, "--url", gateway.url, "--root", process.cwd()], folder, {
      HEADGATE_API_KEY: CLIENT_KEY,
    });
  const write = (name: string, lines: readonly (object | string)[]) =>
    writeFileSync(join(folder, name), jsonl(lines));

  it("runs a file of bodies, says when it arrives, and writes the answers in order", async () => {
    write(
      "in.jsonl",
      [1, 2, 3].map((n) => ({ messages: [{ role: "user", content: `Question ${n}` }] })),
    );
    const { code, stderr } = await run("run", "in.jsonl", "--out", "out.jsonl", "--model", "few");
    expect(stderr).toContain("3 lines: less than a minute on free tiers");
    expect(stderr).toContain("3 of 3 lines are in out.jsonl");
    expect(code).toBe(0);
    const output = readFileSync(join(folder, "out.jsonl"), "utf8").trim().split("\n");
    expect(output.map((one) => (JSON.parse(one) as OutputLine).custom_id)).toEqual([
      "line-1",
      "line-2",
      "line-3",
    ]);
    expect((await run("list")).stdout).toMatch(/batch_\S+ +completed +3 +3 +0/);
    expect(readdirSync(folder).filter((name) => name.startsWith("out.jsonl."))).toEqual([]);
  }, 30_000);

  it("names the lines that are wrong, and runs the others where that is wanted", async () => {
    write("in.jsonl", [line(1), "{oops", line(3, { model: "nothing-like-it" })]);
    const refused = await run("run", "in.jsonl", "--out", "out.jsonl");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Line 2 cannot be run: it is no JSON");
    expect(refused.stderr).toContain("Line 3 cannot be run: The model");
    expect(refused.stderr).toContain("--skip-invalid");
    const skipped = await run("run", "in.jsonl", "--out", "out.jsonl", "--skip-invalid");
    expect(skipped.code).toBe(1);
    expect(skipped.stderr).toContain("1 of 3 lines are in out.jsonl, and the 2 that failed");
    expect(readFileSync(join(folder, "out.jsonl"), "utf8").trim().split("\n")).toHaveLength(3);
  }, 30_000);

  it("goes on with the batch that an interrupted run began", async () => {
    lab.behave("a", silence());
    write("in.jsonl", [line(1), line(2)]);
    const child = spawn(
      process.execPath,
      [
        HEADGATE,
        "batch",
        "run",
        "in.jsonl",
        "--out",
        "out.jsonl",
        "--url",
        gateway.url,
        "--root",
        process.cwd(),
      ],
      {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder, HEADGATE_API_KEY: CLIENT_KEY },
        stdio: "pipe",
      },
    );
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const exited = new Promise((done) => child.once("close", done));
    await lab.received("a", 2);
    await expect.poll(() => readdirSync(folder), { timeout: 10_000 }).toContain("out.jsonl.headgate-batch");
    await openai.batches.list();
    child.kill("SIGINT");
    expect(await exited).toBe(130);
    expect(stderr).toContain("goes on in the gateway");
    await stop();
    lab.behave("a", healthy());
    await serve();
    const second = await run("run", "in.jsonl", "--out", "out.jsonl");
    expect(second.stderr).toContain("which an earlier run of this command began");
    expect(second.code).toBe(0);
    expect((await openai.batches.list()).data).toHaveLength(1);
  }, 40_000);

  it("says what is wrong with its options and its file", async () => {
    write("in.jsonl", [line(1)]);
    expect((await run("run", "none.jsonl", "--out", "o")).stderr).toContain("there is no file");
    expect((await run("run", "in.jsonl", "--out", "o", "--spend", "much")).stderr).toContain(
      "--spend must be",
    );
    expect((await run("run", "in.jsonl", "--out", "o", "--by", "soon")).stderr).toContain("--by must be");
    expect((await run("cancel", "batch_x")).stderr).toContain("There is no batch");
  }, 30_000);
});

it("are not there where they are off", async () => {
  await gateway.close();
  gateway = await startGateway([{ id: "first", baseUrl: lab.baseUrl, models: [{ alias: "a" }] }]);
  expect((await gateway.fetch("/v1/batches")).status).toBe(404);
});
