import { expect, it } from "vitest";
import { type QuotaAnswer, quotaText } from "./quota-text.ts";
import { type StatusAnswer, statusText } from "./status-text.ts";

const shared_accounts = [
  {
    provider: "acme",
    keys: ["ACME_API_KEY", "ACME_API_KEY_2"],
    fix: "If they do, set ACME_API_KEY_ACCOUNT.",
  },
];
const TOLD =
  "ACME_API_KEY and ACME_API_KEY_2 probably belong to one account. If they do, set ACME_API_KEY_ACCOUNT.";

it("the status and the quota say which keys probably share an account", () => {
  const status: StatusAnswer = {
    pid: 1,
    status: "ok",
    address: null,
    version: "1",
    started_at: "now",
    table: { fingerprint: "f", providers: 1, models: 1 },
    keys: 2,
    in_flight: 0,
    groups: [],
    cooldowns: [],
    log: [],
  };
  const quota: QuotaAnswer = {
    at: "now",
    limits: [],
    free: {
      models: 1,
      left: { requests: 1, tokens: null },
      rate_per_hour: { requests: 0, tokens: 0 },
      rate_hours: 3,
      lasts_until: null,
      horizon_hours: 48,
      second_account: null,
      switch_on: null,
    },
  };
  expect(statusText({ ...status, shared_accounts }, "url", false).split("\n")).toContain(TOLD);
  expect(quotaText({ ...quota, shared_accounts }, false).split("\n")).toContain(TOLD);
  expect(statusText(status, "url", false)).not.toContain("account");
  expect(quotaText(quota, false)).not.toContain("account");
});
