import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Catalog } from "@headgate/contract";
import { parse } from "dotenv";
import { expect, it } from "vitest";
import { composeEnv, composeProfiles, lacksBudget } from "./compose-env.ts";

const catalog = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../generated/catalog.json"), "utf8"),
) as Catalog;

it("finds the profiles in every spelling of a flag that Headgate reads", () => {
  const spellings = [
    "OLLAMA=1",
    "OLLAMA=true",
    'OLLAMA="1"',
    "OLLAMA='yes'",
    "OLLAMA = 1",
    " OLLAMA=on",
    "export OLLAMA=1",
    "OLLAMA=1 # mine",
    "OLLAMA=1\r",
    "\ufeffOLLAMA=1".replace("\ufeff", ""),
    "OLLAMA=TRUE",
    "OLLAMA: 1",
    "OLLAMA=`1`",
  ];
  for (const text of spellings) expect(composeProfiles(catalog, parse(text)), text).toEqual(["ollama"]);
  for (const text of ["OLLAMA=0", "# OLLAMA=1", "GROQ=1", "OLLAMA="])
    expect(composeProfiles(catalog, parse(text)), text).toEqual([]);
  expect(composeProfiles(catalog, parse("OLLAMA_CUDA=1\nSDCPP=1"))).toEqual(["ollama-cuda", "sdcpp"]);
});

it("writes values so that neither a dollar sign nor a quote, a # or a space changes them", () => {
  const values = {
    A: "ab$cd",
    B: "it's $5",
    C: "x # y",
    D: 'say "hi"',
    E: "plain-1.2:3",
    F: "",
    G: "$" + "{HOME}",
    H: " x ",
  };
  const text = composeEnv(values);
  expect(text).toContain("A='ab$cd'\n");
  expect(text).toContain('B="it\'s \\$5"\n');
  // Node's reader knows single quotes as Compose's does, and leaves the backslashes of double quotes alone.
  const { B: _, ...single } = values;
  expect(parseEnv(text)).toMatchObject(single);
});

it("asks for a declared budget where a backend on a GPU is on, which the gateway's container cannot measure", () => {
  const asks = (text: string): boolean => {
    const variables = parse(text);
    return lacksBudget(catalog, composeProfiles(catalog, variables), variables.HEADGATE_VRAM_BUDGET);
  };
  expect(asks('export OLLAMA_CUDA="1"')).toBe(true);
  expect(asks("OLLAMA_CUDA=1\nHEADGATE_VRAM_BUDGET=' '")).toBe(true);
  expect(asks("OLLAMA_CUDA=1\nHEADGATE_VRAM_BUDGET=0:7GiB")).toBe(false);
  expect(asks("OLLAMA=1")).toBe(false);
});
