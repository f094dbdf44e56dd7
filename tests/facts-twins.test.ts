/** `headgate facts verify` of real fragments against the strict twins of their providers: what the twins agree with is confirmed. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "@headgate/contract";
import {
  type Behaviour,
  behaviour,
  modelMissing,
  startLab,
  strictTwins,
  type TwinId,
  twinUrl,
} from "@headgate/upstream-lab";
import { expect, it } from "vitest";
import { commandHere } from "./support/serve.ts";

const { providers } = JSON.parse(readFileSync("generated/catalog.json", "utf8")) as Catalog;

/** A provider's list has the ids of its fragment, in OpenAI's form or in Gemini's. */
const listOf = (id: string, gemini: boolean): Behaviour => {
  const living = (providers.find((one) => one.id === id)?.models ?? []).filter(
    ({ retired }) => retired === undefined,
  );
  const document = gemini
    ? {
        models: living.map(({ upstream }) => ({
          name: `models/${upstream}`,
          supportedGenerationMethods: ["generateContent"],
        })),
      }
    : {
        data: living.map(({ upstream }) => ({ id: upstream, type: "model", object: "model" })),
        has_more: false,
      };
  return behaviour("list", () => [
    { kind: "head", status: 200, headers: { "content-type": "application/json" } },
    { kind: "bytes", bytes: Buffer.from(JSON.stringify(document)) },
  ]);
};

it.each([
  ["groq", "groq"],
  ["mistral", "mistral"],
  ["xai", "xai"],
  ["moonshot", "moonshot"],
  ["together", "together"],
  ["anthropic", "anthropic"],
  ["gemini", "gemini"],
  ["deepseek", "deepseek"],
] as const satisfies readonly (readonly [string, TwinId])[])(
  "%s",
  async (id, twin) => {
    const stateDir = mkdtempSync(join(tmpdir(), "headgate-twins-"));
    await using lab = await startLab();
    try {
      const twins = strictTwins();
      const missing = modelMissing();
      const list = listOf(id, twin === "gemini");
      lab.behave(
        "*",
        behaviour("twin", (request) =>
          (request.wire === "listing"
            ? list
            : request.model.startsWith("headgate-no-such")
              ? missing
              : twins.behaviour
          ).plan(request),
        ),
      );
      const base = new URL(twinUrl(lab.url, twin)).pathname;
      for (const path of [`${base}/models`, `${base}/v1/models`]) lab.behave(path, list);
      const flag = id.toUpperCase();
      const env = {
        [flag]: "1",
        [`${flag}_API_KEY`]: "test-key-1",
        [`${flag}_BASE_URL`]: twinUrl(lab.url, twin),
      };
      const { stdout, stderr } = await commandHere(
        [
          "facts",
          "verify",
          id,
          "--yes",
          "--json",
          "--spend",
          "1000",
          "--calls",
          "100",
          "--root",
          process.cwd(),
          "--state-dir",
          stateDir,
          "--env-file",
          "/dev/null",
        ],
        stateDir,
        env,
      );
      const { facts } = JSON.parse(stdout === "" ? stderr : stdout) as {
        facts: { alias: string; fact: string; state: string; stated?: string }[];
      };
      // A twin knows its provider's wire, and not which of its models takes tools.
      const contradicted = facts.filter(
        ({ fact, state, stated }) => state === "contradicted" && !(fact === "tools" && stated === "no"),
      );
      expect(contradicted).toEqual([]);
      expect(facts.filter(({ state }) => state === "confirmed").length).toBeGreaterThan(2);
    } finally {
      rmSync(stateDir, { recursive: true });
    }
  },
  20_000,
);
