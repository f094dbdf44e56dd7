import { describe, expect, it } from "vitest";
import { OPTIONS, readOptions } from "./options.ts";

describe("readOptions", () => {
  it("gives the documented defaults for an empty environment", () => {
    expect(readOptions({})).toEqual({
      problems: [],
      options: {
        host: "127.0.0.1",
        port: 4000,
        stateDir: ".headgate",
        overlayDir: "overlay",
        page: "on",
        dataDir: ".data",
        logLevel: "info",
        keepAliveMs: 15_000,
        maxAttempts: 20,
        ollamaNoKey: "0",
        litellmHeaders: "0",
        recordBodies: "off",
        refresh: "off",
        logFormat: "auto",
        tracesSample: 1,
        webhookForm: "auto",
        recordsKeepDays: 30,
        recordsMaxBytes: 1_073_741_824,
        cache: "off",
        cacheTtlMs: 604_800_000,
        cacheMaxBytes: 268_435_456,
        batches: "on",
        batchConcurrency: 8,
        batchFileBytes: 209_715_200,
        batchMaxBytes: 2_147_483_648,
        batchKeepDays: 30,
        backgroundWaitMs: 600_000,
        drainTimeoutMs: 30_000,
        maxBodyBytes: 52_428_800,
        memoryBudget: 536_870_912,
        maxResponseBytes: 104_857_600,
        responsesTtlMs: 86_400_000,
        responsesMaxBytes: 67_108_864,
        workers: 1,
        probes: "free",
        probeIntervalMs: 600_000,
        contextHandoff: "off",
        contentFilter: "stop",
      },
    });
  });

  it("reports every bad value at once, and keeps the default", () => {
    const { options, problems } = readOptions({
      HEADGATE_PORT: "70000",
      HEADGATE_CONNECT_TIMEOUT_MS: "5s",
      HEADGATE_REQUEST_TIMEOUT_MS: "0",
      HEADGATE_LOG: "loud",
      HEADGATE_PROBES: "often",
      HEADGATE_WORKERS: "65",
    });
    expect(problems.map((problem) => problem.env).sort()).toEqual([
      "HEADGATE_CONNECT_TIMEOUT_MS",
      "HEADGATE_LOG",
      "HEADGATE_PORT",
      "HEADGATE_PROBES",
      "HEADGATE_REQUEST_TIMEOUT_MS",
      "HEADGATE_WORKERS",
    ]);
    expect(options.port).toBe(4000);
    expect(options.logLevel).toBe("info");
  });

  it("knows a timeout only where the operator set a valid one", () => {
    expect(readOptions({ HEADGATE_STREAM_IDLE_TIMEOUT_MS: "30000" }).options.streamIdleTimeoutMs).toBe(
      30_000,
    );
    for (const bad of ["", " ", "soon", "0"])
      expect(readOptions({ HEADGATE_STREAM_IDLE_TIMEOUT_MS: bad }).options).not.toHaveProperty(
        "streamIdleTimeoutMs",
      );
  });

  it("refuses a timeout that setTimeout would turn into no timeout", () => {
    expect(readOptions({ HEADGATE_REQUEST_TIMEOUT_MS: "2147483648" }).problems).toHaveLength(1);
  });

  it("names every option HEADGATE_…, each once", () => {
    const names = Object.values(OPTIONS).map((option) => option.env);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^HEADGATE_[A-Z_]+$/);
  });
});

describe("each option", () => {
  const SAMPLES: Record<string, string> = {
    text: "any text",
    secret: "s3cret",
    path: "/srv/headgate",
    level: "debug",
    port: "0",
    "duration-ms": "1",
    bytes: "1",
    count: "64",
    days: "3650",
    spend: "5usd/day",
    origins: "https://chat.example.org,*",
    hosts: "gateway.example.org",
    url: "http://localhost:8080",
    hook: "https://hooks.example.org/T00/x",
    share: "0.01",
  };

  it.each(Object.entries(OPTIONS))("%s is read from its variable, without space around it", (name, spec) => {
    const asked = "choices" in spec ? (spec.choices.at(-1) ?? "") : (SAMPLES[spec.kind] ?? "");
    const { options, problems } = readOptions({ [spec.env]: ` ${asked} ` });
    expect(problems).toEqual([]);
    const read = new Map<string, unknown>(Object.entries(options)).get(name);
    // The model map is read by the compiler, the address to publish on by Docker Compose.
    if (name !== "modelMap" && name !== "publish") expect(String(read)).toBe(asked);
    expect(readOptions({ [spec.env]: " " })).toEqual(readOptions({}));
  });

  it.each([
    ["HEADGATE_PORT", "0", "65535", "-1", "65536"],
    ["HEADGATE_CONNECT_TIMEOUT_MS", "1", "2147483647", "0", "2147483648"],
    ["HEADGATE_MAX_BODY_BYTES", "1", "9007199254740991", "0", "9007199254740992"],
    ["HEADGATE_WORKERS", "1", "64", "0", "65"],
  ])("%s may be from %s to %s, not %s or %s, nor anything but a whole number", (env, least, most, ...bad) => {
    for (const value of [least, most]) expect(readOptions({ [env]: value }).problems).toEqual([]);
    for (const value of [...bad, "1.5", "1e1", "0x1", "x1", "1x", "one"])
      expect(readOptions({ [env]: value }), value).toMatchObject({
        problems: [{ env, message: expect.stringContaining(`from ${least} to ${most}, not "${value}"`) }],
        options: readOptions({}).options,
      });
  });

  it.each([
    ["HEADGATE_LOG", ["silent", "error", "warn", "info", "debug"]],
    ["HEADGATE_PROBES", ["off", "free", "all"]],
    ["HEADGATE_CONTEXT_HANDOFF", ["off", "on-switch"]],
    ["HEADGATE_CONTENT_FILTER", ["stop", "next"]],
  ])("%s is one of %j", (env, choices) => {
    for (const choice of choices) expect(readOptions({ [env]: choice }).problems).toEqual([]);
    expect(readOptions({ [env]: "other" })).toMatchObject({
      problems: [{ env, message: expect.stringContaining(`${choices.join(", ")}, not "other"`) }],
      options: readOptions({}).options,
    });
  });

  it("that has no default is absent where nothing sets it", () => {
    const { options } = readOptions({});
    expect(readOptions({ HEADGATE_SPEND_LIMIT: "5eur/day" })).toEqual({
      options,
      problems: [{ env: "HEADGATE_SPEND_LIMIT", message: expect.stringContaining('not "5eur/day"') }],
    });
    for (const name of ["spendLimit", "databaseUrl", "recordsOtlp", "apiKey", "redisUrl", "vramBudget"])
      expect(options).not.toHaveProperty(name);
  });

  it("is described, and a secret is marked as one", () => {
    for (const { description } of Object.values(OPTIONS)) expect(description.length).toBeGreaterThan(20);
    const secrets = Object.values(OPTIONS).flatMap(({ kind, env }) => (kind === "secret" ? [env] : []));
    expect(secrets).toEqual([
      "HEADGATE_API_KEY",
      "HEADGATE_SECRET",
      "HEADGATE_REDIS_URL",
      "HEADGATE_DATABASE_URL",
      "HEADGATE_WEBHOOK_SECRET",
    ]);
  });

  it("of a webhook's address shows none of it: with most services it is the secret", () => {
    const { problems } = readOptions({ HEADGATE_WEBHOOK_URL: "hooks.example.org/T00/x" });
    expect(problems).toEqual([{ env: "HEADGATE_WEBHOOK_URL", message: "must be an http or https address" }]);
  });
});
