/** What every driver must do, whatever its backend: run by each driver's test against its stateful fake. */
import { once } from "node:events";
import { createServer } from "node:http";
import {
  FakeMachine,
  type FakeModel,
  type LocalBackend,
  type ManualClock,
  manualClock,
  startLab,
} from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Driver, DriverError } from "../driver.ts";
import type { DriverOptions } from "../drivers/options.ts";
import { residencySpec } from "../residency.ts";

const GIB = 2 ** 30;
const never = new AbortController().signal;

type Kind = DriverError["kind"];

export interface Subject {
  readonly name: string;
  start(machine: FakeMachine, models: Readonly<Record<string, FakeModel>>): Promise<LocalBackend>;
  driver(options: DriverOptions, fake: LocalBackend | undefined): Driver;
  /** The route that shows what is loaded. */
  readonly looksAt: string;
  /** One model for the whole run of the process, which is asleep, or not running, at first. */
  readonly single?: boolean;
  /** `job`: the first job loads the model, and `load` touches nothing. `process`: so does the owner of the process. */
  readonly loads?: "job" | "process";
  /** Has a job of the model done, by the backend's own route. */
  job(url: string, model: string): Promise<number>;
  /** What a load gives when the model does not fit; `undefined`: its driver cannot load. */
  readonly outOfMemory: Kind | undefined;
  /** What an unload gives while the model works; `undefined`: the backend does not mind. */
  readonly whileWorking: Kind | undefined;
  /** What a load gives of a backend that has no such model. */
  readonly missing: Kind;
  /** How `loaded` shows a backend that is down. */
  readonly down: "unreachable" | "empty";
  /** Whether an answer claims what the backend has not done. */
  readonly lies: readonly ("load" | "unload" | "stale-load" | "stale-unload")[];
}

const MODELS = { "vendor/small:1b": { bytes: 4 * GIB, transientBytes: GIB / 2 }, big: { bytes: 20 * GIB } };
const SMALL = "vendor/small:1b";
/** What each backend reports when nothing is loaded. */
const EMPTY = Buffer.from('{"models":[],"data":[],"loaded":false,"is_sleeping":true}');

