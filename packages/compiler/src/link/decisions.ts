/** Which file decides what: for a person who asks why a name means what it means. */
import type { Source } from "../load/source.ts";
import { LayeredSource } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
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
  const found: (Decision | undefined)[] = model === undefined ? [] : modelDecisions(model);
  if (chains !== undefined && model !== undefined) {
    const { operation } = model.model;
    const own = Object.hasOwn(chains.value.chains, name);
    found.push(
      own
        ? place("chain", chains.source, ["chains", name])
        : Object.hasOwn(chains.value.default ?? {}, operation)
          ? place("chain", chains.source, ["default", operation])
          : undefined,
      Object.hasOwn(chains.value.context_window ?? {}, name)
        ? place("context_window", chains.source, ["context_window", name])
        : undefined,
    );
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
  return found.filter((decision) => decision !== undefined);
}

function modelDecisions({ fragment, path }: LinkedModel): Decision[] {
  const { source } = fragment;
  const decisions = [place("model", source, path)];
  if (!(source instanceof LayeredSource)) return decisions;
  for (const origin of source.origins) {
    const [field, index, ...rest] = origin.path;
    if (field === "models" && typeof index === "number") {
      if (index === path[1] && rest.length > 0) decisions.push(place(rest.join("."), source, origin.path));
    } else decisions.push(place(origin.path.join("."), source, origin.path));
  }
  return decisions;
}

function place(what: string, source: Source, path: Path): Decision {
  const traced = source.trace({ path, what: "key" });
  const { start } = traced.source.span(traced.at);
  traced.source.forget();
  return { what, file: traced.source.path, line: start.line };
}
