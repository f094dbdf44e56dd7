import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { joinNeighbours } from "./neighbours.ts";

let stateDir = "";
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "headgate-neighbours-"));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

it("names the gateways that run already, and not one that has left", () => {
  const first = joinNeighbours(stateDir, "http://127.0.0.1:4000");
  const second = joinNeighbours(stateDir, "http://127.0.0.1:4001");
  expect([first.urls, second.urls]).toEqual([[], ["http://127.0.0.1:4000"]]);
  first.leave();
  const third = joinNeighbours(stateDir, "http://127.0.0.1:4002");
  expect(third.urls).toEqual(["http://127.0.0.1:4001"]);
  second.leave();
  third.leave();
  expect(readdirSync(stateDir)).toEqual([]);
});

it("removes what a killed gateway left, and skips an entry that is half written", () => {
  const killed = `process-${crypto.randomUUID()}`;
  writeFileSync(join(stateDir, `${killed}.lock`), "");
  writeFileSync(join(stateDir, `${killed}.json`), '{"url":"http://127.0.0.1:4000"}');
  writeFileSync(join(stateDir, `process-${crypto.randomUUID()}.json`), '{"url":"http://127.0.0.1:4003"}');
  const half = joinNeighbours(stateDir, "http://127.0.0.1:4001");
  const [entry = ""] = readdirSync(stateDir).filter((name) => name.endsWith(".json"));
  writeFileSync(join(stateDir, entry), '{"ur');
  const later = joinNeighbours(stateDir, "http://127.0.0.1:4002");
  expect([half.urls, later.urls]).toEqual([[], []]);
  half.leave();
  later.leave();
  expect(readdirSync(stateDir)).toEqual([]);
});

it("names none where the folder takes no lock", () => {
  expect(joinNeighbours(join(stateDir, "missing"), "http://127.0.0.1:4000").urls).toEqual([]);
});