export function testDriver(subject: Subject): void {
  describe(`the ${subject.name} driver`, () => {
    let clock: ManualClock;
    let machine: FakeMachine;
    let fake: LocalBackend;
    let options: DriverOptions;
    let driver: Driver;

    const spec = (model: string) => residencySpec("local", model);
    const one = (model: string, fields: Partial<FakeModel> = {}) => ({
      [model]: { ...(model === "big" ? MODELS.big : MODELS[SMALL]), ...fields },
    });
    const begin = async (models: Readonly<Record<string, FakeModel>>): Promise<void> => {
      fake = await subject.start(machine, models);
      options = {
        backend: "local",
        baseUrl: fake.url,
        nowMs: clock.nowMs,
        // Looking moves time on, so that nothing is waited for.
        wait: (ms) => clock.advance(ms),
        callTimeoutMs: 5_000,
      };
      driver = subject.driver(options, fake);
    };
    const failsAs = async (work: Promise<unknown>, kind: Kind): Promise<void> => {
      const error: unknown = await work.then(
        () => "no error",
        (cause: unknown) => cause,
      );
      expect(error).toMatchObject({ name: "DriverError", kind, message: expect.stringMatching(/^local: /) });
    };
    /** Loaded for certain, by a job where that is the only way. */
    const load = async (model: string): Promise<void> => {
      await driver.load(spec(model), never);
      if (subject.loads === "job") expect(await subject.job(fake.url, model)).toBe(200);
    };

    beforeEach(async () => {
      clock = manualClock(1_000_000);
      machine = new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": 16 * GIB }, clock });
      await begin(subject.single === true ? one(SMALL) : MODELS);
    });
    afterEach(() => fake.close());

    it("finds a healthy backend healthy", async () => {
      if (subject.loads === "process") await driver.load(spec(SMALL), never);
      expect(await driver.health(never)).toEqual({ ok: true });
    });

    it("loads what is not loaded, shows it, and unloads it", async () => {
      expect(await driver.loaded(never)).toEqual([]);
      await load(SMALL);
      expect(machine.usedBytes("cuda:0")).toBe(4 * GIB);
      expect(await driver.loaded(never)).toMatchObject([{ model: SMALL, loading: false }]);
      await driver.unload(spec(SMALL), never);
      expect(machine.usedBytes("cuda:0")).toBe(0);
      expect(await driver.loaded(never)).toEqual([]);
      expect(machine.overcommits).toEqual([]);
    });

    it("takes a second load, and a second unload, as done", async () => {
      await load(SMALL);
      expect(await driver.load(spec(SMALL), never)).toMatchObject({ model: SMALL });
      expect(machine.usedBytes("cuda:0")).toBe(4 * GIB);
      await driver.unload(spec(SMALL), never);
      await driver.unload(spec(SMALL), never);
      expect(machine.usedBytes("cuda:0")).toBe(0);
    });

    it("waits for a load that takes its time", async () => {
      if (subject.loads === "job") return;
      await fake.close();
      await begin(one(SMALL, { loadMs: 5_000 }));
      const startedMs = clock.nowMs();
      const loading = driver.load(spec(SMALL), never);
      await clock.asleep();
      expect(machine.usedBytes("cuda:0")).toBe(4 * GIB);
      await clock.advance(5_000);
      expect(await loading).toMatchObject({ model: SMALL, loading: false });
      expect(clock.nowMs() - startedMs).toBeGreaterThanOrEqual(5_000);
    });

    it("fails as out of memory when the model does not fit", async () => {
      const { outOfMemory } = subject;
      if (outOfMemory === undefined) return;
      const grown = machine.grow("cuda:0", 14 * GIB);
      await failsAs(driver.load(spec(SMALL), never), outOfMemory);
      expect(machine.overcommits).toMatchObject([{ what: SMALL, wantedBytes: 4 * GIB, freeBytes: 2 * GIB }]);
      expect(await driver.loaded(never)).toEqual([]);
      grown.release();
      await driver.load(spec(SMALL), never);
    });

    it("reports a missing model", async () => {
      await failsAs(driver.load(spec("no/such:model"), never), subject.missing);
    });

    it("does not take a model away from its work", async () => {
      await load(SMALL);
      const gate = fake.hold(SMALL);
      const job = subject.job(fake.url, SMALL);
      await gate.reached();
      if (subject.whileWorking !== undefined) {
        await failsAs(driver.unload(spec(SMALL), never), subject.whileWorking);
        expect(machine.usedBytes("cuda:0")).toBe(4.5 * GIB);
      }
      gate.open();
      expect(await job).toBe(200);
    });

    const lie = (name: Subject["lies"][number], what: string, run: () => Promise<void>): void => {
      if (subject.lies.includes(name)) it(`finds out ${what}`, run);
    };

    lie("load", "a load that was not done", async () => {
      fake.lie({ load: "nothing" });
      await failsAs(driver.load(spec(SMALL), never), "unverified");
    });

    lie("stale-load", "a load that is not shown", async () => {
      fake.lie({ list: "stale" });
      await driver.loaded(never);
      await failsAs(driver.load(spec(SMALL), never), "unverified");
    });

    lie("unload", "an unload that was not done", async () => {
      await load(SMALL);
      fake.lie({ unload: "nothing" });
      const startedMs = clock.nowMs();
      await failsAs(driver.unload(spec(SMALL), never), "unverified");
      expect(clock.nowMs() - startedMs).toBeGreaterThanOrEqual(30_000);
      expect(machine.usedBytes("cuda:0")).toBe(4 * GIB);
      fake.lie({});
      await driver.unload(spec(SMALL), never);
      expect(machine.usedBytes("cuda:0")).toBe(0);
    });

    lie("stale-unload", "an unload that is not shown", async () => {
      await load(SMALL);
      fake.lie({ list: "stale" });
      await driver.loaded(never);
      await failsAs(driver.unload(spec(SMALL), never), "unverified");
    });

    lie("unload", "an unload that is answered before it is done, and waits for it", async () => {
      await load(SMALL);
      fake.lie({ unloadMs: 4_000 });
      const startedMs = clock.nowMs();
      await driver.unload(spec(SMALL), never);
      expect(clock.nowMs() - startedMs).toBeGreaterThanOrEqual(4_000);
      expect(machine.usedBytes("cuda:0")).toBe(0);
    });

    it("leaves it to the probe to see memory come back late", async () => {
      await load(SMALL);
      if (subject.loads === "process") return;
      fake.lie({ reclaimMs: 20_000 });
      await driver.unload(spec(SMALL), never);
      expect(machine.usedBytes("cuda:0")).toBe(4 * GIB);
      await clock.advance(20_000);
      expect(machine.usedBytes("cuda:0")).toBe(0);
    });

    it("reports a backend that is down, and goes on when it is back", async () => {
      await load(SMALL);
      await fake.kill();
      expect(await driver.health(never)).toEqual({
        ok: false,
        why: expect.stringContaining("connection refused"),
      });
      if (subject.down === "empty") expect(await driver.loaded(never)).toEqual([]);
      else {
        await failsAs(driver.loaded(never), "unreachable");
        await failsAs(driver.load(spec(SMALL), never), "unreachable");
        await failsAs(driver.unload(spec(SMALL), never), "unreachable");
      }
      await fake.restart();
      expect(await driver.health(never)).toEqual({ ok: true });
      await load(SMALL);
      expect(machine.usedBytes("cuda:0")).toBe(4 * GIB);
    });

    it("reports a backend that ends in the middle of a load", async () => {
      if (subject.loads !== undefined) return;
      await fake.close();
      await begin(one(SMALL, { loadMs: 5_000 }));
      const loading = driver.load(spec(SMALL), never);
      const failure = failsAs(loading, "unreachable");
      await clock.asleep();
      await fake.kill();
      await failure;
      expect(machine.usedBytes("cuda:0")).toBe(0);
    });

    it("ends when its signal aborts", async () => {
      const left = new AbortController();
      left.abort(new Error("left"));
      for (const work of [
        driver.loaded,
        driver.health,
        (signal: AbortSignal) => driver.load(spec(SMALL), signal),
      ]) {
        await expect(work(left.signal)).rejects.toThrow("left");
      }
      const leaving = new AbortController();
      await load(SMALL);
      fake.lie({ list: "stale" });
      await driver.loaded(never);
      const patient = subject.driver(
        {
          ...options,
          wait: async () => leaving.abort(new Error("left")),
        },
        fake,
      );
      if (subject.lies.includes("stale-unload")) {
        await expect(patient.unload(spec(SMALL), leaving.signal)).rejects.toThrow("left");
      }
    });

    it("lets go of a call that is under way", async () => {
      if (subject.loads !== undefined) return;
      await fake.close();
      await begin(one(SMALL, { loadMs: 5_000 }));
      const leaving = new AbortController();
      const loading = driver.load(spec(SMALL), leaving.signal);
      await clock.asleep();
      leaving.abort(new Error("left"));
      await expect(loading).rejects.toThrow("left");
    });

    it.each(["is silent", "has no end"])("never hangs on a backend that %s", async (how) => {
      await using lab = await startLab();
      await using endless = await startEndless();
      const baseUrl = how === "is silent" ? await lab.blackHole() : endless.url;
      const hung = subject.driver({ ...options, baseUrl, callTimeoutMs: 20, loadTimeoutMs: 20 }, undefined);
      expect(await hung.health(never)).toEqual({
        ok: false,
        why: expect.stringContaining("no answer within 20 ms"),
      });
      await failsAs(hung.loaded(never), "unreachable");
      await failsAs(hung.load(spec(SMALL), never), "unreachable");
      await failsAs(hung.unload(spec(SMALL), never), "unreachable");
    });

    it.each<[string, Buffer]>([
      ["no JSON", Buffer.from("<html>502</html>")],
      ["nothing", Buffer.alloc(0)],
      ["a list", Buffer.from("[]")],
      ["null", Buffer.from("null")],
      ["lists that are none", Buffer.from('{"models":7,"data":"x","loaded":"yes","is_sleeping":"no"}')],
      ["more bytes than any", Buffer.concat([Buffer.alloc(2 * 2 ** 20, 32), EMPTY])],
      ["depth without end", Buffer.from("[".repeat(100_000))],
    ])("takes %s for an answer without facts", async (_, body) => {
      await load(SMALL);
      fake.interfere(({ path }) => (path === subject.looksAt ? { status: 200, body } : undefined));
      await failsAs(driver.loaded(never), "unreachable");
    });

    it("shows entries of wrong types as not there, and keeps no number that is none", async () => {
      await load(SMALL);
      const odd = [null, 7, "x", {}, { id: 5, name: 5, status: { value: [] } }];
      const numbers = { size: -1, size_vram: "12", context_length: 1e300, active_requests: 0.5 };
      const good = { id: SMALL, name: SMALL, status: { value: "loaded" }, ...numbers };
      const entries = [...odd, good] as never;
      fake.interfere(({ path }) =>
        path === subject.looksAt
          ? {
              status: 200,
              body: {
                models: entries,
                data: entries,
                loaded: true,
                current_model: SMALL,
                is_sleeping: false,
              },
            }
          : undefined,
      );
      expect(await driver.loaded(never)).toEqual([
        {
          model: SMALL,
          options: {},
          bytes: undefined,
          gpuBytes: undefined,
          busy: subject.name === "sdcpp" ? 0 : undefined,
          concurrency: subject.name === "llamacpp" ? 1 : undefined,
          loading: false,
        },
      ]);
    });

    it("sends its token and keeps it out of its errors", async () => {
      if (subject.loads === "process") await driver.load(spec(SMALL), never);
      const secret = subject.driver({ ...options, token: "s3cret-t0ken" }, fake);
      fake.interfere(() => ({ status: 403, body: { error: "no: s3cret-t0ken\u001b[31m\nis wrong" } }));
      const health = await secret.health(never);
      expect(health).toMatchObject({
        ok: false,
        why: expect.stringContaining("403 (it wants another token): no: *** [31m is wrong"),
      });
      expect(fake.calls.at(-1)?.authorization).toBe("Bearer s3cret-t0ken");
      await failsAs(secret.loaded(never), "unreachable");
    });
  });
}

/** Answers everything with a good beginning, and never ends. */
async function startEndless() {
  const server = createServer((_, response) => void response.write('{"models":['));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** POSTs JSON and gives the status, whatever it is. */
export async function post(url: string, body: unknown): Promise<number> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  await answer.arrayBuffer();
  return answer.status;
}
