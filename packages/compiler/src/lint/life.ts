/** The life of a model: what replaces it, and who still names it. */
import { type Likeness, nearestModel } from "@headgate/contract";

import { isRetired, livingOf, replacementOf, successorOf } from "../link/life.ts";
import { type LinkedModel, tierOf, type Workspace } from "../link/workspace.ts";
import type { Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import { quote } from "../quote.ts";
import { aliasSuggester, chainsOf, isUnknown } from "./chains.ts";
import type { Lint } from "./lint.ts";

/** Each model with a successor, and where that is written. */
function* successors({ fragments }: Workspace): Generator<{
  readonly linked: LinkedModel;
  readonly alias: string;
  readonly path: Path;
}> {
  for (const { models } of fragments)
    for (const linked of models) {
      const alias = successorOf(linked);
      const field = isRetired(linked) ? "retired" : "deprecated";
      if (alias !== undefined) yield { linked, alias, path: [...linked.path, field, "replaced_by"] };
    }
}

export const successor: Lint = (workspace, report) => {
  const { aliases } = workspace;
  const suggest = aliasSuggester(workspace);
  for (const { linked, alias, path } of successors(workspace)) {
    const { model, fragment } = linked;
    const target = aliases.get(alias);
    const at = { path };
    if (target === undefined) {
      if (!isUnknown(alias, workspace)) continue;
      const meant = suggest(alias);
      report.add("HG350", fragment.source, {
        message: `No model has the alias ${quote(alias)}.`,
        ...(meant === undefined ? {} : { fix: `Did you mean \`${meant}\`?` }),
        at,
      });
    } else if (target.model.operation !== model.operation) {
      report.add("HG351", fragment.source, {
        message: `\`${alias}\` does ${target.model.operation}, and \`${model.alias}\` does ${model.operation}.`,
        at,
      });
    } else if (target.model.vector_space !== model.vector_space) {
      report.add("HG351", fragment.source, {
        message: `\`${alias}\` makes vectors of ${quote(target.model.vector_space ?? "no space")}, \`${model.alias}\` of ${quote(model.vector_space ?? "no space")}.`,
        at,
      });
    } else if (comesBack(linked, aliases)) {
      report.add("HG352", fragment.source, {
        message: `The successors of \`${model.alias}\` lead back to it.`,
        at,
      });
    }
  }
};

function comesBack(linked: LinkedModel, aliases: Workspace["aliases"]): boolean {
  const seen = new Set<LinkedModel>();
  for (let at: LinkedModel | undefined = linked; at !== undefined; ) {
    const next: string | undefined = successorOf(at);
    at = next === undefined ? undefined : aliases.get(next);
    if (at === linked) return true;
    if (at === undefined || seen.has(at)) return false;
    seen.add(at);
  }
  return false;
}

/** A name that lists no longer have needs another that answers. */
export const noReplacement: Lint = (workspace, report) => {
  const { fragments, aliases, blind } = workspace;
  for (const { source, models, retiredCount } of fragments) {
    models.forEach((linked, index) => {
      const { model, path } = linked;
      if (model.retired === undefined) {
        if (index >= models.length - retiredCount && model.deprecated === undefined)
          report.add("HG355", source, {
            message: `\`${model.alias}\` has neither \`retired\` nor \`deprecated\`.`,
            at: { path: [...path, "alias"] },
          });
        return;
      }
      if (blind || successorOf(linked) !== undefined) return;
      const proposed = nearestModel(likenessOf(linked), [...aliases.values()].map(likenessOf));
      // Where nothing else has its vectors, nothing can take its place.
      if (proposed === undefined && model.operation === "embedding") return;
      const at = { path: [...path, "retired"] };
      const overlaid = isOwn(source.trace(at).source);
      report.add(overlaid ? "HG354" : "HG353", source, {
        message: `Nothing replaces \`${model.alias}\`.`,
        ...(proposed === undefined ? {} : { fix: `Write \`replaced_by: ${proposed}\`, if that is true.` }),
        at,
      });
    });
  }
};

/** The user's own file, and not the catalogue's. */
export const isOwn = ({ path }: Source): boolean => !/^(providers|models)\//.test(path);

const likenessOf = (linked: LinkedModel): Likeness => ({
  alias: linked.model.alias,
  provider: linked.fragment.id,
  operation: linked.model.operation,
  tier: tierOf(linked),
  vectorSpace: linked.model.vector_space,
  capabilities: linked.model.capabilities ?? [],
  intelligence: linked.model.intelligence,
  name: linked.base?.id ?? linked.model.upstream,
  deprecated: linked.model.deprecated !== undefined,
  retired: isRetired(linked),
});

/** Chains and groups stay as they are written; what they still name is told once for each model. */
export const namesRetired: Lint = (workspace, report) => {
  const { aliases, groups } = workspace;
  const mentions = new Map<string, { readonly source: Source; readonly path: Path; count: number }>();
  const look = (targets: readonly string[], source: Source, path: Path): void =>
    targets.forEach((alias, index) => {
      const linked = aliases.get(alias);
      if (linked === undefined || !isRetired(linked)) return;
      const known = mentions.get(alias);
      if (known === undefined) mentions.set(alias, { source, path: [...path, index], count: 1 });
      else known.count += 1;
    });
  for (const { targets, source, path } of chainsOf(workspace)) look(targets, source, path);
  for (const [name, group] of Object.entries(groups?.value.groups ?? {}))
    if (groups !== undefined) look(group?.members ?? [], groups.source, ["groups", name, "members"]);
  for (const [alias, { source, path, count }] of mentions) {
    const linked = aliases.get(alias);
    const [instead] = linked === undefined ? [] : livingOf([alias], aliases);
    const others = count === 1 ? "" : ` ${count} chains and groups name it.`;
    const answers = linked === undefined ? undefined : replacementOf(linked, aliases)?.model.alias;
    report.add("HG356", source, {
      message: `\`${alias}\` is retired since ${linked?.model.retired?.date ?? ""}${instead === undefined ? ", and left out" : `; \`${instead}\` stands in its place`}.${others}`,
      ...(answers === undefined ? {} : { fix: `Write \`${answers}\` in its place, or delete it.` }),
      at: { path },
    });
  }
};
