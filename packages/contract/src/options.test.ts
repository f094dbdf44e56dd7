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
        dataDir: ".data",
        logLevel: "info",
        connectTimeoutMs: 5_000,
        firstTokenTimeoutMs: 60_000,
        streamIdleTimeoutMs: 30_000,
        requestTimeoutMs: 600_000,
        drainTimeoutMs: 30_000,
        maxBodyBytes: 52_428_800,
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

  it("refuses a timeout that setTimeout would turn into no timeout", () => {
    expect(readOptions({ HEADGATE_REQUEST_TIMEOUT_MS: "2147483648" }).problems).toHaveLength(1);
  });

  it("names every option HEADGATE_…, each once", () => {
    const names = Object.values(OPTIONS).map((option) => option.env);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^HEADGATE_[A-Z_]+$/);
  });
});
