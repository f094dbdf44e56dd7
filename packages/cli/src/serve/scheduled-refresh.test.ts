import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelHost, startLab } from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type RefreshPeriod,
  type RefreshRun,
  refreshCommand,
  ScheduledRefresh,
} from "./scheduled-refresh.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const REPORT = {
  code: 0,
  stdout: JSON.stringify({ providers: [{ added: [1], gone: [], changed: [1, 2] }], written: true }),
  stderr: "",
};
let stateDir: string;
let nowMs: number;
let runs: number;
let lines: string[];

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "headgate-scheduled-"));
  nowMs = 1_800_000_000_000;
  runs = 0;
  lines = [];
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const scheduled = (period: RefreshPeriod, answer: () => Promise<RefreshRun> = async () => REPORT) =>
  new ScheduledRefresh({
    period,
    stateDir,
    nowMs: () => nowMs,
    log: {
      info: (text, fields) => void lines.push(`${text} ${JSON.stringify(fields)}`),
      warn: (text) => void lines.push(text),
    },
    run: () => {
      runs += 1;
      return answer();
    },
  });

describe("HEADGATE_REFRESH", () => {
  it.each([
    ["daily", 1],
    ["weekly", 7],
  ] as const)("%s runs once, and again after its period, also in the next gateway", async (period, days) => {
    await scheduled(period).look();
    await scheduled(period).look();
    expect(runs).toBe(1);
    nowMs += days * DAY_MS - 1;
    await scheduled(period).look();
    expect(runs).toBe(1);
    nowMs += 1;
    await scheduled(period).look();
    expect(runs).toBe(2);
    expect(lines[0]).toBe(
      'looked at the providers\' lists of models {"providers":1,"new":1,"gone":0,"changed":2,"written":true}',
    );
  });

  it("is off by default, and waits for its first minute", async () => {
    const off = scheduled("off");
    off.begin(0);
    await off.look();
    await off.close();
    const weekly = scheduled("weekly");
    weekly.begin();
    await weekly.close();
    expect(runs).toBe(0);
  });

  it("runs where the last run is of the future, or its file is damaged", async () => {
    for (const text of [JSON.stringify({ atMs: nowMs + DAY_MS }), "{", '{"atMs":"x"}']) {
      await scheduled("daily").look();
      writeFileSync(join(stateDir, "refresh/last-run.json"), text);
      await scheduled("daily").look();
    }
    expect(runs).toBe(4);
    expect(JSON.parse(readFileSync(join(stateDir, "refresh/last-run.json"), "utf8"))).toEqual({
      atMs: nowMs,
    });
  });

  it("says that it failed, and tries again only after its period", async () => {
    const failing = scheduled("daily", async () => ({
      code: 1,
      stdout: "",
      stderr: "first\nno provider is active\n",
    }));
    await failing.look();
    await failing.look();
    expect(lines).toEqual([
      "models refresh failed (exit code 1); headgate models refresh shows why: no provider is active",
    ]);
  });

  it("writes what a provider's list says now to the overlay, by a process of its own", async () => {
    await using lab = await startLab();
    const facts = { output: 2, contextTokens: 8192, maxOutputTokens: 4096, tools: true };
    const host = modelHost({ form: "together", models: [{ id: "a", input: 3, ...facts }] });
    lab.behave("*", host.behaviour);
    lab.behave("/acme/v1/models", host.behaviour);
    const root = join(stateDir, "root");
    for (const folder of ["providers/acme", "fallbacks"]) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(
      join(root, "providers/acme/provider.yaml"),
      "name: Acme\nsummary: For tests.\ntier: paid\nbase_url: https://acme.example/v1\n" +
        'sources:\n  - { what: all, from: us, date: "2026-01-02" }\nmodels:\n  - alias: acme-a\n    upstream: a\n    operation: chat\n' +
        "    context_tokens: 8192\n    price: { input: 1, output: 2, date: 2026-01-02, source: its page }\n",
    );
    writeFileSync(join(root, "fallbacks/fallbacks.json"), '{ "chains": { "acme-a": [] } }\n');
    const env = {
      PATH: process.env.PATH,
      ACME: "1",
      ACME_API_KEY: "test-key",
      ACME_BASE_URL: `${lab.url}/acme/v1`,
    };
    const command = refreshCommand({ cwd: root, env }, ["--root", root, "--state-dir", stateDir]);
    const real = new ScheduledRefresh({
      period: "weekly",
      stateDir,
      nowMs: () => nowMs,
      log: {
        info: (text, fields) => void lines.push(`${text} ${JSON.stringify(fields)}`),
        warn: (text) => void lines.push(text),
      },
      run: command,
    });
    await real.look();
    expect(lines).toEqual([
      'looked at the providers\' lists of models {"providers":1,"new":0,"gone":0,"changed":1,"written":true}',
    ]);
    expect(readFileSync(join(root, "overlay/providers/acme/provider.yaml"), "utf8")).toContain("input: 3");
  });
});
