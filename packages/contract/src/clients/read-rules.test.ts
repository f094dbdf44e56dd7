import { expect, it } from "vitest";
import { clientIdIn, clientKeyOf, clientView } from "./client.ts";
import { periodMs } from "./period.ts";
import { editedRules, nameProblem, readClientFields, unknownNames } from "./read-rules.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const read = (fields: Readonly<Record<string, unknown>>) => readClientFields(fields, NOW_MS);

it("reads the same rules from the words of a command and from JSON", () => {
  const rules = {
    models: ["free-mode", "groq-*"],
    map: { "claude-haiku-*": "local-mode" },
    rpm: 30,
    tpm: 200_000,
    spend: "2usd/day",
    tiers: ["free", "local"],
    no_training: true,
    priority: "background",
  };
  const words = read({
    models: "free-mode, groq-*,free-mode",
    map: "claude-haiku-*=local-mode",
    rpm: "30",
    tpm: "200k",
    spend: "2usd/day",
    tier: "free",
    no_training: "true",
    priority: "background",
    expires: "90d",
  });
  const json = read({ ...rules, tiers: undefined, tier: ["free"], expires: "2027-02-19T12:00:00Z" });
  expect(words).toEqual({ edit: { rules, expires_at_ms: NOW_MS + 90 * 86_400_000 }, problems: [] });
  expect(json.edit.rules).toEqual(rules);
});

it.each([
  ["models", "a b"],
  ["models", "a*b*"],
  ["models", ""],
  ["models", []],
  ["map", "x"],
  ["map", "x=y=z"],
  ["map", { "a*b*": "c" }],
  ["map", { a: "c*" }],
  ["rpm", 0],
  ["rpm", -1],
  ["rpm", 1.5],
  ["rpm", "1.0005k"],
  ["tpd", "many"],
  ["concurrency", "2g"],
  ["spend", 2],
  ["spend", "2usd"],
  ["tier", "cheap"],
  ["no_training", "maybe"],
  ["priority", "urgent"],
  ["expires", "yesterday"],
  ["expires", "2020-01-01"],
  ["expires", "0d"],
])("names what %s must be, and what it is: %j", (field, value) => {
  const { edit, problems } = read({ [field]: value });
  expect(problems).toEqual([{ field, message: expect.stringMatching(/^`.*` must be .*; not /) }]);
  expect(edit.rules).toEqual({});
});

it("suggests a rule for a mistyped one", () => {
  expect(read({ modles: "a" }).problems[0]?.message).toBe(
    "`modles` is no rule of a client: did you mean models?",
  );
});

it("null removes a rule, and so does no_training: false", () => {
  const { edit } = read({ rpm: null, no_training: false, expires: null });
  expect(edit).toEqual({ rules: { rpm: null, no_training: null }, expires_at_ms: null });
  expect(editedRules({ rpm: 1, tpm: 2, no_training: true }, edit)).toEqual({ tpm: 2 });
});

it("suggests a name where none is there, also for the beginning of a pattern", () => {
  const known = ["free-mode", "groq-llama", "claude-*"];
  const messages = (models: string[], map = {}) =>
    unknownNames({ models, map }, known).map(({ message }) => message);
  expect(messages(["free-mode", "groq-*", "free-mode:fastest", "claude-*"], { "x*": "free-mode" })).toEqual(
    [],
  );
  expect(messages(["fre-mode"])).toEqual(['no model or group is named "fre-mode": did you mean free-mode?']);
  expect(messages(["grok-*"])).toEqual(['no model or group is named "grok-*": did you mean groq-*?']);
  expect(messages([], { "gpt-*": "free-mod" })).toEqual([
    'no model or group is named "free-mod": did you mean free-mode?',
  ]);
  expect(messages(["gpt-4"], { "gpt-4": "free-mode" })).toEqual([]);
});

it.each(["", "master", "a b", "-a", "x".repeat(65), "ä"])("refuses the name %j", (name) => {
  expect(nameProblem(name)).toBeDefined();
  expect(nameProblem("cline.v2-x_1")).toBeUndefined();
});

it("reads periods", () => {
  expect(["90d", "12h", "30m", "1w", "d", "-1d"].map(periodMs)).toEqual([
    7_776e6,
    432e5,
    18e5,
    undefined,
    undefined,
    undefined,
  ]);
});

it("recognises a client key by its form alone", () => {
  const key = clientKeyOf("0123456789ab", "x".repeat(43));
  expect(clientIdIn(key)).toBe("0123456789ab");
  expect([`${key}x`, "hg-x", "", `hgk-0123456789AB-${"x".repeat(43)}`].map(clientIdIn)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

it("shows a client's state, and until when an old key is valid", () => {
  const client = {
    id: "i",
    name: "n",
    rules: {},
    created_at_ms: NOW_MS,
    keys: [{ hash: "h" }, { hash: "o", until_ms: NOW_MS + 5 }],
  };
  expect(clientView(client, NOW_MS)).toMatchObject({
    state: "active",
    old_key_until: "2026-11-21T12:00:00.005Z",
  });
  expect(JSON.stringify(clientView(client, NOW_MS))).not.toContain("hash");
  expect(clientView({ ...client, expires_at_ms: NOW_MS }, NOW_MS).state).toBe("expired");
  expect(clientView({ ...client, revoked_at_ms: NOW_MS }, NOW_MS).state).toBe("revoked");
  expect(clientView({ ...client, keys: [] }, NOW_MS + 9)).toMatchObject({
    state: "no key",
    old_key_until: null,
  });
});
