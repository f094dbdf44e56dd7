import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present, type StateStore } from "@headgate/contract";
import type { Lease, Refusal } from "@headgate/resources";
import { memoryStore, SharedMemory, sqliteStore } from "@headgate/state";
import { FakeMachine, type LocalBackend, startOllama } from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  BOX_BUDGET,
  boxAt,
  GIB,
  GPU_BYTES,
  MODELS,
  type Model,
  needFor,
  probeOf,
} from "../testing/local-box.ts";
import { SILENT_LOG } from "../testing/silent-log.ts";
import { ElectedMemory } from "./elected-memory.ts";
import { leaderPaths } from "./leader-paths.ts";
import { LeaderGone } from "./local-memory.ts";

/** Longer than any test takes: a lock that expires on a loaded machine would look like a handover. */
const LONG_MS = 120_000;
/** A test that starts a process: on a loaded machine the start alone takes many seconds. */
const WITH_PROCESS = { timeout: 90_000 };
const nowMs = (): number => performance.timeOrigin + performance.now();

let stateDir: string;
let memory: SharedMemory;
let machine: FakeMachine;
let ollama: LocalBackend;
const cleanUp: (() => unknown)[] = [];

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "headgate-memory-"));
  memory = new SharedMemory();
  machine = new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": GPU_BYTES } });
  const models = Object.fromEntries(Object.entries(MODELS).map(([name, bytes]) => [`${name}:1b`, { bytes }]));
  ollama = await startOllama({ machine, models, parallel: 1 });
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
  await ollama.close();
  rmSync(stateDir, { recursive: true, force: true });
  expect(machine.overcommits).toEqual([]);
});

/** A store that records the locks that are requested, and can lose the last one. */
function watched(store: StateStore) {
  const locks: string[] = [];
  let lose = (): void => {};
  return {
    locks,
    lose: () => lose(),
    async leaderLock(name: string, signal: AbortSignal, processLock?: string) {
      locks.push(name);
      const leaderLock = await store.leaderLock(name, signal, processLock);
      const lost = new AbortController();
      lose = () => lost.abort(new Error("lost"));
      return { ...leaderLock, lost: AbortSignal.any([leaderLock.lost, lost.signal]) };
    },
  };
}

/** A process's local memory. */
async function member(store: StateStore = memoryStore({ memory, lockTtlMs: LONG_MS })) {
  const probe = probeOf(machine);
  const locks = watched(store);
  const memory = new ElectedMemory({
    store: locks,
    stateDir,
    manager: { log: SILENT_LOG, vramBudget: BOX_BUDGET, probe },
    nowMs,
  });
  const managed = boxAt(ollama.url);
  await memory.configure(managed);
  cleanUp.push(() => memory.close());
  const request = (model: Model, signal?: AbortSignal, waitMs = LONG_MS): Promise<Lease | Refusal> =>
    memory.acquire({
      need: needFor(managed, model),
      deadlineMs: nowMs() + waitMs,
      ...present({ signal }),
    });
  const lease = async (model: Model): Promise<Lease> => {
    const answer = await request(model);
    if (!answer.granted) throw new Error(`${model}: ${answer.message}`);
    return answer;
  };
  return { memory, locks, request, lease };
}

const loadsOf = (model: Model): number =>
  machine.events.filter((event) => event.kind === "loaded" && event.model.startsWith(model)).length;

/** Polls until `so` holds: what happens on sockets has no callback here. */
async function until({ memory }: { memory: ElectedMemory }, so: (held: number, waiting: number) => boolean) {
  for (;;) {
    const now = await memory.snapshot().catch(() => undefined);
    if (now !== undefined && so(now.leases.length, now.queues.flatMap(({ waiters }) => waiters).length))
      return;
    await new Promise((turn) => setImmediate(turn));
  }
}

async function child(
  lockTtlMs = LONG_MS,
): Promise<{ process: ChildProcess; lease(model: Model): Promise<unknown> }> {
  const script = join(import.meta.dirname, "..", "testing", "local-memory-process.ts");
  const made = fork(script, [join(stateDir, "state.db"), stateDir, ollama.url, String(lockTtlMs)], {
    execArgv: ["--conditions=@headgate/source"],
  });
  const gone = once(made, "exit");
  cleanUp.push(async () => {
    made.kill("SIGKILL");
    await gone;
  });
  await once(made, "message");
  return {
    process: made,
    async lease(model) {
      made.send(model);
      const [answer] = await once(made, "message");
      return answer;
    },
  };
}

