/** Cooldowns as every place shows them, and the clearing of them. */
import { closest } from "@headgate/contract";
import type { Candidate, Cooldown, ForgottenLimit, RouteIndex } from "@headgate/router";
import { ClientError, quoted } from "../http/client-error.ts";

export const iso = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

/** One cooldown: the same value in `/admin`, in `/health` and on the command line. */
export function cooldownValue({ failure, sinceMs, untilMs, hits }: Cooldown) {
  return {
    /** The class of the failure that set `until`; null where an older version stored none. */
    category: failure?.class ?? null,
    /** The first failure since the last success; null where an older version stored none. */
    since: sinceMs === 0 ? null : iso(sinceMs),
    until: iso(untilMs),
    /** Failures since then. */
    hits,
    last_error: failure?.message ?? null,
  };
}

/** The cooldown of a candidate that ends last. */
export const lastingCooldown = ({ modelCooldown, cooldowns }: Candidate): Cooldown =>
  cooldowns.reduce((last, one) => (one.untilMs > last.untilMs ? one : last), modelCooldown);

/** A cooldown with what cools down: a model under a key, a key, or a provider. */
function listed({ provider, deployment, key }: Candidate, cooldown: Cooldown, scope: 0 | 1 | 2) {
  return {
    provider: provider.id,
    key: scope === 2 ? null : (provider.keyVars[key] ?? null),
    model: scope === 0 ? deployment.alias : null,
    ...cooldownValue(cooldown),
  };
}

/** Each cooldown of these candidates that lasts, once. */
export function cooldownsOf(candidates: Iterable<Candidate>, nowMs: number) {
  const found = new Map<Cooldown, ReturnType<typeof listed>>();
  for (const candidate of candidates) {
    const { modelCooldown, keyCooldown, providerCooldown } = candidate;
    for (const [scope, cooldown] of [modelCooldown, keyCooldown, providerCooldown].entries())
      if (cooldown.untilMs > nowMs && !found.has(cooldown))
        found.set(cooldown, listed(candidate, cooldown, scope as 0 | 1 | 2));
  }
  return [...found.values()];
}

export const allCandidates = ({ deployments }: RouteIndex): Candidate[] =>
  deployments.flatMap(({ candidates }) => candidates);

/**
 * The candidates of a provider, or of one model under any of its names.
 * @throws {ClientError} 404 with a suggestion
 */
export function candidatesNamed(index: RouteIndex, name: string): Candidate[] {
  const named = allCandidates(index).filter(
    ({ provider, deployment: { alias, upstream } }) =>
      name === provider.id || name === alias || name === upstream || name === `${provider.id}/${upstream}`,
  );
  if (named.length > 0) return named;
  throw new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "unknown_name",
    param: "name",
    message: `${quoted(name)} is no active provider and no active model.${hintFor(index, name)}`,
  });
}

/** Longer names get no suggestion: comparing them with a large catalogue costs time. */
const MAX_GUESS_LENGTH = 128;

function hintFor(index: RouteIndex, name: string): string {
  const { table } = index;
  if (table.routes.some((route) => route.name === name && route.kind === "group"))
    return " It is a group: name one of its models, or a provider.";
  const off = table.inactive.find(({ alias, provider }) => alias === name || provider === name);
  if (off !== undefined) return ` It is in the catalogue, but not active: ${off.fix}.`;
  const known = index.deployments.flatMap(({ provider, deployment }) => [provider.id, deployment.alias]);
  const guess = name.length <= MAX_GUESS_LENGTH ? closest(name, new Set(known)) : undefined;
  return guess === undefined ? " `headgate providers` lists what is active." : ` Did you mean ${guess}?`;
}

/** The identities whose cooldowns and learned limits keep these candidates from being tried. */
export const identitiesOf = (candidates: readonly Candidate[]): Set<string> =>
  new Set(
    candidates.flatMap(({ cooldowns, statsId }) => [
      ...cooldowns.map(({ id }) => id),
      // Limits per address are counted for a provider's model without a key.
      statsId,
    ]),
  );

export const forgottenLimit = ({ spec, learned }: ForgottenLimit) => ({
  id: spec.id,
  unit: spec.unit,
  window: spec.window ?? null,
  amount: learned.amount,
  from: learned.from,
  at: iso(learned.atMs),
  declared: spec.declared ?? null,
});
