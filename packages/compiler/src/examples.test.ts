/** Every code's example is applied to the fixture and must show that code, there and alone. */
import { parseEnv } from "node:util";
import { mergeEnvironment } from "@headgate/contract";
import { CODES, type Code, type CodeEntry, type CodeExample, type Diagnostic } from "@headgate/diagnostics";
import { describe, expect, it } from "vitest";
import { oddLines } from "./resolve/env-text.ts";
import { resolveEnvironment } from "./resolve/index.ts";
import { compiled, edited, FIXTURE, type Files, LOCAL } from "./testing/fixture.ts";

type Edit = Exclude<CodeExample, { readonly prose: string }>;

/** What an example cannot avoid showing beside its own code. */
const COMPANY: Partial<Record<Code, readonly Code[]>> = {
  // The list leaves no model.
  HG506: ["HG508", "HG509"],
  HG508: ["HG506", "HG509"],
  // The kinds with a fixed number have no load options, and the fixture states one.
  HG333: ["HG332"],
  // The plan names the model too.
  HG413: ["HG320"],
  // Nothing else is on.
  HG522: ["HG507"],
  HG523: ["HG507"],
  HG524: ["HG507"],
  HG525: ["HG507"],
  HG526: ["HG507"],
};

/** Findings about what an edit leaves unsaid in another file. */
const ELSEWHERE: Partial<Record<Code, string>> = { HG410: LOCAL };

/** Findings about what the edit took away or put at odds: they stand beside it, or have no one place. */
const BESIDE: ReadonlySet<Code> = new Set<Code>([
  "HG101",
  "HG107",
  "HG203",
  "HG303",
  "HG304",
  "HG314",
  "HG330",
  "HG331",
  "HG507",
  "HG508",
  "HG509",
]);

async function findingsOf({ file, was, shows }: Edit): Promise<readonly Diagnostic[]> {
  if (file !== ".env") return (await compiled(edited(file, was, shows))).diagnostics;
  const { catalog } = await compiled(FIXTURE);
  if (catalog === undefined) throw new Error("the fixture does not compile");
  const values: Record<string, string> = {};
  for (const [name, value = ""] of Object.entries(parseEnv(shows))) values[name] = value;
  const environment = mergeEnvironment(values, {});
  const envFile = { path: file, text: shows };
  return resolveEnvironment(catalog, environment, envFile, {}, oddLines(shows, values)).diagnostics;
}

function startOf({ file, was }: Edit): number {
  const text: unknown = (FIXTURE as Files)[file];
  return was === "*" || typeof text !== "string" ? 0 : text.indexOf(was);
}

const edits = Object.entries(CODES as Record<Code, CodeEntry>).flatMap(
  ([code, { slug, severity, example }]) =>
    "prose" in example ? [] : [{ code: code as Code, slug, severity, example }],
);

describe("the fixture", () => {
  it("has no finding at all", async () => {
    const { diagnostics, catalog, providerCount, modelCount } = await compiled(FIXTURE);
    expect(diagnostics).toEqual([]);
    expect(catalog?.providers.map(({ id }) => id)).toEqual([
      "cerebras",
      "demo",
      "groq",
      "local",
      "oldie",
      "own",
    ]);
    expect([providerCount, modelCount]).toEqual([6, 7]);
  });
});

describe("the example of", () => {
  it.each(edits)(
    "$code $slug shows $code alone, where the edit was made",
    async ({ code, severity, example }) => {
      const found = await findingsOf(example);
      const company = COMPANY[code] ?? [];
      expect(found.map((finding) => finding.code).filter((one) => !company.includes(one))).toEqual([code]);
      const finding = found.find((one) => one.code === code);
      expect(finding).toMatchObject({ code, severity, file: ELSEWHERE[code] ?? example.file });
      if (ELSEWHERE[code] !== undefined || BESIDE.has(code)) return;
      expect(finding?.span?.start.offset).toBeGreaterThanOrEqual(startOf(example));
      expect(finding?.span?.end.offset).toBeLessThanOrEqual(startOf(example) + example.shows.length);
    },
  );

  it("takes care of every code that text can show", () => {
    expect(edits.length).toBeGreaterThan(50);
  });
});
