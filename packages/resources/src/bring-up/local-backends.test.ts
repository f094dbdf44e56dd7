/** Bringing backends up, over real programs and sockets; docker and nvidia-smi are answered for, since they are not here. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BringUp, ROUTING_FORMAT, type RoutingTable } from "@headgate/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalBackends } from "./local-backends.ts";
import type { Run } from "./requirements.ts";

let folder: string;
let backends: LocalBackends | undefined;
let logged: string[];
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headgate-local-"));
  logged = [];
});
afterEach(async () => {
  await backends?.close();
  backends = undefined;
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(port = 0): Promise<{ url: string; port: number; server: Server }> {
  const server = createServer((_, response) => response.end("ok"));
  await new Promise<void>((ready) => server.listen(port, "127.0.0.1", ready));
  servers.push(server);
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${taken}/v1`, port: taken, server };
}

/** A free port. */
async function freePort(): Promise<number> {
  const { port, server } = await listen();
  await new Promise((closed) => server.close(closed));
  return port;
}

const tableOf = (
  ...list: {
    driver?: "ollama";
    models?: readonly (readonly [upstream: string, bytes: number])[];
    id: string;
    baseUrl: string;
    bringUp: BringUp;
    device?: "cpu" | "cuda";
  }[]
): RoutingTable => ({
  format: ROUTING_FORMAT,
  fingerprint: "",
  providers: list.map(({ id, baseUrl, bringUp, driver = "process" as const }) => ({
    id,
    name: id,
    adapter: "openai-compatible",
    tier: "local",
    baseUrl,
    keyVars: [],
    headers: {},
    dialect: { drop: [], rename: {}, stripToolSchema: [] },
    timeouts: {},
    errors: [],
    limits: [],
    local: { driver, bringUp },
  })),
  deployments: list.flatMap(({ id, device = "cpu", models = [[id, 1]] }, provider) =>
    models.map(([upstream, bytes]) => ({
      provider,
      alias: upstream,
      upstream,
      operation: "chat" as const,
      tier: "local" as const,
      served: true,
      capabilities: [],
      limits: [],
      memory: { device, bytes, transientBytes: 0, loadMs: 1, concurrency: 1, options: {}, pinned: false },
    })),
  ),
  routes: [],
  inactive: [],
});

const program = (command: string, args: readonly string[], environment = {}): BringUp => ({
  way: "process",
  health: "/health",
  readyMs: 10_000,
  env: "BOX_BRING_UP",
  process: { command, args, environment, needs: [], inherit: [], install: "install box from its site" },
});
const container: BringUp = {
  way: "compose",
  service: "box",
  health: "/health",
  readyMs: 10_000,
  env: "BOX_BRING_UP",
};

const SERVE =
  'require("node:http").createServer((_, r) => r.end("ok")).listen(Number(process.argv[1]), process.argv[2])';

interface Called {
  readonly args: string;
}

/** Answers for docker and nvidia-smi by the first words of a call; what is not named fails. */
function machine(answers: Readonly<Record<string, string | (() => void)>>): { run: Run; calls: Called[] } {
  const calls: Called[] = [];
  const run: Run = async (file, args) => {
    const words = [file, ...args].join(" ");
    calls.push({ args: words });
    const key = Object.keys(answers).find((start) => words.includes(start));
    if (key === undefined) return { code: undefined, stdout: "", stderr: "" };
    const answer = answers[key];
    if (typeof answer === "function") {
      answer();
      return { code: 0, stdout: "", stderr: "" };
    }
    const text = answer ?? "";
    return text.startsWith("!")
      ? { code: 1, stdout: "", stderr: text.slice(1) }
      : { code: 0, stdout: text, stderr: "" };
  };
  return { run, calls };
}

