import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addressOf, Cache } from "./cache.ts";

let directory = "";
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), "headgate-cache-")), "deep", "cache");
});
afterEach(() => {
  rmSync(join(directory, "../.."), { recursive: true, force: true });
});

const A = addressOf("a");
const B = addressOf("b");

describe("an address", () => {
  it("differs where one input ends and the next begins elsewhere", () => {
    expect(addressOf("ab", "c")).not.toBe(addressOf("a", "bc"));
    expect(addressOf("ab", "c")).toBe(addressOf("ab", "c"));
  });
});

describe("the cache", () => {
  it("gives back what was written, to another reader too, and nothing else", () => {
    const cache = new Cache(directory);
    expect(cache.read(A)).toBeUndefined();
    cache.write(A, "täxt\n");
    expect([new Cache(directory).read(A), cache.read(B)]).toEqual(["täxt\n", undefined]);
  });

  it.each<[string, (entry: string) => string]>([
    ["truncated", (entry) => entry.slice(0, -1)],
    ["cut inside its digest", (entry) => entry.slice(0, 10)],
    ["empty", () => ""],
    ["damaged", (entry) => `${entry.slice(0, -1)}X`],
    ["longer", (entry) => `${entry} `],
    ["something else", () => "{}"],
  ])("takes an entry that is %s for a miss, and writes it anew", (_, damage) => {
    const cache = new Cache(directory);
    cache.write(A, "text");
    const path = join(directory, A);
    writeFileSync(path, damage(readFileSync(path, "utf8")));
    expect(cache.read(A)).toBeUndefined();
    cache.write(A, "text");
    expect(cache.read(A)).toBe("text");
  });

  it("works without a folder that can be written", () => {
    mkdirSync(join(directory, ".."), { recursive: true });
    writeFileSync(directory, "a file");
    const cache = new Cache(directory);
    cache.write(A, "text");
    cache.sweep();
    expect(cache.read(A)).toBeUndefined();
    expect(readFileSync(directory, "utf8")).toBe("a file");
  });

  it("drops the oldest entries beyond its bound, and no file of anybody else's", () => {
    const cache = new Cache(directory, { maxBytes: 4_000 });
    const addresses = Array.from({ length: 5 }, (_, index) => addressOf(String(index)));
    addresses.forEach((address, index) => {
      cache.write(address, "x".repeat(936));
      utimesSync(join(directory, address), 1_000 + index, 1_000 + index);
    });
    writeFileSync(join(directory, "notes.txt"), "x".repeat(10_000));
    cache.sweep();
    expect(addresses.map((address) => cache.read(address) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(readdirSync(directory)).toContain("notes.txt");
  });

  it("never shows half of an entry while several threads write it", async () => {
    const text = "x".repeat(200_000);
    const script = `
      import { workerData } from "node:worker_threads";
      const { Cache } = await import(workerData.module);
      const cache = new Cache(workerData.directory, { thread: workerData.thread });
      for (let round = 0; round < 60; round += 1) {
        cache.write(workerData.address, workerData.text);
        const read = cache.read(workerData.address);
        if (read !== workerData.text) throw new Error("read " + (read?.length ?? "nothing"));
      }`;
    const module = new URL("./cache.ts", import.meta.url).href;
    const codes = await Promise.all(
      [1, 2, 3].map(
        (thread) =>
          new Promise((resolve, reject) => {
            const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
              workerData: { module, directory, thread, address: A, text },
            });
            worker.on("error", reject);
            worker.on("exit", resolve);
          }),
      ),
    );
    expect(codes).toEqual([0, 0, 0]);
    expect(readdirSync(directory)).toEqual([A]);
  });
});
