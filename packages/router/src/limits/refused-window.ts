import type { Failure } from "@headgate/contract";
import type { Window } from "./meter.ts";

const REFUSED: Partial<Record<Failure["class"], Window>> = {
  rate_limit: "minute",
  daily_quota: "day",
  monthly_quota: "month",
};

/** The window that a refusal's class names; undefined for a failure that concerns no limit, such as an overload. */
export const refusedWindow = (failure: Failure): Window | undefined => REFUSED[failure.class];