function start(run: Run = machine({}).run, compose = true): LocalBackends {
  backends = new LocalBackends({
    say: (level, message) => logged.push(`${level} ${message}`),
    shell: { PATH: process.env.PATH, SECRET_API_KEY: "nope" },
    stateDir: join(folder, "state"),
    dataDir: join(folder, "data"),
    compose: compose ? { root: folder, envFile: undefined } : undefined,
    hidden: ["hidden-value"],
    timing: { pollMs: 10, backoffMs: 5, graceMs: 1000, maxFailures: 2 },
    run,
  });
  return backends;
}

const shown = (): string[] => logged.filter((line) => !line.startsWith("debug"));

describe("a program", () => {
  it("is started at the address, with its places filled in, and stopped when its flag goes off", async () => {
    const port = await freePort();
    const local = start();
    local.apply(
      tableOf({
        id: "box",
        baseUrl: `http://127.0.0.1:${port}/v1`,
        bringUp: program(process.execPath, ["-e", SERVE, "{port}", "{host}"]),
      }),
    );
    await local.settled();
    expect(shown()).toEqual([`info box: up at 127.0.0.1:${port}`]);
    expect(local.states.get("box")).toBe("up");
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    local.apply(tableOf());
    expect(local.states.size).toBe(0);
    await local.close();
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });

  it("stays as it is over a change of the table that does not concern it", async () => {
    const port = await freePort();
    const local = start();
    const box = {
      id: "box",
      baseUrl: `http://127.0.0.1:${port}/v1`,
      bringUp: program(process.execPath, ["-e", SERVE, "{port}", "{host}"]),
    };
    local.apply(tableOf(box));
    await local.settled();
    local.apply(
      tableOf(box, { id: "other", baseUrl: "http://127.0.0.1:9/v1", bringUp: { way: "external" } }),
    );
    await local.settled();
    expect(shown()).toHaveLength(1);
    const moved = await freePort();
    local.apply(tableOf({ ...box, baseUrl: `http://127.0.0.1:${moved}/v1` }));
    await local.settled();
    expect(shown().at(-1)).toBe(`info box: up at 127.0.0.1:${moved}`);
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });

  it("that runs already is used as it is, and not stopped", async () => {
    const { url, port } = await listen();
    const local = start();
    local.apply(
      tableOf({ id: "box", baseUrl: url, bringUp: program(process.execPath, ["-e", "process.exit(1)"]) }),
    );
    await local.settled();
    expect(shown()).toEqual([`info box: runs already at 127.0.0.1:${port}`]);
    await local.close();
    expect((await fetch(url)).status).toBe(200);
  });

  it("that is not installed is missed, with where to get it", async () => {
    const local = start();
    local.apply(
      tableOf({
        id: "box",
        baseUrl: `http://127.0.0.1:${await freePort()}`,
        bringUp: program("no-such-box", []),
      }),
    );
    await local.settled();
    expect(shown()).toEqual([
      "error box: it cannot be brought up: no-such-box is not on the PATH; install box from its site",
    ]);
  });

  it("is not started for an address of another machine, nor without the GPU that it needs", async () => {
    const local = start(machine({ "nvidia-smi": "!No devices were found" }).run);
    const bringUp = program(process.execPath, ["-e", SERVE]);
    local.apply(
      tableOf(
        { id: "far", baseUrl: "http://box.invalid:1/v1", bringUp },
        { id: "gpu", baseUrl: `http://127.0.0.1:${await freePort()}/v1`, bringUp, device: "cuda" },
      ),
    );
    await local.settled();
    expect(shown().toSorted()).toEqual([
      expect.stringMatching(/^error far: .*box\.invalid.*; set BOX_BRING_UP=external/),
      expect.stringMatching(/^error gpu: .*nvidia-smi shows no GPU/),
    ]);
  });

  it("that ends at once is given up, with its output and without its secrets", async () => {
    const local = start();
    local.apply(
      tableOf({
        id: "box",
        baseUrl: `http://127.0.0.1:${await freePort()}/v1`,
        bringUp: program(process.execPath, [
          "-e",
          "console.log('no weights; hidden-value', process.env.SECRET_API_KEY); process.exit(3)",
        ]),
      }),
    );
    await local.settled();
    expect(shown()).toEqual([
      "warn box: it ended with exit code 3; it is started again in 5 ms | no weights; *** undefined",
      "error box: given up: it ended with exit code 3, 2 times in a row | no weights; *** undefined",
    ]);
    expect(local.states.get("box")).toBe("failed");
  });

  it.each(["at once", "once it runs"])("is stopped while it is still coming up, %s", async (when) => {
    const local = start();
    local.apply(
      tableOf({
        id: "box",
        baseUrl: `http://127.0.0.1:${await freePort()}/v1`,
        bringUp: program(process.execPath, ["-e", "console.log('alive'); setInterval(() => {}, 1000)"]),
      }),
    );
    if (when === "once it runs") await expect.poll(() => logged).toContain("debug box: alive");
    await local.close();
    expect(local.states.size).toBe(0);
    expect(shown()).toEqual([]);
  });
});

