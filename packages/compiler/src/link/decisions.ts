/** Which file decides what: for a person who asks why a name means what it means. */
import { LayeredSource, type Origin, type Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import { fallbacksOf } from "./fallbacks.ts";
import type { LinkedModel, Workspace } from "./workspace.ts";

export interface Decision {
  /** `model`, `chain`, `context_window`, `group`, `direct`, `policy`, or a property that another file decides. */
  readonly what: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** @param name an alias, a group, or a direct name */
export function decisionsOf(workspace: Workspace, name: string): readonly Decision[] {
  const { aliases, chains, groups, policies } = workspace;
  const model = aliases.get(name);
  const found: Decision[] = model === undefined ? [] : modelDecisions(model);
  if (chains !== undefined && model !== undefined) {
    const fallbacks = fallbacksOf(model, chains);
    if (fallbacks !== undefined) found.push(place("chain", chains.source, fallbacks.path));
    if (Object.hasOwn(chains.contextWindow, name))
      found.push(place("context_window", chains.source, ["context_window", name]));
  }
  if (groups !== undefined) {
    if (Object.hasOwn(groups.value.groups, name)) found.push(place("group", groups.source, ["groups", name]));
    if (Object.hasOwn(groups.value.direct ?? {}, name))
      found.push(place("direct", groups.source, ["direct", name]));
  }
  if (policies !== undefined) {
    const key = Object.hasOwn(policies.value.policies, name) ? name : "*";
    if (found.length > 0 && Object.hasOwn(policies.value.policies, key))
      found.push(place("policy", policies.source, ["policies", key]));
  }
  return found;
}

function modelDecisions({ fragment, path, base }: LinkedModel): Decision[] {
  const { source } = fragment;
  const decisions = [place("model", source, path)];
  if (base !== undefined) decisions.push({ what: "base", file: base.source.path, line: 1 });
  for (const origin of originsOf(source)) {
    const [field, index, ...rest] = origin.path;
    if (field === "models" && typeof index === "number") {
      if (index !== path[1] || rest.length === 0) continue;
      const decided = place(rest.join("."), source, origin.path);
      // What its base states is said at once, but for what an overlay lays over the base.
      if (origin.source !== base?.source || decided.file !== base.source.path) decisions.push(decided);
    } else decisions.push(place(origin.path.join("."), source, origin.path));
  }
  return decisions;
}

const originsOf = (source: Source): readonly Origin[] =>
  source instanceof LayeredSource ? [...originsOf(source.base), ...source.origins] : [];

function place(what: string, source: Source, path: Path): Decision {
  const traced = source.trace({ path, what: "key" });
  const { start } = traced.source.span(traced.at);
  traced.source.forget();
  return { what, file: traced.source.path, line: start.line };
}
