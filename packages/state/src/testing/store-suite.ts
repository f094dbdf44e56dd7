/** What every store must do: `storeContract(name, make)` in the store's own test file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeptRecord, SharedLimits, StateStore } from "@headgate/contract";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { holdProcessLock } from "../process-lock.ts";
import { BUCKET, claim, DAY, FLIGHT, MINUTE, meter, settled } from "./claims.ts";
import { eventually } from "./eventually.ts";

/** One memory; every opening is as another process's. Leader locks should expire within some ten ms. */
export interface Memory {
  open(): Promise<StateStore>;
  /** After the openings were closed. */
  destroy?(): Promise<void>;
}

export interface Traits {
  /** Two openings at a time see each other, and have shared limits. */
  readonly shared: boolean;
  /** Leader locks are of this machine: a holder that ended is seen. */
  readonly seesProcessLocks: boolean;
}

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const HOUR_MS = 3_600_000;

export function storeContract(name: string, make: () => Promise<Memory>, traits: Traits): void {
  let memories: Memory[] = [];
  let opened: StateStore[] = [];
  afterEach(async () => {
    for (const store of opened) await store.close();
    for (const memory of memories) await memory.destroy?.();
    memories = [];
    opened = [];
  });
  const memory = async (): Promise<() => Promise<StateStore>> => {
    const made = await make();
    memories.push(made);
    return async () => {
      const store = await made.open();
      opened.push(store);
      return store;
    };
  };
  const one = async (): Promise<StateStore> => (await memory())();
  const record = (key: string, value: Uint8Array, space = "responses"): KeptRecord => ({
    space,
    key,
    value,
    expiresAtMs: Date.now() + HOUR_MS,
  });

  describe(`${name} keeps the stores' contract`, () => {
    it("remembers what is cooling down and what was counted for the next process", async () => {
      const open = await memory();
      const first = await open();
      const failure = { class: "rate_limit", scope: "key", message: "slow down", status: 429 } as const;
      const untilMs = Date.now() + HOUR_MS;
      first.saveCooldowns([{ id: "groq", untilMs, streak: 1 }]);
      first.saveCooldowns([
        { id: "groq", untilMs: untilMs + 5, streak: 2, failure, sinceMs: untilMs - 9, hits: 7 },
        { id: "gemini@k/flash", untilMs, streak: 1 },
      ]);
      first.saveMeters([{ id: "groq rpm", data: '{"v":1}' }]);
      first.saveMeters([{ id: "groq rpm", data: '{"v":2}' }]);
      await first.close();
      const { cooldowns, meters } = await (await open()).load();
      expect(cooldowns.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
        { id: "gemini@k/flash", untilMs, streak: 1 },
        { id: "groq", untilMs: untilMs + 5, streak: 2, failure, sinceMs: untilMs - 9, hits: 7 },
      ]);
      expect(meters).toEqual([{ id: "groq rpm", data: '{"v":2}' }]);
    });

    it("drops what `forget` names, and keeps what is saved after that", async () => {
      const open = await memory();
      const first = await open();
      const untilMs = Date.now() + HOUR_MS;
      first.saveCooldowns(["a", "b"].map((id) => ({ id, untilMs, streak: 1 })));
      first.saveMeters(["m", "n"].map((id) => ({ id, data: "1" })));
      first.forget(["a", "b", "m", "n"]);
      first.saveCooldowns([{ id: "b", untilMs, streak: 7 }]);
      first.saveMeters([{ id: "n", data: "2" }]);
      await first.close();
      expect(await (await open()).load()).toEqual({
        cooldowns: [{ id: "b", untilMs, streak: 7 }],
        meters: [{ id: "n", data: "2" }],
      });
    });

    it("remembers no cooldown that was cleared", async () => {
      const open = await memory();
      const first = await open();
      const untilMs = Date.now() + HOUR_MS;
      first.saveCooldowns(["a", "b"].map((id) => ({ id, untilMs, streak: 1, sinceMs: 5, hits: 1 })));
      first.saveCooldowns([{ id: "a", untilMs: 0, streak: 0, clearedAtMs: Date.now() }]);
      await first.close();
      const { cooldowns } = await (await open()).load();
      expect(cooldowns.filter((record) => record.untilMs > 0).map(({ id }) => id)).toEqual(["b"]);
    });

    it("gives a record back byte for byte, at once and to the next process", async () => {
      const open = await memory();
      const first = await open();
      const value = bytes(0, 255, 13, 10, 128, 0);
      first.kept.put(record("k", value));
      expect(await first.kept.get("responses", "k", Date.now())).toEqual(value);
      await first.close();
      const second = await open();
      expect(await second.kept.get("responses", "k", Date.now())).toEqual(value);
      expect(await second.kept.get("responses", "other", Date.now())).toBeUndefined();
    });

    it("never takes one space's record for another's", async () => {
      const { kept } = await one();
      kept.put(record("b:c", bytes(1), "a"));
      kept.put(record("c", bytes(2), "a:b"));
      kept.put(record('","', bytes(3), '"'));
      expect(await kept.get("a", "b:c", Date.now())).toEqual(bytes(1));
      expect(await kept.get("a:b", "c", Date.now())).toEqual(bytes(2));
      expect(await kept.get('"', '","', Date.now())).toEqual(bytes(3));
      expect(await kept.get("a:b:c", "", Date.now())).toBeUndefined();
    });

    it("replaces, deletes once, and shows nothing that has expired", async () => {
      const { kept } = await one();
      kept.put(record("k", bytes(1)));
      kept.put(record("k", bytes(2)));
      expect(await kept.get("responses", "k", Date.now())).toEqual(bytes(2));
      expect(await kept.delete("responses", "k")).toBe(true);
      expect(await kept.delete("responses", "k")).toBe(false);
      expect(await kept.get("responses", "k", Date.now())).toBeUndefined();
      kept.put({ ...record("old", bytes(3)), expiresAtMs: Date.now() - 1 });
      expect(await kept.get("responses", "old", Date.now())).toBeUndefined();
    });

    it("drops what was least recently read when a space grows too large", async () => {
      const open = await memory();
      const first = await open();
      for (const key of ["a", "b", "c"]) first.kept.put(record(key, new Uint8Array(100)));
      first.kept.put(record("elsewhere", new Uint8Array(500), "sessions"));
      await first.close();
      const { kept } = await open();
      const laterMs = Date.now() + 10;
      for (const key of ["b", "a"]) await kept.get("responses", key, laterMs);
      kept.sweep(Date.now(), { responses: 250 });
      await eventually(async () => (await kept.get("responses", "c", Date.now())) === undefined);
      expect(await kept.get("responses", "a", Date.now())).toBeDefined();
      expect(await kept.get("responses", "b", Date.now())).toBeDefined();
      expect(await kept.get("sessions", "elsewhere", Date.now())).toBeDefined();
    });

    it("lets one hold a leader lock at a time, with a token that grows", async () => {
      const open = await memory();
      const first = await open();
      const second = traits.shared ? await open() : first;
      const never = new AbortController().signal;
      const a = await first.leaderLock("writer", never);
      let held = false;
      const waiting = second.leaderLock("writer", never).then((leaderLock) => {
        held = true;
        return leaderLock;
      });
      const other = await second.leaderLock("another", never);
      expect(held).toBe(false);
      await a.release();
      expect(a.lost.aborted).toBe(true);
      const b = await waiting;
      expect(b.token).toBeGreaterThan(a.token);
      expect(b.lost.aborted).toBe(false);
      await Promise.all([b.release(), other.release()]);
    });

    it("stops waiting for a leader lock when the signal aborts, and releases leader locks when it closes", async () => {
      const open = await memory();
      const first = await open();
      const waiter = traits.shared ? await open() : first;
      const held = await first.leaderLock("writer", new AbortController().signal);
      const stop = new AbortController();
      const waiting = waiter.leaderLock("writer", stop.signal);
      stop.abort(new Error("enough"));
      await expect(waiting).rejects.toThrow("enough");
      await expect(waiter.leaderLock("writer", AbortSignal.abort(new Error("before")))).rejects.toThrow(
        "before",
      );
      await first.close();
      const next = await (await open()).leaderLock("writer", new AbortController().signal);
      expect(next.token).toBeGreaterThan(held.token);
      await next.release();
    });

    it("takes a leader lock from a holder whose process lock is released, and from no other", async () => {
      const folder = mkdtempSync(join(tmpdir(), "headgate-locks-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const open = await memory();
      const first = await open();
      const second = traits.shared ? await open() : first;
      const never = new AbortController().signal;
      const [mine, yours] = [holdProcessLock(folder), holdProcessLock(folder)];
      const a = await first.leaderLock("writer", never, mine.path);
      let held = false;
      const waiting = second.leaderLock("writer", never, yours.path).then((leaderLock) => {
        held = true;
        return leaderLock;
      });
      /** A call that waited before this has looked at least once more when it is over. */
      const aLook = async (): Promise<void> => {
        const other = await first.leaderLock("another", never);
        const next = second.leaderLock("another", never);
        await other.release();
        await (await next).release();
      };
      for (let look = 0; look < 3; look += 1) await aLook();
      expect([held, a.lost.aborted]).toEqual([false, false]);
      mine.end(false);
      for (let look = 0; look < 3; look += 1) await aLook();
      expect(held).toBe(traits.seesProcessLocks);
      if (traits.seesProcessLocks) await eventually(() => a.lost.aborted);
      else await a.release();
      const b = await waiting;
      expect(b.token).toBeGreaterThan(a.token);
      // What the one before does late changes nothing.
      await a.release();
      for (let look = 0; look < 3; look += 1) await aLook();
      expect(b.lost.aborted).toBe(false);
      await b.release();
      yours.end(true);
    });

    it("may be closed twice", async () => {
      const store = await one();
      await store.close();
      await store.close();
    });
  });

  if (!traits.shared) return;

  describe(`${name} keeps the shared limits' contract`, () => {
    const cores = async (): Promise<[SharedLimits, SharedLimits, StateStore, StateStore]> => {
      const open = await memory();
      const [first, second] = [await open(), await open()];
      if (first.shared === undefined || second.shared === undefined) throw new Error("no shared limits");
      return [first.shared, second.shared, first, second];
    };
    const ticketOf = async (limits: SharedLimits, ...claims: Parameters<SharedLimits["reserve"]>[0]) => {
      const grant = await limits.reserve(claims, Date.now());
      if (grant.ticket === undefined) throw new Error("nothing was open");
      return grant.ticket;
    };

    it("counts together what several take", async () => {
      const [a, b] = await cores();
      const wanted = [claim([meter("rpm", MINUTE, 5)])];
      const grants = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? a : b).reserve(wanted, Date.now())),
      );
      expect(grants.filter(({ index }) => index === 0)).toHaveLength(5);
      expect(new Set(grants.map(({ ticket }) => ticket).filter(Boolean)).size).toBe(5);
    });

    it("takes the first open claim wholly, and nothing of those before it", async () => {
      const [a, b] = await cores();
      const full = claim([meter("free", MINUTE, 10), meter("full", MINUTE, 0)]);
      const next = claim([meter("next", MINUTE, 1), meter("flight", FLIGHT, 1)]);
      expect(await a.reserve([full, next], Date.now())).toMatchObject({ index: 1 });
      expect(await b.reserve([full, next], Date.now())).toMatchObject({ index: -1 });
      expect(await b.reserve([claim([meter("free", MINUTE, 10, 10)])], Date.now())).toMatchObject({
        index: 0,
      });
    });

    it("counts two needs of one meter together", async () => {
      const [a] = await cores();
      const twice = claim([meter("rpm", MINUTE, 3, 2), meter("rpm", MINUTE, 3, 2)]);
      expect((await a.reserve([twice], Date.now())).index).toBe(-1);
    });

    it("states when the first claim may open, where that is known", async () => {
      const [a] = await cores();
      const nowMs = Math.floor(Date.now() / 5_000) * 5_000;
      const rpm = claim([meter("rpm", MINUTE, 1)]);
      const tokens = claim([meter("tpm", BUCKET, 600, 600)]);
      const daily = claim([meter("rpd", DAY, 1, 1, nowMs + 12_000)]);
      const busy = claim([meter("flight", FLIGHT, 1)]);
      const all = [rpm, tokens, daily, busy];
      for (const index of all.keys()) expect(await a.reserve(all, nowMs)).toMatchObject({ index });
      const opens = async (...claims: typeof all) => (await a.reserve(claims, nowMs)).opensAtMs;
      expect((await a.reserve(all, nowMs)).index).toBe(-1);
      expect(await opens(rpm)).toBe(nowMs + 65_000);
      expect(await opens(claim([meter("tpm", BUCKET, 600, 60)]))).toBe(nowMs + 6_000);
      expect(await opens(daily)).toBe(nowMs + 12_000);
      expect(await opens(busy)).toBeUndefined();
      expect(await opens(rpm, daily, busy)).toBe(nowMs + 12_000);
      expect(await opens(claim([...rpm.meters, ...daily.meters]))).toBe(nowMs + 65_000);
      expect(await opens(claim([meter("huge", MINUTE, 1, 2)]))).toBeUndefined();
    });

    it("skips what is cooling down, whichever process saved it, and notifies the others", async () => {
      const [a, , first, second] = await cores();
      const received: string[] = [];
      first.onCooldowns?.((records) => received.push(...records.map(({ id }) => id)));
      second.onCooldowns?.((records) => received.push(...records.map(({ id }) => `own ${id}`)));
      const wanted = [claim([meter("a", MINUTE, 10)], ["groq", "groq@k"]), claim([], ["gemini"])];
      const untilMs = Date.now() + HOUR_MS;
      await eventually(async () => {
        second.saveCooldowns([{ id: "groq@k", untilMs, streak: 1 }]);
        return (await a.reserve(wanted, Date.now())).index === 1 && received.length > 0;
      });
      expect(new Set(received)).toEqual(new Set(["groq@k"]));
      second.saveCooldowns([{ id: "gemini", untilMs: untilMs + 1, streak: 1 }]);
      await eventually(async () => (await a.reserve(wanted, Date.now())).index === -1);
      expect(await a.reserve(wanted, Date.now())).toEqual({ index: -1, opensAtMs: untilMs });
      expect(await a.reserve(wanted, untilMs)).toMatchObject({ index: 0 });
    });

    it("has open again what an operator clears, and tells the others that it was cleared", async () => {
      const [a, , first, second] = await cores();
      const cleared: unknown[] = [];
      first.onCooldowns?.((records) =>
        cleared.push(...records.filter(({ clearedAtMs }) => clearedAtMs === 7)),
      );
      const wanted = [claim([], ["groq"])];
      second.saveCooldowns([{ id: "groq", untilMs: Date.now() + HOUR_MS, streak: 1 }]);
      await eventually(async () => (await a.reserve(wanted, Date.now())).index === -1);
      await eventually(async () => {
        second.saveCooldowns([{ id: "groq", untilMs: 0, streak: 0, clearedAtMs: 7 }]);
        return cleared.length > 0;
      });
      expect(cleared[0]).toEqual({ id: "groq", untilMs: 0, streak: 0, clearedAtMs: 7 });
      await eventually(async () => (await a.reserve(wanted, Date.now())).index === 0);
    });

    it("settles a ticket once: what was not used comes back, leases too", async () => {
      const [a, b] = await cores();
      const tokens = meter("tpm", MINUTE, 100, 60);
      const flight = meter("flight", FLIGHT, 2, 1);
      const takenAtMs = Date.now();
      const ticket = await ticketOf(a, claim([tokens, flight]));
      await ticketOf(b, claim([flight]));
      expect((await b.reserve([claim([flight])], Date.now())).index).toBe(-1);
      for (let i = 0; i < 3; i += 1) a.settle(ticket, [settled(tokens, 10, takenAtMs)], Date.now());
      await eventually(async () => (await b.reserve([claim([flight])], Date.now())).index === 0);
      const probe = (need: number) => b.reserve([claim([meter("tpm", MINUTE, 100, need)])], Date.now());
      expect((await probe(91)).index).toBe(-1);
      expect((await probe(90)).index).toBe(0);
    });

    it("charges what was used beyond the estimate", async () => {
      const [a, b] = await cores();
      const tokens = meter("tpm", BUCKET, 1_000, 100);
      const ticket = await ticketOf(a, claim([tokens]));
      const nowMs = Date.now();
      a.settle(ticket, [settled(tokens, 1_000, nowMs)], nowMs);
      await eventually(
        async () => (await b.reserve([claim([meter("tpm", BUCKET, 1_000, 900)])], nowMs)).index === -1,
      );
    });

    it("applies the upstream's own figure, upward and downward", async () => {
      const [a, b] = await cores();
      const endsAtMs = Date.now() + HOUR_MS;
      for (const [shape, ends] of [[MINUTE], [BUCKET], [DAY, endsAtMs]] as const) {
        const { kind: id } = shape;
        const full = meter(id, shape, 1_000, 1_000, ends);
        const facts = ends === undefined ? { id, shape } : { id, shape, endsAtMs: ends };
        a.correct([{ ...facts, used: 1_000 }], Date.now());
        await eventually(
          async () => (await b.reserve([claim([{ ...full, need: 200 }])], Date.now())).index === -1,
        );
        b.correct([{ ...facts, used: 0 }], Date.now());
        await eventually(async () => (await a.reserve([claim([full])], Date.now())).index === 0);
      }
    });

    it("adds what was used while a process counted for itself", async () => {
      const [a, b] = await cores();
      const rpm = meter("rpm", MINUTE, 5);
      a.addUsed(
        Array.from({ length: 4 }, () => settled(rpm, 1, Date.now())),
        Date.now(),
      );
      const two = claim([{ ...rpm, need: 2 }]);
      // Nothing is there until the sum has come; then one fits and two do not.
      await eventually(async () => {
        const grant = await b.reserve([two], Date.now());
        if (grant.ticket !== undefined)
          b.settle(grant.ticket, [settled({ ...rpm, need: 2 }, 0, Date.now())], Date.now());
        return grant.index === -1;
      });
    });
  });
}
