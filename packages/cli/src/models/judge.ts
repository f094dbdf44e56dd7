/** Decides what a provider's list and its models' answers change in the fragment. */
import { type CatalogModel, type Failure, present } from "@headgate/contract";
import type { ListedModel, Probe } from "@headgate/runtime/refresh-models";
import type { Changed } from "./changed.ts";
import type { Comparison, LeftOut } from "./compare.ts";
import { isPermanent, type KnownFailure, knownFailure } from "./failure-cache.ts";

export interface Reasoned {
  readonly model: CatalogModel;
  readonly reason: string;
}

export interface Verdict {
  /** Answered, and not in the fragment. */
  readonly add: readonly ListedModel[];
  readonly gone: readonly Reasoned[];
  /** A list alone, without a call, says that they are gone: they are tried last. */
  readonly deprecate: readonly Reasoned[];
  /** Listed with another price or window. */
  readonly changed: readonly Changed[];
  /** Not listed, and kept in the fragment. */
  readonly kept: readonly Reasoned[];
  readonly failed: readonly {
    readonly upstream: string;
    readonly failure: Failure;
    readonly remembered: boolean;
  }[];
  readonly untried: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** Failures to remember. */
  readonly remember: ReadonlyMap<string, KnownFailure>;
  /** Why no result is usable; the fragment is not changed. */
  readonly trouble?: string;
}

/** The part of a provider's models that one look may retire: a list that lacks more is more likely broken. */
const MOST_RETIRED = 0.2;

/** This many refusals without one answer concern the account, not the models. */
const MANY = 3;

export function judge(
  comparison: Comparison,
  probes: readonly Probe[],
  stopped: Failure | undefined,
  nowMs: number,
  force = false,
): Verdict {
  const results = new Map(probes.map(({ candidate, result }) => [candidate.upstream, result]));
  const failures = probes.flatMap(({ result }) => (typeof result === "string" ? [] : [result]));
  const refused = failures.filter((failure) => failure.class === "permission");
  const allRefused = refused.length >= MANY && refused.length === probes.length;
  const isProof = (failure: Failure): boolean =>
    !allRefused && isPermanent(failure.class) && (failure.scope === "model" || failure.scope === "request");

  const gone: Reasoned[] = [...comparison.gone];
  const kept: Reasoned[] = [...comparison.kept, ...comparison.doubtful];
  const { changed } = comparison;
  for (const model of comparison.unlisted) {
    const result = results.get(model.upstream);
    if (result === "answered") kept.push({ model, reason: "it is not listed, but it answers" });
    else if (result === "mute") kept.push({ model, reason: "it is not listed, and cannot be tested" });
    else if (result === undefined) kept.push({ model, reason: "it is not listed, and was not tested" });
    else if (result.class === "model_gone") gone.push({ model, reason: result.message });
    else kept.push({ model, reason: `it is not listed, and the test proved nothing: ${result.message}` });
  }

  const add: ListedModel[] = [];
  const failed: { upstream: string; failure: Failure; remembered: boolean }[] = [];
  const untried: string[] = [];
  const leftOut: LeftOut[] = [...comparison.leftOut];
  const remember = new Map<string, KnownFailure>();
  for (const model of comparison.fresh) {
    const result = model.described === true ? "answered" : results.get(model.id);
    if (result === undefined) untried.push(model.id);
    else if (result === "answered") add.push(model);
    else if (result === "mute")
      leftOut.push({ upstream: model.id, reason: "the adapter cannot send it a request" });
    else {
      const proof = isProof(result);
      failed.push({ upstream: model.id, failure: result, remembered: proof });
      if (proof && isPermanent(result.class))
        remember.set(model.id, knownFailure(result.class, result.message, nowMs));
    }
  }
  const settled = probes.some(({ result }) => typeof result === "string" || isProof(result));
  const trouble = troubleOf({ allRefused, settled, first: failures[0] ?? stopped, tried: probes.length });
  const unlisted = kept.length - comparison.doubtful.length;
  const left = comparison.unchanged.length + unlisted + add.length;
  if (trouble === undefined && left === 0 && gone.length > 0) {
    const message = "none of its models is left, which is more likely a wrong address or account";
    return {
      add,
      gone: [],
      deprecate: [],
      changed: [],
      kept: gone,
      failed,
      untried,
      leftOut,
      remember,
      trouble: message,
    };
  }
  const known = comparison.unchanged.length + gone.length + unlisted;
  if (!force && gone.length > Math.max(1, Math.floor(known * MOST_RETIRED))) {
    const reason = `${gone.length} of ${known} models would be retired at once, more than a fifth; --force does it`;
    kept.push(...gone.splice(0).map(({ model }) => ({ model, reason })));
  }
  return {
    add,
    gone,
    deprecate: [],
    changed,
    kept,
    failed,
    untried,
    leftOut,
    remember,
    ...present({ trouble }),
  };
}

/** By the list alone: nothing is added, and what is not listed is deprecated, unless that is more than a fifth. */
export function judgeList({ unchanged, unlisted, ...comparison }: Comparison, force: boolean): Verdict {
  const old = unlisted.filter(({ deprecated }) => deprecated === undefined);
  const reason = "it is not listed";
  const deprecate = [...comparison.gone, ...old.map((model) => ({ model, reason }))];
  const known = unchanged.length + unlisted.length + comparison.gone.length;
  const tooMany = !force && deprecate.length > Math.max(1, Math.floor(known * MOST_RETIRED));
  const doubt = `${reason}, and ${deprecate.length} of ${known} models would be deprecated at once; --force does it`;
  const again = unlisted.filter(({ deprecated }) => deprecated !== undefined);
  return {
    add: [],
    gone: [],
    deprecate: tooMany ? [] : deprecate,
    changed: comparison.changed,
    kept: [
      ...comparison.kept,
      ...comparison.doubtful,
      ...again.map((model) => ({ model, reason: "it is not listed, and is deprecated already" })),
      ...(tooMany ? deprecate.map(({ model }) => ({ model, reason: doubt })) : []),
    ],
    failed: [],
    untried: comparison.fresh.map(({ id }) => id),
    leftOut: comparison.leftOut,
    remember: new Map(),
    ...(unchanged.length === 0 && known > 0
      ? { trouble: "none of its models is listed, which is more likely a wrong address or list" }
      : {}),
  };
}

function troubleOf(seen: {
  readonly allRefused: boolean;
  readonly settled: boolean;
  readonly first: Failure | undefined;
  readonly tried: number;
}): string | undefined {
  if (seen.allRefused)
    return `every model refuses this account, so the account is the problem: ${seen.first?.message ?? ""}`;
  if (seen.tried === 0 || seen.settled || seen.first === undefined) return undefined;
  return `no model could be tested: ${seen.first.message}`;
}
