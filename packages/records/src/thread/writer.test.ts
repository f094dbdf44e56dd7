import { expect, it } from "vitest";
import type { Written } from "../store/store.ts";
import { Writer } from "./writer.ts";

function rig() {
  const timers: { ms: number; run: () => void }[] = [];
  const stored: string[] = [];
  const warnings: string[] = [];
  const batches: string[] = [];
  let fails = false;
  let done = 0;
  const writer = new Writer({
    store: {
      async write(records, id) {
        batches.push(id ?? "");
        if (fails) throw new Error("database is locked");
        stored.push(...records.map(({ json }) => json));
      },
    },
    clock: {
      after(ms, run) {
        timers.push({ ms, run });
        return () => {};
      },
    },
    where: "records.db",
    warn: (text) => warnings.push(text),
    done: (count) => {
      done += count;
    },
  });
  return {
    writer,
    timers,
    stored,
    warnings,
    batches,
    done: () => done,
    fail: (now: boolean) => {
      fails = now;
    },
  };
}

const some = (count: number, name = "r"): Written[] =>
  Array.from({ length: count }, (_, at) => ({ json: `${name}${at}` }));

it("writes what comes, in order", async () => {
  const { writer, stored, done } = rig();
  writer.write(some(3));
  writer.write(some(2, "s"));
  await writer.flush();
  expect(stored).toEqual(["r0", "r1", "r2", "s0", "s1"]);
  expect(done()).toBe(5);
});

it("tries a failed batch again under the same id, ever later, and warns once", async () => {
  const { writer, stored, warnings, timers, batches, fail } = rig();
  fail(true);
  writer.write(some(2));
  await writer.flush();
  await writer.flush();
  writer.write(some(1, "later"));
  expect(warnings).toEqual([
    expect.stringMatching(/cannot be written to records\.db \(database is locked\)/),
  ]);
  expect(timers.map(({ ms }) => ms)).toEqual([500, 1_000]);
  fail(false);
  timers[1]?.run();
  await writer.flush();
  expect(stored).toEqual(["r0", "r1", "later0"]);
  expect(new Set(batches).size).toBe(2);
  expect(warnings[1]).toMatch(/again; 0 of them were lost/);
});

it("loses the newest records beyond its bound, never the process, and says how many", async () => {
  const { writer, stored, warnings, done, fail } = rig();
  fail(true);
  writer.write(some(1));
  await writer.flush();
  writer.write(some(25_000, "x"));
  expect(done()).toBe(5_000);
  fail(false);
  await writer.flush();
  expect(stored).toHaveLength(20_001);
  expect(stored.at(-1)).toBe("x19999");
  expect(warnings[1]).toMatch(/5000 of them were lost/);
});
