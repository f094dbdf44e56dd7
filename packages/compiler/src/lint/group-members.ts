import { closest } from "@headgate/contract";
import type { LinkedModel } from "../link/workspace.ts";
import { quote } from "../quote.ts";
import { aliasSuggester, isUnknown } from "./chains.ts";
import type { Lint } from "./lint.ts";

export const groupMembers: Lint = (workspace, report) => {
  if (workspace.groups === undefined) return;
  const { source, value } = workspace.groups;
  const suggest = aliasSuggester(workspace);
  for (const [name, group] of Object.entries(value.groups)) {
    const path = ["groups", name, "members"];
    for (const alias of Object.keys(group?.weights ?? {})) {
      if (group?.members.includes(alias)) continue;
      const meant = closest(alias, group?.members ?? []);
      report.add("HG420", source, {
        message: `${quote(alias)} has a weight and is no member of \`${name}\`.`,
        fix: meant === undefined ? "Leave it out, or make it a member." : `Did you mean \`${meant}\`?`,
        at: { path: ["groups", name, "weights", alias] },
      });
    }
    const first = new Map<string, number>();
    let home: LinkedModel | undefined;
    group?.members.forEach((alias, index) => {
      const at = { path: [...path, index] };
      const before = first.get(alias);
      if (before !== undefined) {
        report.add("HG421", source, {
          message: `${quote(alias)} is a member of this group already.`,
          at,
          related: [{ message: "The first one is here.", source, at: { path: [...path, before] } }],
        });
        return;
      }
      first.set(alias, index);
      const member = workspace.aliases.get(alias);
      if (member === undefined) {
        if (!isUnknown(alias, workspace)) return;
        const meant = suggest(alias);
        report.add("HG420", source, {
          message: `No model has the alias ${quote(alias)}.`,
          ...(meant === undefined ? {} : { fix: `Did you mean \`${meant}\`?` }),
          at,
        });
        return;
      }
      if (member.model.operation !== group.operation) {
        report.add("HG422", source, {
          message: `\`${alias}\` does ${member.model.operation}, and the group is for ${group.operation}.`,
          at,
          related: [stated(member, "operation", "Its operation is stated here.")],
        });
        return;
      }
      if (group.operation !== "embedding" || member.model.vector_space === undefined) return;
      if (home === undefined) {
        home = member;
        return;
      }
      if (home.model.vector_space === member.model.vector_space) return;
      report.add("HG424", source, {
        message: `\`${alias}\` makes vectors of \`${member.model.vector_space}\`, \`${home.model.alias}\` of \`${home.model.vector_space}\`.`,
        at,
        related: [stated(member, "vector_space", `The space of \`${alias}\` is stated here.`)],
      });
    });
  }
};

const stated = ({ fragment, path }: LinkedModel, field: string, message: string) => ({
  message,
  source: fragment.source,
  at: { path: [...path, field] },
});
