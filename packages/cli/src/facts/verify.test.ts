/** `headgate facts verify` against twins of hosts: strict ones, and ones that drifted. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type Lab,
  type ModelHost,
  type ModelHostOptions,
  modelHost,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runMain } from "../testing/run-main.ts";
import type { Finding } from "./findings.ts";

const KEY = "sk-live-Abc123Def456Ghi789";
let root: string;
let lab: Lab;
let host: ModelHost;

interface Report {
  readonly ok: boolean;
  readonly calls: number;
  readonly facts: readonly Finding[];
  readonly written: readonly string[];
  readonly stopped?: string;
}

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const begin = (options: Partial<ModelHostOptions> = {}, { tier = "free", more = "" } = {}): void => {
  host = modelHost({
    form: "openai",
    models: ["a", "b", "c"].map((id) => ({
      id,
      input: 1,
      output: 2,
      contextTokens: 8192,
      maxOutputTokens: 4096,
      tools: true,
    })),
    ...options,
  });
  lab.behave("*", host.behaviour);
  lab.behave("/acme/v1/models", host.behaviour);
  put(
    "providers/acme/provider.yaml",
    `name: Acme\nsummary: For tests.\ntier: ${tier}\nbase_url: https://acme.example/v1\ndialect: { drop: [logprobs] }\n${more}` +
      'sources:\n  - { what: all, from: us, date: "2026-01-02" }\nmodels:\n' +
      ["a", "b", "c"]
        .map(
          (id) =>
            `  - alias: acme-${id}\n    upstream: ${id}\n    operation: chat\n    context_tokens: 8192\n` +
            "    max_output_tokens: 4096\n    capabilities: [tools]\n" +
            "    price: { input: 1, output: 2, date: 2026-01-02, source: its page }\n",
        )
        .join(""),
  );
};
const verify = async (args = "--yes"): Promise<Report & { code: number }> => {
  const env = { ACME: "1", ACME_API_KEY: KEY, ACME_BASE_URL: `${lab.url}/acme/v1` };
  const ran = await runMain(["facts", "verify", "acme", "--json", ...args.split(" ")], { cwd: root, env });
  expect(ran.stdout + ran.stderr).not.toContain(KEY.slice(3, 12));
  if (ran.stdout === "") throw new Error(ran.stderr);
  return { ...(JSON.parse(ran.stdout) as Report), code: ran.code };
};
const states = (facts: readonly Finding[], state: Finding["state"]): string[] =>
  facts
    .filter((one) => one.state === state)
    .map(({ alias, fact, seen = "" }) => `${alias} ${fact} ${seen}`.trim());
const posts = (): number => lab.requests.filter(({ method }) => method === "POST").length;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "headgate-verify-"));
  put("fallbacks/fallbacks.json", '{ "chains": {}, "default": { "chat": ["acme-a"] } }\n');
  lab = await startLab();
});
afterEach(async () => {
  await lab.close();
  rmSync(root, { recursive: true });
});

describe("facts verify", () => {
  it("confirms what is so, fact by fact", async () => {
    begin({ refuses: ["logprobs"] });
    const { code, ok, facts, calls } = await verify();
    expect({ code, ok, calls }).toEqual({ code: 0, ok: true, calls: 11 });
    expect(states(facts, "contradicted")).toEqual([]);
    expect(states(facts, "confirmed")).toEqual([
      ...["a", "b", "c"].flatMap((id) => [
        `acme-${id} id`,
        `acme-${id} longest answer by a call`,
        `acme-${id} tools yes`,
        ...(id === "a" ? ["acme-a field logprobs refused"] : []),
      ]),
      "acme error of an unknown model model_gone",
    ]);
    expect(states(facts, "not tested")).toEqual(["a", "b", "c"].map((id) => `acme-${id} price`));
  });

  it("contradicts a provider that drifted, and writes the edit and the refusals without the key", async () => {
    begin({
      form: "deepinfra",
      refuses: ["logprobs"],
      remark: ({ key }) => `(sent with ${key} by jane.roe@example.org from 203.0.113.9)`,
    });
    host.rename("a", "a-2512");
    host.change("b", { contextTokens: 4096, maxOutputTokens: 2048, input: 3, tools: false });
    host.refuse("seed");
    const { code, facts, written } = await verify("--yes --contribute out");
    expect(code).toBe(1);
    expect(states(facts, "contradicted")).toEqual([
      "acme-a id gone",
      "acme-b window 4096",
      "acme-b longest answer 2048",
      "acme-b price $3 / $2",
      "acme-b tools no",
      "acme field seed refused",
    ]);
    expect(written).toEqual([
      "out/providers/acme/provider.yaml",
      "out/providers/acme/retired.yaml",
      "out/providers/acme/fixtures/exchanges.json",
    ]);
    const texts = readdirSync(root, { recursive: true, encoding: "utf8" })
      .map((path) => join(root, path))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
    for (const secret of [KEY, KEY.slice(3, 12), "jane.roe", "203.0.113.9"])
      expect(texts).not.toContain(secret);
    const { dialect, models } = parse(readFileSync(join(root, "out/providers/acme/provider.yaml"), "utf8"));
    expect(dialect).toEqual({ drop: ["logprobs", "seed"] });
    expect(models).toMatchObject([
      {
        alias: "acme-b",
        context_tokens: 4096,
        max_output_tokens: 2048,
        capabilities: [],
        price: { input: 3 },
      },
      { alias: "acme-c", context_tokens: 8192, max_output_tokens: 4096, capabilities: ["tools"] },
    ]);
    const { errors, requests } = JSON.parse(
      readFileSync(join(root, "out/providers/acme/fixtures/exchanges.json"), "utf8"),
    );
    expect(errors).toContainEqual(
      expect.objectContaining({ basis: "recorded", status: 404, class: "model_gone" }),
    );
    expect(requests).toMatchObject([{ proves: ["drop"], asked: { seed: 1 }, dropped: ["seed"] }]);
    // What is written is a catalogue that validates.
    for (const file of ["provider.yaml", "retired.yaml", "fixtures/exchanges.json"])
      put(`providers/acme/${file}`, readFileSync(join(root, `out/providers/acme/${file}`), "utf8"));
    const validated = await runMain(["validate"], { cwd: root });
    expect(validated.code, validated.stdout + validated.stderr).toBe(0);
    expect(validated.stdout + validated.stderr).not.toContain("HG37");
  });

  it("calls no paid model above --spend, and says what each call may cost", async () => {
    begin({}, { tier: "paid" });
    const { facts, calls } = await verify();
    // A model that nothing has costs nothing.
    expect({ calls, posts: posts() }).toEqual({ calls: 1, posts: 1 });
    expect(facts.find(({ fact }) => fact === "tools")?.why).toBe(
      "it may cost $0.0007, and --spend allows $0",
    );
    expect((await verify("--yes --again --spend 0.001")).calls).toBe(5);
    expect((await verify("--yes --again --spend 1")).calls).toBe(11);
  });

  it("asks before it calls", async () => {
    begin();
    const env = { ACME: "1", ACME_API_KEY: KEY, ACME_BASE_URL: `${lab.url}/acme/v1` };
    const { code, stderr } = await runMain(["facts", "verify", "acme"], { cwd: root, env });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("asks before it calls, and there is no terminal for it; add --yes"),
    });
    expect(lab.requests).toEqual([]);
  });

  it("goes on where it ended, and starts anew with --again or another fragment", async () => {
    begin();
    expect((await verify("--yes --calls 4")).calls).toBe(4);
    const { calls, facts } = await verify();
    expect({ calls, posts: posts() }).toEqual({ calls: 7, posts: 11 });
    expect(states(facts, "confirmed")).toContain("acme-a id");
    expect((await verify()).calls).toBe(0);
    expect((await verify("--yes --again")).calls).toBe(11);
    const path = join(root, "providers/acme/provider.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace("context_tokens: 8192", "context_tokens: 9000"));
    expect((await verify()).calls).toBe(11);
  });

  it("takes half of the day's requests at most, and ends at a limit", async () => {
    const limit = { amount: 10, unit: "requests", window: "day", scope: "account" };
    begin({}, { more: `limits: [${JSON.stringify(limit)}]\n` });
    expect(await verify()).toMatchObject({ calls: 5, stopped: "5 requests were made, which is the bound" });
    lab.behave("b", status(429, { message: "Rate limit reached", retryAfterS: 60 }));
    const { calls, stopped } = await verify("--yes --again");
    expect({ calls, stopped }).toEqual({ calls: 2, stopped: expect.stringContaining("Rate limit reached") });
  });

  it("compares limits in headers with those that are stated", async () => {
    const limit = { amount: 30, unit: "requests", window: "minute", scope: "account" };
    begin(
      { limits: { style: "openrouter", requestsLimit: 20 } },
      { more: `limits: [${JSON.stringify(limit)}]\n` },
    );
    expect(states((await verify()).facts, "contradicted")).toContain("acme-a limit requests 20");
  });

  it.each([
    ["acne", "no provider is called acne"],
    ["acme", "acme is not active"],
  ])("says why %s cannot be checked", async (id, message) => {
    begin();
    const { code, stderr } = await runMain(["facts", "verify", id, "--yes"], { cwd: root });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
  });
});
