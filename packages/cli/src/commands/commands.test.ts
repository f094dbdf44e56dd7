import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RoutingTable } from "@headgate/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { draftProvider } from "../new-provider.ts";
import { runMain } from "../testing/run-main.ts";

/** Commands on a small catalogue, with the real compiler. */
describe("on a catalogue", () => {
  let root = "";
  const run = (args: string, env: Record<string, string> = {}) =>
    runMain(args.split(" "), { cwd: root, env });
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const provider = (id: string): string =>
    draftProvider({ id, tier: "free", adapter: "openai-compatible", model: "big", date: "2026-01-02" }).yaml;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "headgate-commands-"));
    put("providers/acme/provider.yaml", provider("acme"));
    put("providers/bolt/provider.yaml", provider("bolt"));
    put(
      "fallbacks/fallbacks.json",
      '{\n  "chains": {\n    "acme-big": ["bolt-big"],\n    "bolt-big": []\n  }\n}\n',
    );
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const breakIt = (): void =>
    put("providers/acme/provider.yaml", provider("acme").replace("tier: free", "teir: free"));

  describe("validate", () => {
    it("passes, and prints the number of files and models", async () => {
      const { code, stdout } = await run("validate");
      expect(stdout).toMatch(/^no problems in 3 files \(2 providers, 2 models\)\n$/);
      expect(code).toBe(0);
    });

    it("fails with the place, the suggestion and the fix, without an escape code", async () => {
      breakIt();
      const { code, stdout } = await run("validate");
      expect(code).toBe(1);
      expect(stdout).toMatch(/providers\/acme\/provider\.yaml:\d+:\d+ HG\d+ unknown-key error/);
      expect(stdout).toContain("`tier`");
      expect(stdout).toMatch(/why: .+\n.*fix: /);
      expect(stdout).not.toContain("\u001b");
    });

    it("colours with FORCE_COLOR, unless --no-color is given anywhere", async () => {
      breakIt();
      expect((await run("validate", { FORCE_COLOR: "1" })).stdout).toContain("\u001b[");
      expect((await run("validate --no-color", { FORCE_COLOR: "1" })).stdout).not.toContain("\u001b[");
    });

    it("prints only the document as json and sarif", async () => {
      breakIt();
      const json = await run("validate --format json");
      const { diagnostics } = JSON.parse(json.stdout) as { diagnostics: { slug: string }[] };
      expect(diagnostics.map(({ slug }) => slug)).toContain("unknown-key");
      const sarif = await run("validate --format sarif");
      expect(JSON.parse(sarif.stdout)).toMatchObject({ version: "2.1.0" });
      expect([json.code, sarif.code]).toEqual([1, 1]);
    });

    it("annotates lines for GitHub", async () => {
      breakIt();
      expect((await run("validate --format github")).stdout).toMatch(
        /^::error file=providers\/acme\/provider\.yaml,line=\d+/m,
      );
    });

    it("exits 0 on warnings, and 1 with --strict", async () => {
      put("fallbacks/fallbacks.json", '{ "chains": { "acme-big": ["bolt-big"] } }');
      const relaxed = await run("validate");
      expect(relaxed.stdout).toContain("warning");
      expect(relaxed.code).toBe(0);
      expect((await run("validate --strict")).code).toBe(1);
    });

    it("validates another root", async () => {
      const { code } = await runMain(["validate", "--root", root], { cwd: tmpdir() });
      expect(code).toBe(0);
    });
  });

  describe("build", () => {
    const table = (path = ".headgate/active/routing.json"): RoutingTable =>
      JSON.parse(read(path)) as RoutingTable;

    it("writes the table of this .env and holds no key in it", async () => {
      put(".env", "ACME=1\nACME_API_KEY=test-key-of-acme\n");
      const { code, stderr } = await run("build");
      expect(code).toBe(0);
      expect(stderr).toContain("wrote .headgate/active (1 provider, 1 model");
      expect(table().deployments.map(({ alias }) => alias)).toEqual(["acme-big"]);
      expect(read(".headgate/active/routing.json")).not.toContain("test-key-of-acme");
    });

    it("writes elsewhere, for another .env", async () => {
      put("other.env", "BOLT=1\nBOLT_API_KEY=test-key\n");
      expect((await run("build --env-file other.env --out out")).code).toBe(0);
      expect(table("out/routing.json").providers.map(({ id }) => id)).toEqual(["bolt"]);
      expect(existsSync(join(root, "generated"))).toBe(false);
    });

    it("writes into the state directory that the option, or the env file, names", async () => {
      put("other.env", "BOLT=1\nBOLT_API_KEY=test-key\nHEADGATE_STATE_DIR=of-bolt\n");
      await run("build --env-file other.env");
      expect(table("of-bolt/active/routing.json").providers.map(({ id }) => id)).toEqual(["bolt"]);
      await run("build --env-file other.env --state-dir here");
      expect(existsSync(join(root, "here/active/routing.json"))).toBe(true);
      expect(existsSync(join(root, ".headgate"))).toBe(false);
    });

    it("prints the table alone with --out -, and writes no file", async () => {
      put(".env", "ACME=1\nACME_API_KEY=test-key\n");
      const { code, stdout } = await run("build --out -");
      expect(code).toBe(0);
      expect((JSON.parse(stdout) as RoutingTable).providers.map(({ id }) => id)).toEqual(["acme"]);
      expect(existsSync(join(root, ".headgate"))).toBe(false);
      expect((await run("build --out - --format json")).stderr).toContain("--format");
    });

    it("keeps the old table when the catalogue breaks", async () => {
      put(".env", "ACME=1\nACME_API_KEY=test-key\n");
      await run("build");
      const before = read(".headgate/active/routing.json");
      breakIt();
      const { code, stdout, stderr } = await run("build");
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain("unknown-key");
      expect(read(".headgate/active/routing.json")).toBe(before);
    });

    it("keeps the old table when a flag has a wrong value", async () => {
      put(".env", "ACME=perhaps\n");
      const { code, stderr } = await run("build");
      expect(code).toBe(1);
      expect(stderr).toContain("ACME");
      expect(existsSync(join(root, ".headgate/active/routing.json"))).toBe(false);
    });

    it("warns where .env and the shell differ, and never shows a key", async () => {
      put(".env", "ACME=1\nACME_API_KEY=test-key-in-the-file\n");
      const { code, stderr } = await run("build", { ACME_API_KEY: "test-key-in-the-shell" });
      expect(code).toBe(0);
      expect(stderr).toContain("ACME_API_KEY");
      expect(stderr).not.toMatch(/test-key-in-the/);
    });
  });

  describe("providers and explain", () => {
    beforeEach(() => put(".env", "ACME=1\nACME_API_KEY=test-key\n"));

    it("print active providers, and what inactive ones lack", async () => {
      const { code, stdout } = await run("providers");
      expect(code).toBe(0);
      expect(stdout).toMatch(/^acme +free +ACME +1 key +1 +active$/m);
      expect(stdout).toMatch(/^bolt +free +BOLT +missing +1 +off: set BOLT=1/m);
      expect(JSON.parse((await run("providers --json")).stdout)).toMatchObject([
        { provider: "acme", active: true, keys: 1 },
        { provider: "bolt", active: false, keys: 0 },
      ]);
    });

    it("print the candidates of an alias, and suggest a name for an unknown one", async () => {
      expect((await run("explain acme-big")).stdout).toContain("1.  acme-big  acme/big  free  ACME_API_KEY");
      expect(JSON.parse((await run("explain acme-big --json")).stdout)).toMatchObject({
        candidates: [{ alias: "acme-big" }],
        leftOut: [{ alias: "bolt-big", reason: "inactive" }],
      });
      expect(await run("explain acme-bik")).toMatchObject({
        code: 1,
        stderr: "headgate: no model is called acme-bik; did you mean acme-big?\n",
      });
      expect((await run("explain acme-big --needs wings")).code).toBe(2);
    });

    it("print the findings and exit 1 when the catalogue has errors", async () => {
      breakIt();
      for (const command of ["providers", "explain acme-big"]) {
        const { code, stdout, stderr } = await run(command);
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr).toContain("unknown-key");
      }
    });
  });

  describe("new provider", () => {
    it("writes what the wire needs, an alias that says the name once, and no chain where there is a usual one", async () => {
      const chains =
        '{ "chains": { "acme-big": [], "bolt-big": [] }, "default": { "chat": { "free": [] } } }';
      put("fallbacks/fallbacks.json", chains);
      const { stdout } = await run(
        "new provider crux --adapter anthropic --model org/crux-7b --base-url https://api.crux.example",
      );
      expect(stdout).toContain("crux-7b falls back as chat models of the tier free do");
      expect(read("fallbacks/fallbacks.json")).toBe(chains);
      const yaml = read("providers/crux/provider.yaml");
      expect(yaml).toContain("adapter: anthropic\n");
      expect(yaml).toContain("auth: { scheme: header, header: x-api-key }\n");
      expect(yaml).toContain("alias: crux-7b\n");
      expect(await run("validate --strict")).toMatchObject({ code: 0 });
    });

    it("writes a fragment and a chain that validate", async () => {
      const { code, stdout } = await run(
        "new provider cargo-one --base-url https://cargo.example/v1/ --model org/x:free",
      );
      expect(code).toBe(0);
      expect(stdout).toContain("wrote providers/cargo-one/provider.yaml");
      expect(stdout).toContain("CARGO_ONE=1 and CARGO_ONE_API_KEY=…");
      expect(read("fallbacks/fallbacks.json")).toContain('    "bolt-big": [],\n    "cargo-one-x-free": []\n');
      expect(await run("validate --strict")).toMatchObject({ code: 0 });
    });

    it.each(["free", "subscription", "paid", "local"])(
      "drafts a %s provider that validates",
      async (tier) => {
        await run(`new provider cargo --tier ${tier}`);
        expect(await run("validate --strict")).toMatchObject({ code: 0 });
      },
    );

    it("drafts an Ollama of one's own whose models Headgate loads and unloads", async () => {
      await run("new provider shed --adapter ollama --model qwen3:4b");
      expect(await run("validate --strict")).toMatchObject({ code: 0 });
      const text = read("providers/shed/provider.yaml");
      expect(text).toMatch(/tier: local\n/);
      expect(text).toMatch(/base_url: "?http:\/\/127\.0\.0\.1:11434"?\n/);
      expect(text).toMatch(/local:\n {2}driver: ollama\n/);
      expect(text).toMatch(/models_env: SHED_OFFER\n/);
    });

    it("never overwrites", async () => {
      const before = read("providers/acme/provider.yaml");
      expect(await run("new provider acme")).toMatchObject({ code: 1, stdout: "" });
      expect(read("providers/acme/provider.yaml")).toBe(before);
    });
  });

  describe("key", () => {
    it("prints the same key every time, and keeps it readable by its owner only", async () => {
      const { code, stdout, stderr } = await run("key --state-dir state");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^hg-[A-Za-z0-9_-]{43}\n$/);
      expect(read("state/client-key")).toBe(stdout);
      expect((await run("key --state-dir state")).stdout).toBe(stdout);
    });

    it("prints HEADGATE_API_KEY where that is set, and creates none then", async () => {
      put(".env", "HEADGATE_API_KEY=test-key-from-the-file\n");
      expect((await run("key")).stdout).toBe("test-key-from-the-file\n");
      expect((await run("key", { HEADGATE_API_KEY: "test-key-from-the-shell" })).stdout).toBe(
        "test-key-from-the-shell\n",
      );
      expect(existsSync(join(root, ".headgate"))).toBe(false);
    });
  });
});
