import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { byKey, healthy, type Lab, startLab } from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { draftProvider } from "./new-provider.ts";
import { runMain } from "./testing/run-main.ts";

const KEY = "test-key-good";

describe("headgate init", () => {
  let root = "";
  let lab: Lab;
  let env: Record<string, string> = {};
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const envText = (): string => readFileSync(join(root, ".env"), "utf8");
  const init = async (args: string, stdin: string) => {
    const ran = await runMain(`init ${args} --root ${root}`.split(/ +/), { cwd: root, env, stdin });
    expect(ran.stdout + ran.stderr).not.toContain("test-key");
    return ran;
  };

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "headgate-init-"));
    lab = await startLab();
    env = {};
    put("fallbacks/fallbacks.json", '{ "chains": {} }\n');
    for (const id of ["acme", "best"]) {
      const draft = draftProvider({
        id,
        tier: "free",
        adapter: "openai-compatible",
        model: `${id}-model`,
        date: "2026-01-02",
        baseUrl: `https://${id}.example/v1`,
      });
      put(`providers/${id}/provider.yaml`, draft.yaml);
      env[`${draft.flag}_BASE_URL`] = `${lab.url}/${id}/v1`;
      lab.behave(`/${id}/v1/models`, byKey({ [KEY]: healthy() }));
    }
    put(".env.example", "# Acme\nACME=0\nACME_API_KEY=\n# Best\nBEST=0\nBEST_API_KEY=\n");
  });
  afterEach(async () => {
    await lab.close();
    rmSync(root, { recursive: true });
  });

  it("asks which providers, checks each key, and writes an .env of the owner's own", async () => {
    const { code, stderr } = await init("", `acme, best\n${KEY}\n\n`);
    expect(code).toBe(0);
    expect(stderr).toContain("acme: the key works");
    expect(envText()).toBe(`# Acme\nACME=1\nACME_API_KEY=${KEY}\n# Best\nBEST=0\nBEST_API_KEY=\n`);
    expect(statSync(join(root, ".env")).mode & 0o777).toBe(0o600);
  });

  it("asks again after a key that does not work, and keeps it only when it is told to", async () => {
    const { stderr } = await init("acme", `test-key-bad\n${KEY}\n`);
    expect(stderr).toMatch(/acme DEAD: create a new key .* into ACME_API_KEY/);
    expect(envText()).toContain(`ACME_API_KEY=${KEY}\n`);
    await init("best", "test-key-bad\n\n");
    expect(envText()).toContain("BEST=1\nBEST_API_KEY=test-key-bad\n");
  });

  it("says so in one line where there is no network", async () => {
    await lab.close();
    const { stderr } = await init("acme", `${KEY}\n\n`);
    expect(stderr).toContain("acme cannot be reached, so the key is not checked; is there a network?");
    lab = await startLab();
  });

  it("keeps every other line of an .env that exists", async () => {
    put(".env", "# mine\nOTHER=1\nACME=0 # later\n");
    await init("acme", `${KEY}\n`);
    expect(envText()).toBe(`# mine\nOTHER=1\nACME=1 # later\nACME_API_KEY=${KEY}\n`);
  });

  it("changes nothing at the end of the input, and suggests a name for a slip", async () => {
    expect(await init("acmee", "")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("did you mean acme?"),
    });
    put(".env", "A=1\n");
    expect(await init("", "")).toMatchObject({ code: 0, stderr: expect.stringContaining("is as it was") });
    expect(envText()).toBe("A=1\n");
  });
});
