/** What the catalogue's policies come to for one name. */
import type { RoutePolicy } from "./policy.ts";
import { present } from "./present.ts";

/** The name that stands for all names. */
export const EVERY_NAME = "*";

/** Undefined where all is as usual: the hot path asks for nothing else. */
export function policyFor(
  policies: Readonly<Record<string, RoutePolicy>> | undefined,
  name: string,
): RoutePolicy | undefined {
  if (policies === undefined) return undefined;
  // A name may be called `constructor`, which every object seems to have.
  const own = Object.hasOwn(policies, name) ? policies[name] : undefined;
  const { firstTokenMs, hedgeAfterMs, midstream } = { ...policies[EVERY_NAME], ...own };
  const policy: RoutePolicy = {
    ...present({ firstTokenMs }),
    ...(hedgeAfterMs === undefined || hedgeAfterMs === 0 ? {} : { hedgeAfterMs }),
    ...(midstream === undefined || midstream === "error" ? {} : { midstream }),
  };
  return Object.keys(policy).length === 0 ? undefined : policy;
}