describe("an Ollama that was brought up", () => {
  const OLLAMA = `
    const there = ["a:latest"];
    require("node:http").createServer(async (request, response) => {
      if (request.url === "/health") return response.end("ok");
      if (request.url === "/api/tags") return response.end(JSON.stringify({ models: there.map((name) => ({ name })) }));
      let body = ""; for await (const chunk of request) body += chunk;
      const { model } = JSON.parse(body);
      if (model === "lost:1b") return response.end('{"error":"file does not exist"}');
      for (const completed of [0, 1.6e9, 2e9])
        response.write(JSON.stringify({ status: "pulling", digest: "x", total: 2e9, completed }) + "\\n");
      if (model === "slow:1b") return;
      response.end('{"status":"success"}');
    }).listen(Number(process.argv[1]), process.argv[2])`;
  const box = async (...models: [string, number][]) =>
    ({
      id: "box",
      driver: "ollama",
      baseUrl: `http://127.0.0.1:${await freePort()}`,
      bringUp: program(process.execPath, ["-e", OLLAMA, "{port}", "{host}"]),
      models,
    }) as const;

  it("downloads what is missing, the smallest first, and goes on after a failure", async () => {
    const local = start();
    local.apply(tableOf(await box(["big:7b", 9], ["a", 1], ["lost:1b", 2])));
    await local.settled();
    expect(shown().slice(1)).toEqual([
      "info box: downloading lost:1b (1 of 2)",
      "warn box: lost:1b could not be downloaded: file does not exist; try `headgate models pull`",
      "info box: downloading big:7b (2 of 2)",
      "info box: downloading big:7b (2 of 2): 75 % of 2.0 GB",
      "info box: big:7b is there",
    ]);
  });

  it("is not waited for when the gateway stops", async () => {
    const local = start();
    local.apply(tableOf(await box(["slow:1b", 1])));
    await expect.poll(() => shown().at(-1)).toBe("info box: downloading slow:1b (1 of 1): 75 % of 2.0 GB");
    await local.close();
    expect(shown().at(-1)).toMatch(/75 %/);
  });
});

