/** The effective policy of one name. */
import { DEFAULT_MIDSTREAM, type RoutePolicy } from "./policy.ts";
import { present } from "./present.ts";

/** The entry for all names. */
export const EVERY_NAME = "*";

/** Undefined where every field is the default, so that the hot path checks one value. */
export function policyFor(
  policies: Readonly<Record<string, RoutePolicy>> | undefined,
  name: string,
): RoutePolicy | undefined {
  if (policies === undefined) return undefined;
  // A name may be `constructor`, which every object inherits.
  const own = Object.hasOwn(policies, name) ? policies[name] : undefined;
  const { firstTokenMs, hedgeAfterMs, midstream, localWaitMs, cache } = { ...policies[EVERY_NAME], ...own };
  const policy: RoutePolicy = {
    ...present({ firstTokenMs, localWaitMs, cache }),
    ...(hedgeAfterMs === undefined || hedgeAfterMs === 0 ? {} : { hedgeAfterMs }),
    ...(midstream === undefined || midstream === DEFAULT_MIDSTREAM ? {} : { midstream }),
  };
  return Object.keys(policy).length === 0 ? undefined : policy;
}
