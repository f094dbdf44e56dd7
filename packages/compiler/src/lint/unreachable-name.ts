/**
 * A client's `model` is looked up as an alias or group, then as `<provider>/<upstream>`, then as an upstream id.
 * What is found first hides the others.
 */
import type { LinkedModel, Workspace } from "../link/workspace.ts";
import type { Report } from "../report.ts";
import type { Lint } from "./lint.ts";

export const unreachableName: Lint = (workspace, report) => {
  const byUpstream = new Map<string, LinkedModel[]>();
  for (const { models } of workspace.fragments) {
    for (const linked of models) {
      const same = byUpstream.get(linked.model.upstream);
      if (same === undefined) byUpstream.set(linked.model.upstream, [linked]);
      else same.push(linked);
    }
  }
  for (const [alias, linked] of workspace.aliases) {
    const hidden = byUpstream.get(alias)?.[0];
    // An alias that is its own upstream id means the same model either way.
    if (hidden === undefined || linked.model.upstream === alias) continue;
    report.add("HG315", linked.fragment.source, {
      message: `\`${alias}\` is also the upstream id of \`${hidden.model.alias}\`, which the alias hides.`,
      fix: "Rename the alias.",
      at: { path: [...linked.path, "alias"] },
      related: [whereIs(hidden)],
    });
  }
  checkQualified(workspace, byUpstream, report);
  checkGroups(workspace, byUpstream, report);
};

/** An upstream id with a slash can look like another provider's id with that provider's upstream id. */
function checkQualified(
  { fragments }: Workspace,
  byUpstream: ReadonlyMap<string, readonly LinkedModel[]>,
  report: Report,
): void {
  for (const { id, source, models } of fragments) {
    for (const { model, path } of models) {
      const name = `${id}/${model.upstream}`;
      const hidden = byUpstream.get(name)?.[0];
      if (hidden === undefined) continue;
      report.add("HG315", hidden.fragment.source, {
        message: `\`${name}\` means \`${model.alias}\` first, so this upstream id cannot be used as a name.`,
        fix: `Nothing, if both are the same model; otherwise clients must use the alias \`${hidden.model.alias}\`.`,
        at: { path: [...hidden.path, "upstream"] },
        related: [{ message: "The other model is here.", source, at: { path: [...path, "upstream"] } }],
      });
    }
  }
}

function checkGroups(
  { groups, aliases }: Workspace,
  byUpstream: ReadonlyMap<string, readonly LinkedModel[]>,
  report: Report,
): void {
  for (const name of Object.keys(groups?.value.groups ?? {})) {
    const hidden = byUpstream.get(name)?.[0];
    if (groups === undefined || hidden === undefined || aliases.has(name)) continue;
    report.add("HG315", groups.source, {
      message: `\`${name}\` is also the upstream id of \`${hidden.model.alias}\`, which the group hides.`,
      fix: "Rename the group.",
      at: { path: ["groups", name], what: "key" },
      related: [whereIs(hidden)],
    });
  }
}

const whereIs = ({ fragment, path }: LinkedModel) => ({
  message: "The upstream id is here.",
  source: fragment.source,
  at: { path: [...path, "upstream"] },
});
