/** Resolves one provider of the catalogue in an environment. */
import { ACCOUNT_PLACE, splitAccountToken } from "./account-token.ts";
import { type Address, checkAddress } from "./address.ts";
import type { CatalogPlan, CatalogProvider } from "./catalog.ts";
import { accountsOf, keyVariables, readFlag } from "./environment.ts";
import type { FoundModels } from "./found-models.ts";
import { DRIVERS, type RoutedLocal } from "./local.ts";
import { OPTIONS } from "./options.ts";
import { present } from "./present.ts";
import type { ProviderStatus, ResolveIssue } from "./resolution.ts";
import { resolveLocal } from "./resolve-local.ts";
import { NOTHING_OFFERED, type Offered, offeredModels } from "./resolve-offer.ts";
import type { RoutedProvider } from "./routing.ts";

/** @returns `routed` only when the provider is active, then with those of its models that are offered */
export function resolveProvider(
  provider: CatalogProvider,
  values: Readonly<Record<string, string>>,
  found: FoundModels,
  issues: ResolveIssue[],
): {
  status: ProviderStatus;
  routed?: RoutedProvider;
  offered: Offered;
  /** The plan that .env chooses. */
  plan?: CatalogPlan;
} {
  const { id, flag, auth, status: condition } = provider;
  const known = present({ condition });
  const keyVars = auth === undefined ? [] : keyVariables(auth.env, values);
  const off = (reason: string) => ({
    status: { id, flag, active: false, keys: keyVars.length, reason, models: 0, ...known },
    offered: NOTHING_OFFERED,
  });

  const on = readFlag(values[flag]);
  if (condition?.state === "unusable") {
    if (on !== false) issues.push({ kind: "unusable", provider: id, flag, reason: condition.reason });
    return off(`cannot be used: ${condition.reason}`);
  }
  const mistaken = auth?.mistaken.find((name) => values[name] !== undefined);
  if (auth !== undefined && mistaken !== undefined && keyVars.length === 0) {
    issues.push({ kind: "mistaken-variable", provider: id, variable: mistaken, expected: auth.env });
  }
  if (on === undefined) {
    issues.push({ kind: "flag-value", provider: id, flag });
    return off(`set ${flag} to 1 or 0 in .env`);
  }
  if (!on) {
    const [variable] = keyVars;
    if (variable !== undefined) issues.push({ kind: "key-without-flag", provider: id, flag, variable });
    return off(
      `set ${flag}=1 in .env${auth !== undefined && !auth.optional && variable === undefined ? ` and fill in ${auth.env}` : ""}`,
    );
  }
  if (auth !== undefined && !auth.optional && keyVars.length === 0) {
    if (mistaken === undefined)
      issues.push({ kind: "flag-without-key", provider: id, flag, variable: auth.env });
    return off(`fill in ${auth.env} in .env`);
  }

  const base = resolveBaseUrl(provider, values);
  if (base !== undefined && "why" in base) {
    issues.push({ kind: "base-url", provider: id, variable: base.variable, why: base.why });
    return off(
      `set ${base.variable} in .env to ${base.why === "not-https" ? "an https:// address" : "the address of the server"}`,
    );
  }

  const wantsAccount = auth?.scheme === "account-token" && base?.url.includes(ACCOUNT_PLACE) === true;
  const lacksAccount = (name: string): boolean =>
    wantsAccount && splitAccountToken(values[name] ?? "") === undefined;
  for (const variable of keyVars.filter(lacksAccount))
    issues.push({ kind: "key-without-account", provider: id, variable });
  const usable = keyVars.filter((name) => !lacksAccount(name));
  if (wantsAccount && usable.length === 0) return off(`write ${auth.env} in .env as account:token`);

  const plan = selectPlan(provider, values, issues);
  const elsewhere = provider.baseUrl !== undefined && values[provider.baseUrl.env] !== undefined;
  const resolved = resolveLocal(provider, values, elsewhere, issues);
  const server = found[id]?.baseUrl === base?.url ? found[id] : undefined;
  const offered = offeredModels(provider, values, { local: resolved, server }, issues);
  const local = resolved && { ...resolved, ...present({ offer: offered.lookFor }) };
  const models = offered.models.size + offered.own.length;
  return {
    status: { id, flag, active: true, keys: usable.length, reason: "", models, ...known },
    offered,
    ...present({ plan }),
    routed: {
      id,
      name: provider.name,
      adapter: provider.adapter,
      ...present({ status: condition }),
      tier: provider.tier,
      ...present({
        baseUrl: base?.url,
        auth: auth && { scheme: auth.scheme, ...present({ header: auth.header }) },
      }),
      keyVars: usable,
      ...present({ accounts: accountsOf(usable, values) }),
      headers: provider.headers,
      dialect: provider.dialect,
      ...present({ webSearch: provider.webSearch }),
      timeouts: provider.timeouts,
      errors: provider.errors,
      limits: plan?.limits ?? limitsOf(provider, local, values),
      ...present({ local, trains: trainsOf(provider, plan) }),
    },
  };
}

/** A backend on the operator's own hardware keeps what it is sent to itself. */
const trainsOf = ({ tier, data }: CatalogProvider, plan: CatalogPlan | undefined): boolean | undefined =>
  (plan?.data ?? data)?.trains ?? (tier === "local" ? false : undefined);

/** The queue of a managed backend admits its requests; a limit on those in flight would refuse them before they reach it. */
function limitsOf(
  { limits, models }: CatalogProvider,
  local: RoutedLocal | undefined,
  values: Readonly<Record<string, string>>,
): CatalogProvider["limits"] {
  const queued =
    local !== undefined &&
    DRIVERS[local.driver].managed === true &&
    values[OPTIONS.vramBudget.env] !== "off" &&
    models.every(({ memory }) => memory !== undefined);
  return queued ? limits.filter(({ unit }) => unit !== "concurrency") : limits;
}

function resolveBaseUrl(
  provider: CatalogProvider,
  values: Readonly<Record<string, string>>,
): Address | undefined {
  if (provider.baseUrl === undefined) return undefined;
  const { env, default: official } = provider.baseUrl;
  return checkAddress(values[env] ?? official, env, provider.tier === "local");
}

/** An unknown plan changes nothing: the limits without one are the lower ones. */
function selectPlan(
  { id, plans }: CatalogProvider,
  values: Readonly<Record<string, string>>,
  issues: ResolveIssue[],
): CatalogPlan | undefined {
  const chosen = plans === undefined ? undefined : values[plans.env];
  if (plans === undefined || chosen === undefined) return undefined;
  const plan = Object.hasOwn(plans.choices, chosen) ? plans.choices[chosen] : undefined;
  if (plan === undefined) {
    const choices = Object.keys(plans.choices);
    issues.push({ kind: "plan", provider: id, variable: plans.env, choices });
  }
  return plan;
}