describe("a process alone", () => {
  it("requests the leader lock once, and only its user may open its socket", async () => {
    const { lease, locks, memory } = await member();
    const a = await lease("a");
    a.release("done");
    const { path } = await leaderPaths(stateDir);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(locks.locks).toHaveLength(1);
    await memory.close();
    expect(readdirSync(stateDir)).toEqual([]);
  });

  it("that manages nothing takes no leader lock and makes no socket, and gives up both when its models go", async () => {
    const one = await member();
    (await one.lease("a")).release();
    await one.memory.configure({ backends: [], models: [] });
    expect(await one.memory.snapshot()).toBeUndefined();
    expect(readdirSync(stateDir)).toEqual([]);
    const other = watched(memoryStore({ memory }));
    const nothing = new ElectedMemory({ store: other, stateDir, manager: { log: SILENT_LOG }, nowMs });
    await nothing.configure({ backends: [], models: [] });
    expect(other.locks).toEqual([]);
  });

  it("replaces a file that a killed process left at the socket's path", async () => {
    const { path } = await leaderPaths(stateDir);
    writeFileSync(path, "");
    const one = await member();
    const two = await member();
    (await one.lease("a")).release();
    (await two.lease("a")).release();
    expect(loadsOf("a")).toBe(1);
  });

  it("uses a folder of its own where the state directory's path is too long for a socket", async () => {
    stateDir = join(stateDir, "d".repeat(120));
    const { path } = await leaderPaths(stateDir);
    cleanUp.push(() => rmSync(join(path, ".."), { recursive: true, force: true }));
    expect(Buffer.byteLength(path)).toBeLessThan(104);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    const [one, two] = [await member(), await member()];
    (await one.lease("a")).release();
    (await two.lease("a")).release();
    expect(loadsOf("a")).toBe(1);
    stateDir = join(stateDir, "..");
  });
});