describe("a container", () => {
  const DOCKER = {
    "docker --version": "Docker 28",
    "compose version": "v2",
    "docker info": '{"runc":{}} []',
  };

  it("is started under its profile alone, and waited for", async () => {
    const port = await freePort();
    const { run, calls } = machine({ ...DOCKER, " up ": () => void listen(port), " stop ": "" });
    const local = start(run);
    local.apply(tableOf({ id: "box", baseUrl: `http://127.0.0.1:${port}/v1`, bringUp: container }));
    await local.settled();
    expect(shown().at(-1)).toBe(`info box: up at 127.0.0.1:${port}`);
    expect(calls.at(-1)?.args).toMatch(
      /^docker compose .*--profile box .*up --detach --no-deps --quiet-pull box$/,
    );
    local.apply(tableOf());
    await local.close();
    // Its flag went off, so it is stopped; when the gateway stops, containers stay.
    await expect.poll(() => calls.at(-1)?.args).toMatch(/ stop box$/);
  });

  it.each([
    [{}, "cpu", /there is no docker client; install Docker .* or set BOX_BRING_UP=external/],
    [{ "docker --version": "x" }, "cpu", /no compose plugin; install docker-compose-plugin/],
    [{ ...DOCKER, "docker info": "!Cannot connect" }, "cpu", /engine does not answer; start it/],
    [
      { ...DOCKER, "docker info": "!permission denied" },
      "cpu",
      /may not use .*; add the user to the group docker/,
    ],
    [DOCKER, "cuda", /no nvidia-smi, so no NVIDIA driver; install the driver/],
    [
      { ...DOCKER, "nvidia-smi": "GPU 0: H200 (UUID: x)" },
      "cuda",
      /cannot give a container the GPU; install nvidia-container-toolkit/,
    ],
    [
      { ...DOCKER, " up ": "!no such manifest: box:1\n" },
      "cpu",
      /could not be started: no such manifest: box:1/,
    ],
  ] as const)("is missed with the remedy: %j on %s", async (answers, device, words) => {
    const local = start(machine(answers).run);
    local.apply(tableOf({ id: "box", baseUrl: "http://127.0.0.1:9/v1", bringUp: container, device }));
    await local.settled();
    expect(shown().at(-1)).toMatch(words);
    expect(shown().at(-1)).toMatch(/^error box: /);
  });

  it("of a GPU comes up where docker has the runtime, or the toolkit lists the device", async () => {
    for (const more of [
      { "docker info": '{"nvidia":{},"runc":{}} []' },
      { "nvidia-ctk cdi list": "nvidia.com/gpu=all" },
    ]) {
      const port = await freePort();
      const { run } = machine({
        ...DOCKER,
        "nvidia-smi": "GPU 0: H200 (UUID: x)",
        ...more,
        " up ": () => void listen(port),
      });
      const local = start(run);
      local.apply(
        tableOf({ id: "box", baseUrl: `http://127.0.0.1:${port}/v1`, bringUp: container, device: "cuda" }),
      );
      await local.settled();
      expect(shown().at(-1)).toBe(`info box: up at 127.0.0.1:${port}`);
      await local.close();
    }
  });

  it("of an earlier start is this gateway's again; one of another program is left alone", async () => {
    for (const [listed, words] of [
      ["0123abc\n", "up"],
      ["", "runs already"],
    ] as const) {
      const { url, port } = await listen();
      const { run, calls } = machine({ ...DOCKER, " ps ": listed, " stop ": "" });
      const local = start(run);
      local.apply(tableOf({ id: "box", baseUrl: url, bringUp: container }));
      await local.settled();
      expect(shown().at(-1)).toBe(`info box: ${words} at 127.0.0.1:${port}`);
      local.apply(tableOf());
      await local.close();
      await expect.poll(() => calls.some(({ args }) => args.endsWith(" stop box"))).toBe(listed !== "");
    }
  });

  it("is not tried where there are no compose files", async () => {
    const local = start(machine(DOCKER).run, false);
    local.apply(tableOf({ id: "box", baseUrl: "http://127.0.0.1:9/v1", bringUp: container }));
    await local.settled();
    expect(shown()).toEqual([expect.stringMatching(/there are no compose files here; use a checkout/)]);
  });
});

it("a file that is no note of a program is no obstacle", async () => {
  const port = await freePort();
  const local = start();
  const { mkdirSync } = await import("node:fs");
  mkdirSync(join(folder, "state", "local"), { recursive: true });
  writeFileSync(join(folder, "state", "local", "box.json"), "{");
  local.apply(
    tableOf({
      id: "box",
      baseUrl: `http://127.0.0.1:${port}/v1`,
      bringUp: program(process.execPath, ["-e", SERVE, "{port}", "{host}"]),
    }),
  );
  await local.settled();
  expect(local.states.get("box")).toBe("up");
});
