/** The commands of clients and of the operator's key, beside a gateway and without one. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startLab } from "@headgate/upstream-lab";
import { afterEach, beforeEach, expect, it } from "vitest";
import { stringify } from "yaml";
import { clientKeyOf, headgate, makeRoot, removeRoot, runHeadgate, startServe } from "./support/serve.ts";

let root: string;
beforeEach(() => {
  root = makeRoot();
});
afterEach(() => removeRoot(root));
const clients = (...args: string[]): string => headgate(["clients", ...args, "--root", root]);

// Slow: processes of their own.
it("apply a file: adds, changes, names what is wrong, and changes nothing when it is applied again", async () => {
  mkdirSync(join(root, "overlay"));
  const file = join(root, "overlay", "clients.yaml");
  const put = (list: object): void => writeFileSync(file, stringify({ clients: list }));
  put({ cline: { models: ["free-mode"], rpm: 30, expires: "90d" }, agent: { tier: "free" } });
  expect(clients("apply", file)).toMatch(/^added cline: hgk-.*\nadded agent: hgk-/);
  expect(clients("apply")).toBe("everything is as the file says");
  put({ cline: { models: ["free-mode", "auto"], expires: "90d" } });
  expect(clients("apply", file)).toBe("changed cline\nnot in the file: agent (--prune revokes them)");
  expect(JSON.parse(clients("show", "cline", "--json"))).toMatchObject({
    rules: { models: ["free-mode", "auto"] },
  });
  expect(JSON.parse(clients("show", "cline", "--json")).rules).not.toHaveProperty("rpm");
  expect(clients("apply", file, "--prune")).toBe("revoked agent");
  put({ cline: { models: ["fre-mode"] } });
  const run = await runHeadgate(["clients", "apply", file, "--root", root], root);
  expect(run.stderr).toMatch(
    /clients\.yaml: cline: no model or group is named "fre-mode": did you mean free-mode\?/,
  );
  writeFileSync(file, "{");
  expect((await runHeadgate(["clients", "apply", file, "--root", root], root)).stderr).toMatch(
    /cannot be read as YAML/,
  );
}, 120_000);

it("follow the overlay's clients.yaml while a gateway runs, which prints no key", async () => {
  mkdirSync(join(root, "overlay"));
  const file = join(root, "overlay", "clients.yaml");
  writeFileSync(file, "clients:\n  cline: { models: [free-mode], rpm: 30 }\n");
  const gateway = await startServe(root);
  try {
    const rules = (): unknown => (JSON.parse(clients("show", "cline", "--json")) as { rules: unknown }).rules;
    await gateway.logged("added cline; headgate clients rotate cline --grace 0 prints its key");
    expect(rules()).toEqual({ models: ["free-mode"], rpm: 30 });
    writeFileSync(file, "clients:\n  cline: { models: [fre-mode], rpm: 60 }\n");
    expect(await gateway.logged("did you mean free-mode?")).toContain("clients.yaml cannot be applied");
    writeFileSync(file, "clients:\n  cline: { models: [free-mode], rpm: many }\n");
    expect(await gateway.logged("the gateway keeps the old routing table")).toContain("HG603");
    expect(rules()).toEqual({ models: ["free-mode"], rpm: 30 });
    writeFileSync(file, "clients:\n  cline: { models: [free-mode], rpm: 60 }\n");
    await gateway.logged("changed cline");
    expect(rules()).toEqual({ models: ["free-mode"], rpm: 60 });
    const key = clients("rotate", "cline", "--grace", "0");
    const ask = async (): Promise<number> =>
      (await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    await expect.poll(ask, { timeout: 5_000, interval: 200 }).toBe(200);
    expect(gateway.errors()).not.toContain("hgk-");
  } finally {
    gateway.child.kill("SIGTERM");
    await gateway.exited;
  }
}, 120_000);

it("say that each machine has its own list where only limits are shared", async () => {
  const run = await runHeadgate(["clients", "add", "a", "--root", root], root, {
    HEADGATE_REDIS_URL: "redis://127.0.0.1:1",
  });
  expect(run.stdout).toMatch(/^hgk-/);
  expect(run.stderr).toMatch(/this machine has its own list of clients.*HEADGATE_DATABASE_URL/);
}, 60_000);

it("rotate the operator's key of a running gateway: the new one within a second, the old one for the grace period", async () => {
  const lab = await startLab();
  writeFileSync(
    join(root, ".env"),
    `CUSTOM=1\nCUSTOM_1_BASE_URL=${lab.baseUrl}\nCUSTOM_1_API_KEY=k\nCUSTOM_1_MODELS=m\n`,
  );
  const gateway = await startServe(root);
  const status = async (key: string): Promise<number> =>
    (await fetch(`${gateway.url}/admin/clients`, { headers: { authorization: `Bearer ${key}` } })).status;
  const old = clientKeyOf(root);
  const next = headgate(["key", "--rotate", "--grace", "1h", "--root", root]);
  expect(clientKeyOf(root)).toBe(next);
  await expect.poll(() => status(next), { timeout: 5_000, interval: 200 }).toBe(200);
  expect(await status(old)).toBe(200);
  const last = headgate(["key", "--rotate", "--grace", "0", "--root", root]);
  await expect.poll(() => status(last), { timeout: 5_000, interval: 200 }).toBe(200);
  expect(await status(next)).toBe(401);
  expect(await status(old)).toBe(401);
  const set = await runHeadgate(["key", "--rotate", "--root", root], root, {
    HEADGATE_API_KEY: "x".repeat(40),
  });
  expect(set.stderr).toMatch(/the key is HEADGATE_API_KEY; change it where it is set/);
  gateway.child.kill("SIGTERM");
  await gateway.exited;
  await lab.close();
}, 120_000);