describe("two processes", () => {
  it("load a model once between them, and see the same", async () => {
    const [one, two] = [await member(), await member()];
    const leases = await Promise.all(
      [one, two, one, two].map(async ({ lease }) => {
        const held = await lease("a");
        held.release();
        return held.key;
      }),
    );
    expect(new Set(leases)).toEqual(new Set(["box/a:1b"]));
    expect(loadsOf("a")).toBe(1);
    await until(one, (held) => held === 0);
    const counts = async (memory: ElectedMemory) => (await memory.snapshot())?.counts;
    expect(await counts(two.memory)).toEqual(await counts(one.memory));
    expect(await counts(one.memory)).toMatchObject({ granted: 4, released: 4, strayReleases: 0 });
  });

  it("never take more than there is: what does not fit waits for the other's lease", async () => {
    const [one, two] = [await member(), await member()];
    const [a, b] = await Promise.all([one.lease("a"), two.lease("b")]);
    const c = two.lease("c");
    await until(one, (held, waiting) => held === 2 && waiting === 1);
    expect(loadsOf("c")).toBe(0);
    a.release();
    (await c).release();
    b.release();
    expect([loadsOf("a"), loadsOf("b"), loadsOf("c")]).toEqual([1, 1, 1]);
  });

  it("a wait that is given up leaves no trace at the leader", async () => {
    const [one, two] = [await member(), await member()];
    const [leader, follower] = await elected(one, two);
    const leases = [await leader.lease("a"), await follower.lease("b")];
    const leaving = new AbortController();
    const left = follower.request("c", leaving.signal).catch((error: unknown) => error);
    await until(leader, (_, waiting) => waiting === 1);
    leaving.abort(new Error("left"));
    expect(await left).toEqual(new Error("left"));
    await until(leader, (_, waiting) => waiting === 0);
    expect(await follower.request("c", undefined, 20)).toMatchObject({ granted: false, reason: "deadline" });
    for (const lease of leases) lease.release();
  });

  it("evict, pin and unpin through the leader", async () => {
    const [leader, follower] = await elected(await member(), await member());
    (await follower.lease("a")).release();
    await until(leader, (leases) => leases === 0);
    expect(await follower.memory.command("pin", "box/a:1b")).toEqual({ ok: true });
    expect(await leader.memory.command("evict", "box/a:1b")).toMatchObject({ ok: false });
    expect(await follower.memory.command("unpin", "box/a:1b")).toEqual({ ok: true });
    expect(await follower.memory.command("evict", "box/a:1b")).toEqual({ ok: true });
    expect(await follower.memory.command("pin", "missing")).toMatchObject({
      ok: false,
      why: "no model missing is known",
    });
  });

  it("without a leader a request waits no longer than its deadline, and a snapshot not at all", async () => {
    const one = await member({
      ...memoryStore(),
      leaderLock: (_, signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    const leaving = new AbortController();
    const left = one.request("a", leaving.signal).catch((error: unknown) => error);
    leaving.abort(new Error("left"));
    expect(await left).toEqual(new Error("left"));
    expect(await one.request("a", undefined, 5)).toMatchObject({ granted: false, reason: "deadline" });
    await expect(one.memory.snapshot(0)).rejects.toThrow(LeaderGone);
    const closed = one.request("a");
    await one.memory.close();
    expect(await closed).toMatchObject({ granted: false, reason: "closing" });
  });
});

/** A store on the file, as another process would open it. */
function onFile(lockTtlMs: number): StateStore {
  const store = sqliteStore({ path: join(stateDir, "state.db"), lockTtlMs });
  cleanUp.push(() => store.close());
  return store;
}

type Joined = Awaited<ReturnType<typeof member>>;
/** The leader first: its snapshot needs no connection, so its own request for the leader lock has been granted. */
async function elected(one: Joined, two: Joined): Promise<[Joined, Joined]> {
  (await one.lease("a")).release();
  (await two.lease("a")).release();
  return [one, two];
}

describe("a leader that ends", () => {
  it("hands over when it closes: waiting requests go to the next leader, and what is loaded stays", async () => {
    const [leader, follower] = await elected(await member(), await member());
    const a = await leader.lease("a");
    const b = await follower.lease("b");
    const c = follower.request("c");
    await until(leader, (_, waiting) => waiting === 1);
    await leader.memory.close();
    a.release();
    // The next leader does not know b's lease, which the leader before it granted.
    expect(await c).toMatchObject({ granted: true, key: "box/c:1b" });
    b.release();
    const after = await follower.memory.snapshot();
    expect(after?.counts.strayReleases).toBe(0);
    expect(after?.leases).toHaveLength(1);
  });

  it("by losing its leader lock becomes a follower of the next leader", async () => {
    const [leader, follower] = await elected(await member(), await member());
    const a = await leader.lease("a");
    leader.locks.lose();
    (await follower.lease("a")).release();
    (await leader.lease("a")).release();
    a.release();
    expect(loadsOf("a")).toBe(1);
    await until(leader, (leases) => leases === 0);
  });

  const locks = (): string[] => readdirSync(stateDir).filter((name) => name.endsWith(".lock"));

  it(
    "by kill -9: the other gets the leader lock long before it expires, and adopts what is loaded",
    WITH_PROCESS,
    async () => {
      const killed = await child();
      expect(await killed.lease("a")).toEqual({ model: "a", granted: true });
      const other = await member(onFile(LONG_MS));
      const b = await other.lease("b");
      const c = other.request("c");
      await until(other, (leases, waiting) => leases === 2 && waiting === 1);
      killed.process.kill("SIGKILL");
      expect(await c).toMatchObject({ granted: true });
      b.release();
      // Of the two loaded models, one was unloaded for the third.
      expect([loadsOf("a"), loadsOf("b"), loadsOf("c")]).toEqual([1, 1, 1]);
      expect(machine.events.filter(({ kind }) => kind === "unload")).toHaveLength(1);
    },
  );

  it(
    "by kill -9 without a follower: the next start has the leader lock at once, and removes the files that were left",
    WITH_PROCESS,
    async () => {
      const killed = await child();
      expect(await killed.lease("a")).toEqual({ model: "a", granted: true });
      const left = locks();
      expect(left).toHaveLength(1);
      for (const name of left) utimesSync(join(stateDir, name), 0, 0);
      const exited = once(killed.process, "exit");
      killed.process.kill("SIGKILL");
      await exited;
      const next = await member(onFile(LONG_MS));
      (await next.lease("a")).release();
      expect(loadsOf("a")).toBe(1);
      await next.memory.close();
      expect(locks()).toEqual([]);
    },
  );

  it(
    "by stopping (SIGSTOP) keeps the leader lock until it expires, and follows the next leader when it continues",
    WITH_PROCESS,
    async () => {
      const ttlMs = 3_000;
      const stopped = await child(ttlMs);
      expect(await stopped.lease("a")).toEqual({ model: "a", granted: true });
      const other = await member(onFile(ttlMs));
      (await other.lease("b")).release();
      stopped.process.kill("SIGSTOP");
      const stoppedMs = performance.now();
      const c = other.request("c");
      expect(await c).toMatchObject({ granted: true });
      // The lock is renewed every third of its time. A third is for a renewal that a loaded machine delays.
      expect(performance.now() - stoppedMs).toBeGreaterThan(ttlMs / 3);
      const answer = stopped.lease("b");
      stopped.process.kill("SIGCONT");
      expect(await answer).toEqual({ model: "b", granted: true });
      await until(other, (leases) => leases === 2);
    },
  );

  it("because its store was killed ends its process lock as soon as it stops leading", async () => {
    const store = onFile(LONG_MS);
    const leader = await member({
      ...store,
      async leaderLock(...args) {
        const { token } = await store.leaderLock(...args);
        // As in a worker whose primary was killed: the leader lock is not released, and its row stays.
        return { token, lost: new AbortController().signal, release: async () => {} };
      },
    });
    (await leader.lease("a")).release();
    const other = await member(onFile(LONG_MS));
    (await other.lease("a")).release();
    leader.locks.lose();
    const leases = await Promise.all([other.lease("a"), leader.lease("b")]);
    await until(other, (held) => held === 2);
    for (const lease of leases) lease.release();
    expect([loadsOf("a"), loadsOf("b")]).toEqual([1, 1]);
  });
});

describe("a follower that ends", () => {
  it("by kill -9 releases its leases", WITH_PROCESS, async () => {
    const leader = await member(onFile(LONG_MS));
    const b = await leader.lease("b");
    const killed = await child();
    expect(await killed.lease("a")).toEqual({ model: "a", granted: true });
    const c = leader.lease("c");
    await until(leader, (leases, waiting) => leases === 2 && waiting === 1);
    killed.process.kill("SIGKILL");
    (await c).release();
    b.release();
    expect((await leader.memory.snapshot())?.counts).toMatchObject({
      granted: 3,
      released: 3,
      strayReleases: 0,
    });
  });

  /** Sends lines to the leader and reads until the connection is closed or message 4 is answered. @returns what was read */
  const raw = async (leader: Joined, ...lines: (string | ((token: number) => object))[]): Promise<string> => {
    (await leader.lease("a")).release();
    const socket = createConnection({ path: (await leaderPaths(stateDir)).path });
    socket.setEncoding("utf8");
    let received = "";
    // A connection closed in the middle of a long line may give an error first.
    socket.on("error", () => {});
    const closed = new Promise((close) => socket.once("close", close));
    await new Promise<void>((hello) => {
      socket.on("data", (text: string) => {
        received += text;
        hello();
        if (received.includes('"id":4')) socket.end();
      });
    });
    const { token } = JSON.parse(received) as { token: number };
    for (const line of lines)
      socket.write(typeof line === "string" ? line : `${JSON.stringify(line(token))}\n`);
    await closed;
    return received;
  };

  it("is disconnected when it sends what is no message", async () => {
    const leader = await member();
    const before = await raw(leader, "nonsense\n");
    for (const line of [
      "[]\n",
      "x".repeat((1 << 20) + 1),
      (token: number) => ({ token, id: 1, ask: "acquire", need: { spec: {} } }),
      (token: number) => ({ token, id: -1, ask: "snapshot" }),
      (token: number) => ({ token, id: 1, ask: "reboot" }),
    ])
      expect(await raw(leader, line)).toBe(before);
  });

  it("with another leader's token is ignored", async () => {
    const leader = await member();
    const [hello, ...rest] = (
      await raw(
        leader,
        (token) => ({ token: token - 1, id: 1, ask: "snapshot" }),
        (token) => ({ token, id: 2, ask: "evict", key: "missing" }),
        (token) => ({ token: token - 1, id: 3, ask: "snapshot" }),
        (token) => ({ token, id: 4, ask: "pin", key: "missing" }),
      )
    ).split("\n");
    expect(hello).toContain("hello");
    expect(rest.filter((line) => line.includes('"answer"')).map((line) => JSON.parse(line).id)).toEqual([
      2, 4,
    ]);
  });
});
