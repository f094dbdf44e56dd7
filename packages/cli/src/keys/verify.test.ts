import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Behaviour,
  behaviour,
  byKey,
  cloudflareBlock,
  compressed,
  concurrencyCap,
  createGate,
  errorIn200,
  googleBadKey,
  healthy,
  type Lab,
  modelMissing,
  openRouterDailyCap,
  openRouterUserNotFound,
  quotaSpent,
  silence,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main } from "../main.ts";
import { draftProvider } from "../new-provider.ts";
import { runMain } from "../testing/run-main.ts";
import type { KeyRow, Skipped } from "./row.ts";

const KEY = "test-key-good";
const text = (code: number, body: string): Behaviour =>
  behaviour("text", () => [
    { kind: "head", status: code, headers: { "content-length": String(body.length) } },
    { kind: "bytes", bytes: Buffer.from(body) },
  ]);

describe("headgate keys verify", () => {
  let root = "";
  let lab: Lab;
  const env: Record<string, string> = {};

  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  /** A provider whose base URL lies in the lab below its own id. */
  const add = (id: string, more: { adapter?: string; tier?: "free" | "local"; yaml?: string } = {}): void => {
    const { adapter = "openai-compatible", tier = "free", yaml = "" } = more;
    const draft = draftProvider({ id, tier, adapter, model: `${id}-model`, date: "2026-01-02" });
    put(`providers/${id}/provider.yaml`, draft.yaml + yaml);
    env[draft.flag] = "1";
    if (draft.keyVar !== undefined) env[draft.keyVar] = KEY;
    env[`${draft.flag}_BASE_URL`] = `${lab.url}/${id}/v1`;
  };
  const run = (args = "") => runMain(`keys verify ${args}`.trim().split(" "), { cwd: root, env });
  const verify = async (args = "") => {
    const ran = await run(`--json ${args}`.trim());
    expect(ran.stdout + ran.stderr).not.toMatch(/test-key/);
    const { ok, keys, skipped } = JSON.parse(ran.stdout) as {
      ok: boolean;
      keys: KeyRow[];
      skipped: Skipped[];
    };
    expect(ran.code).toBe(ok ? 0 : 1);
    return { ok, keys, skipped, first: keys[0] };
  };
  const listing = (id: string): string => `/${id}/v1/models`;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "headgate-keys-"));
    for (const name of Object.keys(env)) delete env[name];
    put("fallbacks/fallbacks.json", '{ "chains": {} }\n');
    lab = await startLab();
    add("acme");
  });
  afterEach(async () => {
    await lab.close();
    rmSync(root, { recursive: true });
  });

  it("reports a key as OK by the listing alone where the listing requires a key", async () => {
    lab.behave(listing("acme"), byKey({ [KEY]: healthy() }));
    const { ok, first } = await verify();
    expect(ok).toBe(true);
    expect(first).toEqual({ provider: "acme", key: "ACME_API_KEY", state: "OK", remedy: "", by: "listing" });
    expect(lab.requests.map(({ method }) => method)).toEqual(["GET", "GET"]);
  });

  it("sends its user agent, so Cloudflare lets it pass", async () => {
    lab.behave(listing("acme"), cloudflareBlock(byKey({ [KEY]: healthy() })));
    expect((await verify()).ok).toBe(true);
    expect(new Set(lab.requests.map(({ headers }) => headers["user-agent"]))).toEqual(
      new Set([expect.stringMatching(/^headgate\/\d+\.\d+\.\d+$/)]),
    );
  });

  it.each<[string, Behaviour]>([
    ["answers without a key", healthy()],
    ["is not there", status(404)],
    ["is forbidden to the key", status(403)],
    ["is a page", text(200, "<html>hello</html>")],
  ])("requests one token where the listing %s", async (_, behaves) => {
    lab.behave(listing("acme"), behaves);
    lab.behave("acme-model", byKey({ [KEY]: healthy() }));
    expect((await verify()).first).toMatchObject({ state: "OK", by: "chat" });
    const chat = lab.requests.find(({ method }) => method === "POST");
    expect(chat?.body).toMatchObject({ max_tokens: 1, stream: false });

    lab.behave("acme-model", byKey({ other: healthy() }));
    expect((await verify()).first).toMatchObject({ state: "DEAD", by: "chat" });
  });

  const onListing: [string, Behaviour, Partial<KeyRow>, RegExp][] = [
    ["401", status(401), { state: "DEAD", class: "dead_key", status: 401 }, /new key .* into ACME_API_KEY/],
    [
      "a quoted key",
      status(401, { message: `${KEY} is bad` }),
      { state: "DEAD", message: "[key] is bad" },
      /new/,
    ],
    ["402", status(402), { state: "NOFUNDS", class: "out_of_credit" }, /add credit .* ACME=0/],
    ["spent credit behind a 429", quotaSpent(), { state: "NOFUNDS" }, /waiting does not help/],
    [
      "an insufficient balance",
      status(429, { message: "insufficient balance" }),
      { state: "NOFUNDS" },
      /credit/,
    ],
    ["429", status(429, { retryAfterS: 7 }), { state: "QUOTA", class: "rate_limit" }, /resets in 7 s/],
    ["the end of a day", openRouterDailyCap(), { state: "QUOTA", class: "daily_quota" }, /key works/],
    ["Google's bad key", googleBadKey(), { state: "DEAD", status: 400 }, /new key/],
    [
      "Cloudflare's 1010",
      text(403, "error code: 1010"),
      { state: "CONFIG", class: "permission" },
      /User-Agent/,
    ],
    ["a redirect", status(301), { state: "CONFIG", status: 301 }, /check ACME_BASE_URL/],
    ["an outage", status(503), { state: "CONFIG", class: "overloaded" }, /later/],
  ];
  it.each(onListing)("judges %s by its listing, without a chat", async (_, behaves, expected, remedy) => {
    lab.behave(listing("acme"), behaves);
    const { first } = await verify();
    expect(first).toMatchObject({ ...expected, by: "listing", key: "ACME_API_KEY" });
    expect(first?.remedy).toMatch(remedy);
    expect(lab.requests).toHaveLength(1);
  });

  const onChat: [string, Behaviour, Partial<KeyRow>][] = [
    [
      "an error inside a 200",
      errorIn200({ message: "insufficient balance", code: 402 }),
      { state: "NOFUNDS" },
    ],
    ["a model that is gone", modelMissing(), { state: "CONFIG", class: "model_gone" }],
    ["a page for an answer", text(200, "<html>hello</html>"), { state: "CONFIG", class: "malformed" }],
  ];
  it.each(onChat)("judges %s", async (_, behaves, expected) => {
    lab.behave("acme-model", behaves);
    expect((await verify()).first).toMatchObject({ ...expected, by: "chat" });
  });

  it("reads OpenRouter's 401 as a limit by the fragment's rule, and prints its reason", async () => {
    const why = "a backend is limiting";
    const rule = `\nerrors:\n  - { status: 401, contains: User not found, class: rate_limit, why: ${why} }\n`;
    add("router", { yaml: rule });
    lab.behave("router-model", openRouterUserNotFound());
    const { first } = await verify("--provider router");
    expect(first).toMatchObject({ provider: "router", state: "QUOTA", by: "chat", status: 401 });
    expect(first?.remedy).toContain(why);
  });

  it("prints no key that the provider quotes, escaped in JSON or cut by a long message included", async () => {
    env.ACME_API_KEY = "test-key/slashed";
    lab.behave(listing("acme"), text(401, '{"error":{"message":"test-key\\/slashed is bad"}}'));
    expect((await verify()).first?.message).toBe("[key] is bad");
    lab.behave(listing("acme"), text(401, `{"error":{"message":"${"word ".repeat(58)}test-key/slashed"}}`));
    expect((await verify()).first?.state).toBe("DEAD");
  });

  it("sends one request without a key for all keys of a provider", async () => {
    env.ACME_API_KEY_2 = "test-key-other";
    lab.behave(listing("acme"), byKey({ [KEY]: healthy(), "test-key-other": healthy() }));
    expect((await verify()).keys.map(({ state }) => state)).toEqual(["OK", "OK"]);
    expect(lab.requests).toHaveLength(3);
  });

  it("reads a compressed listing, and only the needed part of an endless one", async () => {
    lab.behave(listing("acme"), compressed({ encoding: "gzip" }, byKey({ [KEY]: healthy() })));
    expect((await verify()).first).toMatchObject({ state: "OK", by: "listing" });
    const endless = behaviour("endless", function* () {
      yield { kind: "head", status: 200, headers: {} };
      for (;;) yield { kind: "bytes", bytes: Buffer.alloc(1024 * 1024, "x") };
    });
    lab.behave(listing("acme"), endless);
    expect((await verify()).first).toMatchObject({ state: "OK", by: "chat" });
  });

  it("does not report a key as OK without proof", async () => {
    const path = "providers/acme/provider.yaml";
    const fragment = readFileSync(join(root, path), "utf8");
    put(path, fragment.replace("operation: chat", "operation: moderation"));
    const { first } = await verify();
    expect(first).toMatchObject({ state: "CONFIG", by: "listing" });
    expect(first?.message).toContain("answers without a key too");
  });

  it("judges each key of a provider on its own, and never tests two at once", async () => {
    env.ACME_API_KEY_2 = "test-key-dead";
    lab.behave(listing("acme"), concurrencyCap({ concurrent: 1 }, byKey({ [KEY]: healthy() })));
    const { keys, ok } = await verify();
    expect(keys.map(({ key, state }) => [key, state])).toEqual([
      ["ACME_API_KEY", "OK"],
      ["ACME_API_KEY_2", "DEAD"],
    ]);
    expect(ok).toBe(false);
    // Both keys, and one request without a key.
    expect(lab.requests).toHaveLength(3);
  });

  it("tests providers in parallel", async () => {
    const gate = createGate();
    add("bolt");
    for (const id of ["acme", "bolt"]) {
      lab.behave(listing(id), silence({ gate }, byKey({ [KEY]: healthy() })));
    }
    const verified = verify();
    await Promise.all([lab.received(listing("acme")), lab.received(listing("bolt"))]);
    expect(lab.open).toBe(2);
    gate.open();
    expect((await verified).keys.map(({ state }) => state)).toEqual(["OK", "OK"]);
  });

  it("reports a refused connection and a silent server as CONFIG, the latter within the timeout", async () => {
    env.ACME_BASE_URL = await lab.closedPort();
    add("bolt");
    env.BOLT_BASE_URL = await lab.blackHole();
    add("mute");
    lab.behave(listing("mute"), silence());
    const { keys } = await verify("--timeout-ms 50");
    expect(keys).toMatchObject([
      { provider: "acme", state: "CONFIG", class: "network", message: "connection refused" },
      { provider: "bolt", state: "CONFIG", class: "timeout" },
      { provider: "mute", state: "CONFIG", class: "timeout", message: "no answer within 50 ms" },
    ]);
    expect(keys[0]?.remedy).toContain("ACME_BASE_URL");
    expect(keys[1]?.remedy).toContain("--timeout-ms");
  });

  it("tests keyless and local providers too, by the listing alone", async () => {
    env.ACME = "0";
    add("mine", { tier: "local" });
    expect((await verify()).keys).toEqual([
      { provider: "mine", key: null, state: "OK", remedy: "", by: "listing" },
    ]);
    lab.behave(listing("mine"), status(401));
    expect((await verify()).first).toMatchObject({ key: null, state: "NOKEY" });
    env.MINE_BASE_URL = await lab.closedPort();
    expect((await verify()).first?.remedy).toBe("start the server, or set MINE_BASE_URL to its address");
  });

  it("finds the listing of every wire", async () => {
    env.ACME = "0";
    const paths = {
      anthropic: "/v1/models",
      gemini: "/v1/models",
      cohere: "/v1/models",
      ollama: "/v1/api/tags",
    };
    for (const [adapter, path] of Object.entries(paths)) {
      const id = `my-${adapter}`;
      add(id, { adapter });
      lab.behave(`/${id}${path}`, byKey({ [KEY]: healthy() }));
      if (adapter === "anthropic" || adapter === "gemini") {
        const header = adapter === "gemini" ? "x-goog-api-key" : "x-api-key";
        const { yaml } = draftProvider({
          id,
          tier: "free",
          adapter,
          model: `${id}-model`,
          date: "2026-01-02",
        });
        put(
          `providers/${id}/provider.yaml`,
          yaml.replace("scheme: bearer", `scheme: header\n  header: ${header}`),
        );
      }
    }
    const { keys } = await verify();
    expect(keys.map(({ state, by }) => `${state} ${by}`)).toEqual(Array(4).fill("OK listing"));
    const version = lab.requests.find(({ path }) => path.startsWith("/my-anthropic"))?.headers[
      "anthropic-version"
    ];
    expect(version).toBe("2023-06-01");
  });

  it("puts the account of an account:token key into the address, and prints neither", async () => {
    const { yaml } = draftProvider({
      id: "acme",
      tier: "free",
      adapter: "openai-compatible",
      model: "acme-model",
      date: "2026-01-02",
    });
    put("providers/acme/provider.yaml", `${yaml}auth: { scheme: account-token }\n`);
    env.ACME_BASE_URL = `${lab.url}/accounts/{account}/v1`;
    env.ACME_API_KEY = "test-key-account:test-key-token";
    lab.behave("/accounts/test-key-account/v1/models", status(401, { message: "test-key-token is bad" }));
    expect((await verify()).first).toMatchObject({ state: "DEAD", message: "[key] is bad" });
    expect(lab.requests[0]?.headers.authorization).toBe("Bearer test-key-token");
    env.ACME_API_KEY = "test-key-alone";
    expect((await verify()).first).toMatchObject({ key: "ACME_API_KEY", state: "CONFIG" });
  });

  it("reports problems that .env alone shows, and sends no request for them", async () => {
    delete env.ACME_API_KEY;
    add("bolt");
    env.BOLT_BASE_URL = "ftp://nowhere";
    add("cargo");
    env.CARGO_API_KEY = "test-key with a space";
    const { keys } = await verify();
    expect(keys).toMatchObject([
      {
        provider: "acme",
        key: "ACME_API_KEY",
        state: "NOKEY",
        remedy: "fill in ACME_API_KEY in .env, or set ACME=0",
      },
      { provider: "bolt", key: null, state: "CONFIG" },
      { provider: "cargo", key: "CARGO_API_KEY", state: "CONFIG" },
    ]);
    expect(keys[2]?.remedy).toContain("on one line");
    expect(lab.requests).toEqual([]);
  });

  it("skips a provider inside the gateway, with the reason", async () => {
    env.ACME = "0";
    put(
      "providers/demo/provider.yaml",
      "name: Demo\nsummary: Canned.\nflag: DEMO\ntier: local\nadapter: demo\nsources:\n  - { what: all, from: this repository, date: '2026-01-02' }\nmodels:\n  - { alias: demo-x, upstream: demo-x, operation: chat }\n",
    );
    env.DEMO = "1";
    const { code, stdout } = await run();
    expect(stdout).toBe(
      "demo was skipped: it runs inside the gateway and has no key\nThere is no key to test.\n",
    );
    expect(code).toBe(0);
  });

  it("prints a table, with progress on a terminal only", async () => {
    env.ACME_API_KEY_2 = "test-key-dead";
    lab.behave(listing("acme"), byKey({ [KEY]: healthy() }));
    const { code, stdout, stderr } = await run();
    expect(stdout).toMatch(
      /^PROVIDER {2}KEY +STATE {2}WHAT TO DO\nacme +ACME_API_KEY +OK\nacme +ACME_API_KEY_2 +DEAD +create/,
    );
    expect(stdout).toContain("\n1 of 2 keys OK\n");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });

    const shown: string[] = [];
    const stdoutHost = { write: () => true };
    const stderrHost = { isTTY: true, write: (line: string) => shown.push(line) };
    await main(["keys", "verify"], { env, cwd: () => root, stdout: stdoutHost, stderr: stderrHost });
    expect(shown).toEqual(["1 of 2 checked", "2 of 2 checked", ""].map((line) => `\r\u001b[2K${line}`));
  });

  it("tests one provider with --provider, and suggests a name for a mistyped one", async () => {
    add("bolt");
    expect((await verify("--provider bolt")).keys.map(({ provider }) => provider)).toEqual(["bolt"]);
    expect(await run("--provider blot")).toMatchObject({
      code: 1,
      stderr: "headgate: no provider is called blot; did you mean bolt?\n",
    });
    env.BOLT = "0";
    expect((await run("--provider bolt")).stderr).toBe("headgate: bolt is not active: set BOLT=1 in .env\n");
    expect((await run("--timeout-ms soon")).code).toBe(2);
  });

  it("stops at once at Ctrl-C", async () => {
    lab.behave(listing("acme"), silence());
    const bin = fileURLToPath(new URL("../../bin/headgate.js", import.meta.url));
    const args = ["--conditions=@headgate/source", bin, "keys", "verify"];
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: "ignore",
    });
    const exited = once(child, "exit");
    await lab.received(listing("acme"));
    child.kill("SIGINT");
    expect(await exited).toEqual([null, "SIGINT"]);
  });
});
