import { expect, it } from "vitest";
import { statedMs } from "./routing.ts";

it("an operator's timeout wins over a fragment's, unless the fragment says why it must not", () => {
  const timeouts = { streamIdleMs: 120_000 };
  expect(statedMs(900_000, timeouts, "streamIdleMs")).toBe(900_000);
  expect(statedMs(undefined, timeouts, "streamIdleMs")).toBe(120_000);
  expect(statedMs(900_000, { ...timeouts, why: "An agent works." }, "streamIdleMs")).toBe(120_000);
  expect(statedMs(900_000, { why: "An agent works." }, "streamIdleMs")).toBe(900_000);
  expect(statedMs(undefined, {}, "streamIdleMs")).toBeUndefined();
});
