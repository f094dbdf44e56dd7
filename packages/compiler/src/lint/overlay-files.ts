/** The overlay's files that change no catalogue file: clients.yaml and local.yaml. */
import { nameProblem, readClientFields } from "@headgate/contract";
import { quote } from "../quote.ts";
import { aliasSuggester, isUnknown } from "./chains.ts";
import type { Lint } from "./lint.ts";

export const overlayClients: Lint = ({ clients, today }, report) => {
  if (clients === undefined) return;
  const nowMs = Date.parse(today);
  for (const [name, fields = {}] of Object.entries(clients.value.clients)) {
    const problem = nameProblem(name);
    if (problem !== undefined)
      report.add("HG603", clients.source, {
        message: sentence(problem.message),
        at: { path: ["clients", name], what: "key" },
      });
    for (const { field, message } of readClientFields(fields, nowMs).problems)
      report.add("HG603", clients.source, {
        message: sentence(message),
        at: { path: ["clients", name, field] },
      });
  }
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

export const overlayWarm: Lint = (workspace, report) => {
  const { localModels, aliases } = workspace;
  if (localModels === undefined) return;
  const suggest = aliasSuggester(workspace);
  for (const [at, alias] of (localModels.value.warm ?? []).entries()) {
    const linked = aliases.get(alias);
    const place = { path: ["warm", at] };
    if (linked === undefined) {
      if (!isUnknown(alias, workspace)) continue;
      const meant = suggest(alias);
      report.add("HG604", localModels.source, {
        message: `No fragment has a model ${quote(alias)}.`,
        fix:
          meant === undefined
            ? "Write an alias of a fragment. HEADGATE_WARM in .env names models that only the server knows."
            : `Did you mean \`${meant}\`?`,
        at: place,
      });
    } else if (linked.model.memory === undefined) {
      report.add("HG604", localModels.source, {
        message: `${quote(alias)} is a model of ${linked.fragment.fields.name ?? linked.fragment.id}, which is not loaded on this machine.`,
        fix: "Delete it; only models whose fragment states `memory` are loaded.",
        at: place,
      });
    }
  }
};
