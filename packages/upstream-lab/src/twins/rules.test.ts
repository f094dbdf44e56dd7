/** Each rule of each strict twin: a request that it refuses, and the nearest one that all of the twin's rules take. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { judge } from "./rule.ts";
import { ANTHROPIC_EXAMPLES } from "./testing/anthropic-examples.ts";
import { GROQ_EXAMPLES, MISTRAL_EXAMPLES, OPENAI_EXAMPLES, SHARED } from "./testing/chat-examples.ts";
import { type Example, PLAIN } from "./testing/example.ts";
import { GEMINI_EXAMPLES } from "./testing/gemini-examples.ts";
import { HOST_EXAMPLES, LOCAL_EXAMPLES } from "./testing/host-examples.ts";
import { RESPONSES_EXAMPLES } from "./testing/responses-examples.ts";
import { CHINESE_HOST_EXAMPLES, THINKER_EXAMPLES } from "./testing/thinker-examples.ts";
import { type ChatWire, isTwin, TWINS, type Twin, type TwinId } from "./twins.ts";

const OWN: readonly Example[] = [
  ...OPENAI_EXAMPLES,
  ...GROQ_EXAMPLES,
  ...MISTRAL_EXAMPLES,
  ...THINKER_EXAMPLES,
  ...CHINESE_HOST_EXAMPLES,
  ...HOST_EXAMPLES,
  ...LOCAL_EXAMPLES,
  ...ANTHROPIC_EXAMPLES,
  ...RESPONSES_EXAMPLES,
  ...GEMINI_EXAMPLES,
];

const twinIds = Object.keys(TWINS).filter(isTwin);
const wiresOf = (id: TwinId) =>
  Object.entries((TWINS[id] as Twin).wires) as [ChatWire, NonNullable<Twin["wires"][ChatWire]>][];
const has = (id: TwinId, wire: ChatWire, rule: string): boolean =>
  wiresOf(id).some(([one, { rules }]) => one === wire && rules.some(({ id: own }) => own === rule));
const tried = (id: TwinId, wire: ChatWire, rule: string): boolean =>
  OWN.some(
    (example) => example.twin === id && (example.wire ?? "openai-chat") === wire && example.rule === rule,
  );

/** Shared rules are tried at every twin that has no example of its own for them. */
const EXAMPLES: readonly Example[] = [
  ...OWN,
  ...twinIds.flatMap((twin) =>
    SHARED.filter(({ rule }) => has(twin, "openai-chat", rule) && !tried(twin, "openai-chat", rule)).map(
      (example) => ({
        ...example,
        twin,
        model: "lab-model",
      }),
    ),
  ),
];

const listed = (patches: Example["refused"]): readonly JsonObject[] =>
  Array.isArray(patches) ? patches : [patches as JsonObject];

/** The body as a provider reads it: `undefined` is a field that is not there. */
function bodyOf({ wire = "openai-chat", model = "lab-model" }: Example, patch: JsonObject): JsonObject {
  const written = JSON.stringify({ ...(wire === "gemini" ? {} : { model }), ...PLAIN[wire], ...patch });
  return JSON.parse(written) as JsonObject;
}
const brokenBy = (example: Example, patch: JsonObject): readonly string[] => {
  const { twin, wire = "openai-chat", model = "lab-model" } = example;
  const rules = wiresOf(twin).find(([one]) => one === wire)?.[1].rules ?? [];
  return judge(rules, bodyOf(example, patch), model).map(({ rule }) => rule.id);
};

describe.each(twinIds)("the strict twin %s", (id) => {
  const own = EXAMPLES.filter(({ twin }) => twin === id);

  it.each(own.map((example) => [example.rule, example] as const))(
    "refuses by %s, and takes its legal neighbour",
    (rule, example) => {
      for (const patch of listed(example.refused))
        expect([JSON.stringify(patch), brokenBy(example, patch)]).toEqual([
          JSON.stringify(patch),
          expect.arrayContaining([rule]),
        ]);
      for (const patch of listed(example.taken))
        expect([JSON.stringify(patch), brokenBy(example, patch)]).toEqual([JSON.stringify(patch), []]);
    },
  );

  it("has an example for each of its rules", () => {
    for (const [wire, { rules }] of wiresOf(id)) {
      const names = own
        .filter((example) => (example.wire ?? "openai-chat") === wire && listed(example.refused).length > 0)
        .map(({ rule }) => rule);
      expect(rules.map(({ id: rule }) => rule).filter((rule) => !names.includes(rule))).toEqual([]);
    }
  });
});

interface Source {
  readonly sources: readonly string[];
  readonly date: string;
  readonly basis: "documented" | "reports" | "one report";
  readonly singleReport?: true;
}

describe("the sources of the rules", () => {
  const provenance = JSON.parse(
    readFileSync(new URL("./provenance.json", import.meta.url), "utf8"),
  ) as Readonly<Record<string, Source>>;
  const used = new Set(
    twinIds.flatMap((id) => wiresOf(id).flatMap(([, { rules }]) => rules.map(({ id: rule }) => rule))),
  );

  it("are known for each rule, and no entry is left over", () => {
    expect(Object.keys(provenance).sort()).toEqual([...used].sort());
  });

  it("are public addresses with a date, and a rule of one report is marked", () => {
    for (const [rule, { sources, date, basis, ...entry }] of Object.entries(provenance)) {
      expect([
        rule,
        sources.length > 0,
        sources.every((source) => /^https:\/\/\S+$/.test(source)),
        /^20\d\d/.test(date),
      ]).toEqual([rule, true, true, true]);
      expect([rule, "singleReport" in entry]).toEqual([rule, basis === "one report"]);
    }
  });
});
