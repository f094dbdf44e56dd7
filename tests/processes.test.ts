/** Gateways of one checkout: each serves its own .env, also where both start at the same moment on one state directory. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clientAt, clientKeyOf, makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

const KEY = "hg-test-client-key-0123456789-abcdefghij";
const PAIRS = 2;

let lab: Lab;
let root: string;
const running: Running[] = [];

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(() => {
  root = makeRoot(["groq", "cerebras", "demo"]);
  put("groq.env", `GROQ=1\nGROQ_API_KEY=test-key\nGROQ_BASE_URL=${lab.baseUrl}\n`);
  put("cerebras.env", `CEREBRAS=1\nCEREBRAS_API_KEY=test-key\nCEREBRAS_BASE_URL=${lab.baseUrl}\n`);
});
afterEach(async () => {
  await stopAll();
  removeRoot(root);
});

const put = (path: string, text: string): void => writeFileSync(join(root, path), text);

async function stopAll(): Promise<void> {
  for (const { child } of running) child.kill("SIGKILL");
  await Promise.all(running.map(({ exited }) => exited));
  running.length = 0;
}

async function serve(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const gateway = await startServe(root, args, { HEADGATE_API_KEY: KEY, HEADGATE_PROBES: "off", ...env });
  running.push(gateway);
  return gateway;
}

/** Both are spawned in one turn of the event loop. */
const servePair = (
  argsOf: (name: string) => readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Running[]> =>
  Promise.all(
    ["groq", "cerebras"].map((name) =>
      serve(["--env-file", join(root, `${name}.env`), ...argsOf(name)], env),
    ),
  );

/** The providers whose models the gateway lists; groups are the gateway's own. */
async function providersOf(gateway: Running): Promise<string[]> {
  const { data } = await clientAt(gateway, KEY).models.list();
  return [...new Set(data.map(({ owned_by }) => owned_by))].filter((owner) => owner !== "headgate").sort();
}

describe("a state directory that cannot be made", () => {
  it.each([
    ["--state-dir", (path: string) => serve(["--state-dir", path])],
    ["HEADGATE_STATE_DIR", (path: string) => serve([], { HEADGATE_STATE_DIR: path })],
  ] as const)("of %s is an error before anything is compiled", async (_from, start) => {
    put("file", "");
    const path = join(root, "file", "state");
    // The start would print this fragment's error if it compiled first.
    put("providers/groq/provider.yaml", "surprise: 1\n");
    const failed = await start(path).catch((error: unknown) => String(error));
    expect(failed).toContain(
      `headgate: the state directory ${path} cannot be made: ${join(root, "file")} is a file; name a folder`,
    );
    expect(failed).not.toContain("surprise");
  });
});

describe("a second gateway on one state directory", () => {
  const joins = (gateway: Running): string | undefined =>
    /Joins (\S+) on one state directory/.exec(gateway.out)?.[1];

  it("names those that run already, and none that was stopped or killed", async () => {
    const first = await serve([]);
    const second = await serve([]);
    expect([joins(first), joins(second)]).toEqual([undefined, first.url]);
    expect(second.out).toContain("one account of this machine's memory");
    first.child.kill("SIGTERM");
    await first.exited;
    second.child.kill("SIGKILL");
    await second.exited;
    expect(joins(await serve([]))).toBeUndefined();
    expect(readdirSync(join(root, ".headgate")).filter((name) => name.endsWith(".json"))).toHaveLength(1);
  });

  it("joins one with workers, and has the same client key", async () => {
    const first = await serve([], { HEADGATE_WORKERS: "2", HEADGATE_API_KEY: "" });
    const second = await serve([], { HEADGATE_API_KEY: "" });
    expect(joins(second)).toBe(first.url);
    const listed = await clientAt(first, clientKeyOf(root)).models.list();
    expect(listed.data.map(({ id }) => id)).toEqual(
      (await clientAt(second, clientKeyOf(root)).models.list()).data.map(({ id }) => id),
    );
  });
});

describe("two gateways of one checkout with different env files, started at the same moment", () => {
  const oneDirectory = (): readonly string[] => [];
  const ownDirectory = (name: string): readonly string[] => ["--state-dir", join(root, `state-${name}`)];

  it.each([
    ["share one state directory", oneDirectory, {}],
    ["have a state directory each", ownDirectory, {}],
    ["run workers", ownDirectory, { HEADGATE_WORKERS: "2" }],
  ] as const)(
    "serve their own models where they %s",
    async (_where, argsOf, env) => {
      for (let pair = 0; pair < PAIRS; pair += 1) {
        const gateways = await servePair(argsOf, env);
        expect(await Promise.all(gateways.map(providersOf))).toEqual([["groq"], ["cerebras"]]);
        await stopAll();
      }
    },
    120_000,
  );

  it("keep their own models when a fragment that both serve changes", async () => {
    const gateways = await servePair(oneDirectory);
    const path = join(root, "providers", "groq", "provider.yaml");
    writeFileSync(path, `# a remark\n${readFileSync(path, "utf8")}`);
    put("groq.env", `${readFileSync(join(root, "groq.env"), "utf8")}DEMO=1\n`);
    put("cerebras.env", `${readFileSync(join(root, "cerebras.env"), "utf8")}DEMO=1\n`);
    await Promise.all(gateways.map((gateway) => gateway.logged("applied the change")));
    expect(await Promise.all(gateways.map(providersOf))).toEqual([
      ["demo", "groq"],
      ["cerebras", "demo"],
    ]);
  }, 60_000);
});
