/** What becomes of a name whose model is retired: what replaces it answers, and chains and groups leave it out. */
import { type LinkedModel, tierOf, type Workspace } from "./workspace.ts";

type Aliases = Workspace["aliases"];

export const isRetired = ({ model }: LinkedModel): boolean => model.retired !== undefined;

/** The alias that replaces a retired or a deprecated model, as it is written. */
export const successorOf = ({ model }: LinkedModel): string | undefined =>
  (model.retired ?? model.deprecated)?.replaced_by;

/** The model that answers in place of a retired one, over several retirements; undefined where none does. */
export function replacementOf(linked: LinkedModel, aliases: Aliases): LinkedModel | undefined {
  const seen = new Set<LinkedModel>();
  for (let at: LinkedModel | undefined = linked; at !== undefined && !seen.has(at); ) {
    if (!isRetired(at)) return at;
    seen.add(at);
    const successor = successorOf(at);
    at = successor === undefined ? undefined : aliases.get(successor);
  }
  return undefined;
}

/**
 * A list of aliases without retired ones: what replaces one stands in its place where it has the same tier and is not in
 * the list already. Deprecated ones come last.
 * @param owner the alias whose chain it is
 */
export function livingOf(targets: readonly string[], aliases: Aliases, owner?: string): readonly string[] {
  const written = new Set(targets);
  const living = new Set<string>();
  const deprecated = new Set<string>();
  for (const target of targets) {
    const linked = aliases.get(target);
    const stands = linked === undefined || !isRetired(linked) ? linked : replacementOf(linked, aliases);
    const { alias = target } = stands?.model ?? {};
    if (stands !== linked) {
      if (stands === undefined || linked === undefined || tierOf(stands) !== tierOf(linked)) continue;
      if (alias === owner || written.has(alias)) continue;
    }
    if (stands?.model.deprecated === undefined) living.add(alias);
    else deprecated.add(alias);
  }
  return [...living, ...deprecated];
}
