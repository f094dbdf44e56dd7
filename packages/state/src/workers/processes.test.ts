/** Workers as real processes: what `HEADGATE_WORKERS=n` does with this package, in short. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryStore } from "../memory-store.ts";
import { sqliteStore } from "../sqlite/store.ts";
import { channelPair } from "../testing/channels.ts";
import { claim, FLIGHT, MINUTE, meter } from "../testing/claims.ts";
import { eventually } from "../testing/eventually.ts";
import { channelTo } from "./channel.ts";
import { type Host, hostStore } from "./host.ts";
import { remoteStore } from "./remote.ts";

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headgate-workers-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
  }
  rmSync(folder, { recursive: true });
});

const host = (): Promise<Host> => hostStore(sqliteStore({ path: join(folder, "state.db") }));

async function start(to: Host): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "..", "testing", "worker.ts");
  const child = fork(script, { execArgv: ["--conditions=@headgate/source"] });
  children.push(child);
  to.attach(channelTo(child));
  await received(child, (message) => message === "ready");
  return child;
}

/** The first message of a worker's own; the store's pass by on the same channel. */
const received = <T>(child: ChildProcess, is: (message: unknown) => message is T & unknown): Promise<T> =>
  new Promise((resolve) => {
    const listen = (message: unknown): void => {
      if (!is(message)) return;
      child.off("message", listen);
      resolve(message);
    };
    child.on("message", listen);
  });

interface Took {
  readonly granted: number;
  readonly leases: number;
}
const isTook = (message: unknown): message is Took =>
  typeof message === "object" && message !== null && "granted" in message;

/** One more worker, in this process, to send questions with. */
async function asker(to: Host) {
  const { worker, primary } = channelPair();
  to.attach(primary);
  const store = remoteStore({ channel: worker, timeoutMs: 5_000 });
  const index = async (...claims: Parameters<NonNullable<typeof store.shared>["reserve"]>[0]) =>
    (await store.shared?.reserve(claims, Date.now()))?.index;
  return { store, index };
}

describe("two workers of one primary", () => {
  it("hold one limit exactly, and a killed one's leases end while its use stays counted", async () => {
    const primary = await host();
    const [a, b] = [await start(primary), await start(primary)];
    const took = Promise.all([received(a, isTook), received(b, isTook)]);
    a.send("take");
    b.send("take");
    const [first, second] = await took;
    expect(first.granted + second.granted).toBe(500);
    expect([first.leases, second.leases]).toEqual([15, 15]);
    const { index } = await asker(primary);
    const flight = (need: number) => claim([meter("flight", FLIGHT, 32, need)]);
    expect(await index(flight(3))).toBe(-1);
    a.kill("SIGKILL");
    await eventually(async () => (await index(flight(17))) === 0);
    expect(await index(flight(1))).toBe(-1);
    expect(await index(claim([meter("rpm", MINUTE, 500)]))).toBe(-1);
    await primary.close();
    // And after a restart the used is still used, while nothing is in flight any more.
    const next = await host();
    const later = await asker(next);
    expect(await later.index(claim([meter("rpm", MINUTE, 500)]))).toBe(-1);
    expect(await later.index(flight(32))).toBe(0);
    expect((await later.store.load()).meters).toEqual([]);
    await next.close();
  });

  it("release their leases even where one is killed with a connection on its way to it", async () => {
    const primary = await host();
    const dying = await start(primary);
    const took = received(dying, isTook);
    dying.send("take");
    expect((await took).leases).toBe(15);
    const { index } = await asker(primary);
    const all = claim([meter("flight", FLIGHT, 32, 32)]);
    expect(await index(all)).toBe(-1);
    const server = createServer().listen();
    await once(server, "listening");
    // As a cluster's primary does with what it accepts. Stopped first, so that it does not confirm it.
    dying.kill("SIGSTOP");
    dying.send("a connection", server);
    dying.kill("SIGKILL");
    await eventually(async () => (await index(all)) === 0);
    server.close();
    await primary.close();
  });

  it("exit when the primary is gone, and a cooldown that one saved before it was killed is kept", async () => {
    const primary = await host();
    const [a, b] = [await start(primary), await start(primary)];
    const bGone = once(b, "exit");
    b.send("cooldown");
    await bGone;
    const { store } = await asker(primary);
    await eventually(async () =>
      (await store.load()).cooldowns.some(({ id }) => id === "from a killed worker"),
    );
    const aGone = once(a, "exit");
    a.disconnect();
    expect(await aGone).toEqual([7, null]);
    await primary.close();
  });
});

describe("a worker", () => {
  it("undoes a reservation whose answer came too late", async () => {
    const primary = await hostStore(memoryStore());
    const { worker, primary: end, hold } = channelPair();
    primary.attach(end);
    const slow = remoteStore({ channel: worker, timeoutMs: 30 });
    const { index } = await asker(primary);
    const only = claim([meter("only", MINUTE, 1)]);
    hold(true);
    await expect(slow.shared?.reserve([only], Date.now())).rejects.toThrow("no answer of the primary");
    hold(false);
    expect(await slow.load()).toEqual({ cooldowns: [], meters: [] });
    await eventually(async () => (await index(only)) === 0);
    expect(await index(only)).toBe(-1);
    await primary.close();
  });

  it("fails at once when the primary does not read or is gone, loses its leader locks, and keeps what must not be lost", async () => {
    const primary = await hostStore(memoryStore());
    const { worker, primary: end, hold, close } = channelPair();
    primary.attach(end);
    const logged: string[] = [];
    let lost = 0;
    const store = remoteStore({
      channel: worker,
      maxQueued: 4,
      timeoutMs: 30,
      warn: (text) => logged.push(text),
      onLost: () => (lost += 1),
    });
    const leaderLock = await store.leaderLock("writer", new AbortController().signal);
    hold(true);
    const stuck = Array.from({ length: 4 }, () => store.load().catch(String));
    await new Promise(setImmediate);
    // These go out one message each until too many are under way; then they wait.
    for (let i = 0; i < 12; i += 1) {
      store.saveMeters([{ id: `m${i}`, data: "1" }]);
      await new Promise(setImmediate);
    }
    expect(logged).toHaveLength(1);
    await expect(store.shared?.reserve([], Date.now())).rejects.toThrow("does not read");
    store.saveCooldowns([{ id: "p", untilMs: 9, streak: 1 }]);
    hold(false);
    await Promise.all(stuck);
    expect((await store.load()).cooldowns).toEqual([{ id: "p", untilMs: 9, streak: 1 }]);
    close();
    expect(lost).toBe(1);
    expect(leaderLock.lost.aborted).toBe(true);
    await expect(store.shared?.reserve([], Date.now())).rejects.toThrow("primary process is gone");
    await store.close();
    const { store: other } = await asker(primary);
    const next = await other.leaderLock("writer", new AbortController().signal);
    expect(next.token).toBeGreaterThan(leaderLock.token);
    await primary.close();
  });
});
