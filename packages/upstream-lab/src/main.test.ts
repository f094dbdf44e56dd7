import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { startLab } from "./lab.ts";
import { call, chat, get, json } from "./probe.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const run = promisify(execFile);
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

describe("the lab as a process", () => {
  it("prints its address, serves its control routes and exits on SIGTERM", async () => {
    const child = spawn(process.execPath, [MAIN, "--port", "0", "--model", "a"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    started.push(child);
    const [line]: unknown[] = await once(child.stdout, "data");
    const baseUrl = /listening on (http:\S+\/v1)\n/.exec(String(line))?.[1] ?? "";
    const url = baseUrl.replace(/\/v1$/, "");
    expect(json(await get(url, "/v1/models")).data).toMatchObject([{ id: "a" }]);
    await call(url, { path: "/lab/behave", body: { model: "a", behaviour: "quotaSpent" } });
    expect((await call(url, { body: chat({ model: "a" }) })).status).toBe(429);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("exits with one line when its port is taken", async () => {
    const taken = await startLab();
    const { port } = new URL(taken.url);
    await expect(run(process.execPath, [MAIN, "--port", port])).rejects.toMatchObject({
      code: 1,
      stderr: `upstream-lab: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
    });
    await taken.close();
  });

  it("prints its help, and refuses an invalid port", async () => {
    expect((await run(process.execPath, [MAIN, "--help"])).stdout).toContain("--port N");
    await expect(run(process.execPath, [MAIN, "--port", "x"])).rejects.toMatchObject({ code: 2 });
  });
});
