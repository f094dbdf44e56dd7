/** A fragment's limits as meters: which limit counts what, per what. */
import {
  type Deployment,
  type Limit,
  matchesPattern,
  parseSpendLimit,
  present,
  type RoutedProvider,
  type SpendLimit,
  type StoredClient,
} from "@headgate/contract";
import { type MeterSpec, shapeOf, type Unit, type Window } from "./meter.ts";

/** Units that are counted before a call. What a neuron or an input costs shows only afterwards, or not at all. */
const COUNTED: ReadonlySet<Limit["unit"]> = new Set([
  "requests",
  "tokens",
  "concurrency",
  "usd",
  "inputs",
  "images",
]);

type Limited = Pick<Deployment, "upstream" | "operation" | "limits">;

/** Counted even where no limit is stated, so that one can be learned from refusals. */
const SHADOWS: readonly Window[] = ["minute", "day"];

/**
 * The meters of one deployment under one key. Limits of the model itself replace the provider's for the same unit,
 * window and scope.
 * @param account the key's stable identity, `<provider>@<digest>`; `<provider>@` for a provider without keys
 */
export function meterSpecs(
  provider: Pick<RoutedProvider, "id" | "limits">,
  deployment: Limited,
  account: string,
): MeterSpec[] {
  const specs = new Map<string, MeterSpec>();
  for (const limit of provider.limits) {
    if (applies(limit, deployment))
      add(specs, limit, owner(limit, provider.id, account, deployment.upstream));
  }
  for (const limit of deployment.limits) {
    // A model's own limit that is "per account" is that model's, not all models' of the account.
    const per = limit.scope === "ip" || limit.scope === "ip-model" ? provider.id : account;
    if (COUNTED.has(limit.unit)) add(specs, limit, `${per}/${deployment.upstream}`);
  }
  const id = `${account}/${deployment.upstream}`;
  for (const window of SHADOWS) {
    const stated = [...specs.values()].some((spec) => spec.unit === "requests" && spec.window === window);
    if (stated) continue;
    const shadow = { unit: "requests", window } as const;
    specs.set(window, { id: meterId(id, shadow), ...shadow, ...shapeOf(shadow), verified: false });
  }
  const whole = { unit: "requests", window: "minute" } as const;
  const accountId = meterId(account, whole);
  if (!specs.has(accountId))
    specs.set(accountId, { id: accountId, ...whole, ...shapeOf(whole), ofAccount: true, verified: false });
  return [...specs.values()];
}

function applies({ unit, operations, models }: Limit, { operation, upstream }: Limited): boolean {
  if (!COUNTED.has(unit)) return false;
  if (operations !== undefined && !operations.includes(operation)) return false;
  return models === undefined || models.some((pattern) => matchesPattern(pattern, upstream));
}

/** What a provider's limit is counted per. */
function owner(
  { scope, models, operations }: Limit,
  provider: string,
  account: string,
  upstream: string,
): string {
  const part = [models?.join("+"), operations?.join("+")].filter((text) => text !== undefined).join("#");
  const shared = part === "" ? "" : `~${part}`;
  switch (scope) {
    case "account":
      return `${account}${shared}`;
    case "model":
      return `${account}/${upstream}`;
    case "ip":
      return `${provider}${shared}`;
    case "ip-model":
      return `${provider}/${upstream}`;
  }
}

function add(specs: Map<string, MeterSpec>, limit: Limit, per: string): void {
  const { unit, window, amount, verified = true } = limit;
  const id = meterId(per, limit);
  const countsFailed = limit.counts_failed === true ? true : undefined;
  const rolling = limit.reset === "rolling" ? (true as const) : undefined;
  const shape = shapeOf(limit);
  specs.set(id, present({ id, unit, window, ...shape, rolling, declared: amount, countsFailed, verified }));
}

export const meterId = (per: string, { unit, window }: Pick<Limit, "unit" | "window">): string =>
  `${per}|${unit}${window === undefined ? "" : `/${window}`}`;

/** The operator's ceiling over everything that costs: one meter for all paid candidates. */
export const spendSpec = ({ usd, window }: SpendLimit): MeterSpec =>
  operatorsSpec("spend", { unit: "usd", window }, usd);

/** A limit that the operator set, so it is known how its units come back: days and months begin at 00:00 UTC. */
function operatorsSpec(
  per: string,
  { unit, window }: { readonly unit: Unit; readonly window?: Window },
  declared: number,
): MeterSpec {
  const limit = present({ unit, window, reset: window && UTC_RESETS[window] });
  return { id: meterId(per, limit), ...limit, ...shapeOf(limit), rolling: true, declared, verified: true };
}

const CLIENT_LIMITS = [
  ["rpm", "requests", "minute"],
  ["rpd", "requests", "day"],
  ["tpm", "tokens", "minute"],
  ["tpd", "tokens", "day"],
  ["concurrency", "concurrency", undefined],
] as const;

/** A client's own limits: those that its requests count against, and its ceiling over what costs. */
export function clientSpecs({ id, name, rules }: Pick<StoredClient, "id" | "name" | "rules">): {
  readonly requests: readonly MeterSpec[];
  readonly spend?: MeterSpec;
} {
  const per = `client:${id}`;
  const ceiling = rules.spend === undefined ? undefined : parseSpendLimit(rules.spend);
  return {
    requests: CLIENT_LIMITS.flatMap(([rule, unit, window]) => {
      const amount = rules[rule];
      if (amount === undefined) return [];
      return [{ ...operatorsSpec(per, present({ unit, window }), amount), ofClient: name }];
    }),
    ...present({
      spend: ceiling && {
        ...operatorsSpec(per, { unit: "usd", window: ceiling.window }, ceiling.usd),
        ofClient: name,
      },
    }),
  };
}

const UTC_RESETS: Readonly<Record<Window, string | undefined>> = {
  minute: undefined,
  hour: undefined,
  day: "00:00 UTC",
  month: "1st 00:00 UTC",
};

/** A limit that no fragment states. */
export function learnedSpec(per: string, unit: Limit["unit"], window?: Window): MeterSpec {
  const limit = present({ unit, window });
  return { id: meterId(per, limit), ...limit, ...shapeOf(limit), verified: false };
}
