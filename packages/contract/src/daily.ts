/** What free tiers allow in a day, as far as the catalogue states it. */
import type { Catalog, CatalogModel, CatalogProvider } from "./catalog.ts";
import type { Limit } from "./fragment.ts";
import { matchesPattern } from "./model-map.ts";

export interface Daily {
  readonly requests: number;
  readonly tokens: number;
}

/** A limit for a minute alone promises no day. */
const PER_DAY: Readonly<Partial<Record<NonNullable<Limit["window"]>, number>>> = {
  hour: 24,
  day: 1,
  month: 1 / 30,
};

/** A deprecated one may be another name of one that is counted. */
const isFree = ({ tier, retired, deprecated }: CatalogModel): boolean =>
  tier === "free" && retired === undefined && deprecated === undefined;

/** Undefined where no limit of the unit counts for the model. */
function most(limits: readonly Limit[], unit: Limit["unit"], model: CatalogModel): number | undefined {
  const amounts = limits.flatMap((limit) => {
    const { window = "minute", operations, models } = limit;
    const perDay = PER_DAY[window];
    if (limit.unit !== unit || perDay === undefined) return [];
    if (operations !== undefined && !operations.includes(model.operation)) return [];
    if (models !== undefined && !models.some((pattern) => matchesPattern(pattern, model.upstream))) return [];
    return [limit.amount * perDay];
  });
  return amounts.length === 0 ? undefined : Math.min(...amounts);
}

const isShared = ({ scope }: Limit): boolean => scope === "account" || scope === "ip";

function ofProvider(provider: CatalogProvider, models: readonly CatalogModel[], unit: Limit["unit"]): number {
  const shared = provider.limits.filter(isShared);
  const own = provider.limits.filter((limit) => !isShared(limit));
  let sum = 0;
  const caps = new Map<number, number>();
  for (const model of models) {
    const each = most([...own, ...model.limits.filter((limit) => !isShared(limit))], unit, model);
    const all = most([...shared, ...model.limits.filter(isShared)], unit, model);
    if (all === undefined) sum += each ?? 0;
    // Models under one limit share it: each adds at most its own.
    else caps.set(all, Math.min(all, (caps.get(all) ?? 0) + (each ?? all)));
  }
  for (const amount of caps.values()) sum += amount;
  return Math.floor(sum);
}

/** Of some free models: what their stated limits allow together in a day, under one key each. */
export function dailyOf({ providers }: Catalog, aliases?: ReadonlySet<string>): Daily {
  let requests = 0;
  let tokens = 0;
  for (const provider of providers) {
    if (provider.status?.state === "unusable") continue;
    const models = provider.models.filter(
      (model) => isFree(model) && (aliases === undefined || aliases.has(model.alias)),
    );
    requests += ofProvider(provider, models, "requests");
    tokens += ofProvider(provider, models, "tokens");
  }
  return { requests, tokens };
}
