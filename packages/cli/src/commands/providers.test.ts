import { expect, it } from "vitest";
import { type ProviderRow, providerTable } from "./providers.ts";

const row = (provider: string, fields: Partial<ProviderRow>): ProviderRow => ({
  provider,
  tier: "free",
  flag: provider.toUpperCase(),
  key: "missing",
  keys: 0,
  models: { active: 0, all: 3 },
  active: false,
  reason: "set the flag",
  ...fields,
});

it("prints a known problem of a provider, active or not", () => {
  const condition = { state: "limited", reason: "credits run out", since: "2026-05-25" } as const;
  const gone = { state: "unusable", reason: "it was retired", since: "2026-07-30" } as const;
  const text = providerTable(
    [
      row("aaa", { condition }),
      row("bbb", { condition, active: true, reason: "" }),
      row("ccc", { condition: gone, reason: "cannot be used: it was retired" }),
    ],
    false,
  );
  expect(text).toMatch(/aaa .* off: set the flag \(limited: credits run out\)$/m);
  expect(text).toMatch(/bbb .* active \(limited: credits run out\)$/m);
  expect(text).toMatch(/ccc .* off: cannot be used: it was retired$/m);
});

it("prints active providers first, aligned, and why the others are off", () => {
  const rows = [
    row("aaa", {}),
    row("local-one", {
      tier: "local",
      active: true,
      key: "none needed",
      models: { active: 2, all: 3 },
      reason: "",
    }),
    row("groq", { active: true, key: "2 keys", keys: 2, models: { active: 3, all: 3 }, reason: "" }),
  ];
  expect(providerTable(rows, false)).toBe(
    [
      "PROVIDER   TIER   FLAG       KEY          MODELS  STATE",
      "local-one  local  LOCAL-ONE  none needed  2 of 3  active",
      "groq       free   GROQ       2 keys       3       active",
      "aaa        free   AAA        missing      3       off: set the flag",
      "",
      "2 of 3 providers active",
    ].join("\n"),
  );
});
