/** `headgate models refresh`: prices, windows, the change log, and lists without a key. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  behaviour,
  byKey,
  type HostFormId,
  type Lab,
  type ModelHost,
  modelHost,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runMain } from "../testing/run-main.ts";

const KEY = "test-key-good";
let root: string;
let lab: Lab;
let host: ModelHost;

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const MODELS = ["a", "b", "c", "d", "e", "f"];
const fragment = (tier = "paid"): string =>
  `name: Acme\nsummary: For tests.\ntier: ${tier}\nbase_url: https://acme.example/v1\n` +
  'sources:\n  - { what: all, from: us, date: "2026-01-02" }\nmodels:\n' +
  MODELS.map(
    (id) =>
      `  - alias: acme-${id}\n    upstream: ${id}\n    operation: chat\n    context_tokens: 8192\n    max_output_tokens: 4096\n` +
      "    price: { input: 1, output: 2, cache_read: 0.5, date: 2026-01-02, source: its page }\n",
  ).join("");
const begin = (form: HostFormId, tier?: string): void => {
  host = modelHost({
    form,
    models: MODELS.map((id) => ({
      id,
      input: 1,
      output: 2,
      contextTokens: 8192,
      maxOutputTokens: 4096,
      tools: true,
    })),
  });
  lab.behave("*", host.behaviour);
  lab.behave("/acme/v1/models", host.behaviour);
  put("providers/acme/provider.yaml", fragment(tier));
};
const env = () => ({ ACME: "1", ACME_API_KEY: KEY, ACME_BASE_URL: `${lab.url}/acme/v1` });
const refresh = (args: string, variables: Record<string, string> = env()) =>
  runMain(["models", "refresh", ...args.split(" ").filter((one) => one !== "")], {
    cwd: root,
    env: variables,
  });

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "headgate-facts-"));
  put("fallbacks/fallbacks.json", '{ "chains": {}, "default": { "chat": ["acme-a"] } }\n');
  lab = await startLab();
});
afterEach(async () => {
  await lab.close();
  rmSync(root, { recursive: true });
});

it("writes a new price with its day and source, and a new window; the cache's price holds while the prompt's does", async () => {
  begin("deepinfra");
  host.change("a", { output: 3 });
  host.change("b", { input: 2 });
  host.change("c", { contextTokens: 2048 });
  expect((await refresh("--catalogue --yes")).code).toBe(0);
  const day = new Date().toISOString().slice(0, 10);
  const source = '"the list of acme, by headgate models refresh"';
  const text = read("providers/acme/provider.yaml");
  expect(text.split("\n").filter((line) => line.includes(source.slice(1, -1)))).toEqual([
    `    price: { input: 1, output: 3, cache_read: 0.5, date: ${day}, source: ${source} }`,
    `    price: { input: 2, output: 2, date: ${day}, source: ${source} }`,
  ]);
  // An answer is not longer than the window.
  expect(text).toContain(
    "    upstream: c\n    operation: chat\n    context_tokens: 2048\n    max_output_tokens: 2048\n",
  );
});

it("writes to the overlay, and finds nothing to do afterwards", async () => {
  begin("openrouter");
  host.change("a", { input: 1.5, cacheRead: 0.1, contextTokens: 16_384 });
  expect((await refresh("--update --yes")).stdout).toContain(
    "~ acme-a: price $1 / $2 → $1.5 / $2, cached $0.1",
  );
  expect(read("overlay/providers/acme/provider.yaml")).toMatch(
    /acme-a:\n {4}context_tokens: 16384\n {4}price: \{ input: 1\.5, output: 2, cache_read: 0\.1, date/,
  );
  expect((await refresh("--update --yes")).stdout).toContain("The fragments are up to date.");
});

it.each([
  ["a price in cents", { input: 100 }, "more likely another unit"],
  ["a price that is gone", { input: 0, output: 0 }, "costs nothing"],
  ["a window of nothing", { contextTokens: 7 }, "more likely a mistake"],
])("does not take over %s", async (_, change, reason) => {
  begin("together");
  host.change("a", change);
  const { stdout } = await refresh("");
  expect(stdout).toContain(reason);
  expect(stdout).toContain("The fragments are up to date.");
});

it("retires with the day on which a model was last listed", async () => {
  begin("groq");
  host.retire("f");
  put(".headgate/refresh/seen.json", '{ "acme": { "f": "2026-11-02", "e": "long ago" }, "other": 7 }');
  await refresh("--catalogue --yes");
  expect(read("providers/acme/retired.yaml")).toContain("retired: { date: 2026-11-02,");
  const { acme } = JSON.parse(read(".headgate/refresh/seen.json")) as { acme: Record<string, string> };
  expect(acme.f).toBe("2026-11-02");
  expect(acme.e).toBe(new Date().toISOString().slice(0, 10));
});

it("logs each change once, and shows those since a day", async () => {
  begin("deepinfra");
  host.change("a", { input: 2 });
  await refresh("");
  await refresh("");
  const day = new Date().toISOString().slice(0, 10);
  const { stdout, code } = await refresh(`--since ${day}`);
  expect(code).toBe(0);
  expect(stdout.trim().split("\n")).toHaveLength(2);
  expect(stdout).toMatch(new RegExp(`${day} +acme +acme-a +price +\\$1 / \\$2 +\\$2 / \\$2`));
  expect((await refresh("--since 2099-01-01")).stdout).toBe("No change is logged since 2099-01-01.\n");
  expect((await refresh("--since yesterday")).code).toBe(2);
});

it("reads the list of a provider that is off without a key, and deprecates what it lacks; the key is never made up", async () => {
  begin("together");
  host.retire("f");
  host.change("a", { input: 2 });
  const off = { ACME_BASE_URL: `${lab.url}/acme/v1` };
  const keys: string[] = [];
  const { plan } = host.behaviour;
  const watched = behaviour("watched", (request) => {
    keys.push(request.key);
    return plan(request);
  });
  lab.behave("*", watched);
  lab.behave("/acme/v1/models", watched);
  const { code, stdout } = await refresh("--all --catalogue --yes", off);
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(". acme-f (f): it is not listed"),
  });
  const text = read("providers/acme/provider.yaml");
  expect(text).toMatch(/upstream: f\n.*operation: chat\n.*deprecated: \{ date: 20.*replaced_by: acme-a \}/);
  expect(text).toContain("price: { input: 2, output: 2,");
  expect(keys).toEqual([""]);
});

it("tells of a list that needs a key, and of one that lacks half of the models", async () => {
  begin("openai");
  const off = { ACME_BASE_URL: `${lab.url}/acme/v1` };
  lab.behave("/acme/v1/models", byKey({ [KEY]: host.behaviour }, status(401)));
  expect((await refresh("--all", off)).stdout).toContain("its list cannot be read");
  for (const id of ["d", "e", "f"]) host.retire(id);
  lab.behave("/acme/v1/models", host.behaviour);
  const { stdout } = await refresh("--all", off);
  expect(stdout).toContain("3 of 6 models would be deprecated at once");
  expect(stdout).toContain("The fragments are up to date.");
});
