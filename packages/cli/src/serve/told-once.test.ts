import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolve } from "@headgate/contract";
import { afterEach, beforeEach, expect, it } from "vitest";
import { newMeanings } from "./told-once.ts";

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "headgate-told-"));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const values = (models: string) => ({
  CUSTOM: "1",
  CUSTOM_1_BASE_URL: "http://127.0.0.1:8000/v1",
  CUSTOM_1_MODELS: models,
});
const tell = (models: string): readonly string[] => {
  const custom = {
    id: "custom",
    name: "Custom",
    summary: "s",
    flag: "CUSTOM",
    tier: "local" as const,
    adapter: "openai-compatible",
    instances: { prefix: "CUSTOM", capabilities: [] },
    headers: {},
    dialect: { drop: [], rename: {}, stripToolSchema: [] },
    timeouts: {},
    limits: [],
    errors: [],
    sources: [],
    models: [],
  };
  const catalog = { providers: [custom], chains: {}, contextWindow: {}, groups: [] };
  return newMeanings(stateDir, resolve(catalog, values(models)).table, values(models));
};

it("tells once what an id with an operation behind it means now", () => {
  expect(tell("big, small:7b, e:embedding")).toEqual([
    "CUSTOM_1_MODELS: e:embedding is the model e, for embedding; earlier versions took it for a chat model of that whole id, which is written e:embedding:chat now",
  ]);
  expect(tell("big, small:7b, e:embedding")).toEqual([]);
  expect(tell("e:embedding, w:transcription")).toEqual([expect.stringContaining("w:transcription")]);
  expect(tell("w:chat")).toEqual([]);
});

it("tells it again where the note of it cannot be read", () => {
  writeFileSync(join(stateDir, "told.json"), "{oops");
  expect(tell("e:embedding")).toHaveLength(1);
});
