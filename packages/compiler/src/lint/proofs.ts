/** What the tests ask of a fragment: an exchange for each error rule, and one for each rule of a dialect. */
import { decidingRule, dialectRulesOf, isOwnPlace } from "../link/proofs.ts";
import type { Path } from "../load/tree.ts";
import { listOf, quote } from "../quote.ts";
import type { Lint } from "./lint.ts";

const fileOf = (id: string): string => `providers/${id}/fixtures/exchanges.json`;

export const provenErrors: Lint = ({ fragments, exchanges }, report) => {
  if (exchanges.size === 0) return;
  for (const fragment of fragments) {
    const { id, source, fields } = fragment;
    const file = exchanges.get(id);
    // Of a file that is there and cannot be read nothing is known.
    if (exchanges.has(id) && file === undefined) continue;
    const rules = fields.errors ?? [];
    const answers = file?.value.errors ?? [];
    const decided = answers.map((answer) => decidingRule(rules, answer));
    for (const at of rules.keys()) {
      const path: Path = ["errors", at];
      if (decided.includes(at) || !isOwnPlace(fragment, path)) continue;
      report.add("HG370", source, {
        message: "No exchange shows an answer that this rule is the first to match.",
        fix: `Add one to \`errors\` in ${fileOf(id)}.`,
        at: { path },
      });
    }
    if (file === undefined) continue;
    for (const [at, answer] of answers.entries()) {
      const rule = rules[decided[at] ?? -1];
      if (rule === undefined || rule.class === answer.class) continue;
      report.add("HG372", file.source, {
        message: `The fragment's rule makes this ${quote(rule.class)}, and the exchange says ${quote(answer.class)}.`,
        fix: "Correct the class, or the order of the fragment's rules.",
        at: { path: ["errors", at, "class"] },
        related: [
          {
            message: "The rule is here.",
            source,
            at: { path: ["errors", decided[at] ?? 0], what: "key" },
          },
        ],
      });
    }
  }
};

export const provenDialects: Lint = (workspace, report) => {
  const { fragments, exchanges } = workspace;
  const rules = dialectRulesOf(workspace);
  const known = new Set([...exchanges].flatMap(([id, file]) => (file === undefined ? [] : [id])));
  for (const { owner, rule, source, path, provers, proof } of rules) {
    // A prover whose file cannot be read may prove it.
    if (proof !== undefined || provers.some((id) => exchanges.has(id) && !known.has(id))) continue;
    if (provers.length === 0) {
      report.add("HG371", source, {
        message: `Nothing is like the ${owner}, so that no exchange can prove its rule ${quote(rule)}.`,
        fix: "Delete the profile, or write `like` where it holds.",
        at: { path, what: "key" },
      });
      continue;
    }
    report.add("HG371", source, {
      message: `No exchange proves the rule ${quote(rule)} of ${owner}.`,
      fix: `Add a request that is sent otherwise without it, with \`proves: [${rule}]\`, to ${listOf(provers.map(fileOf))}.`,
      at: { path, what: "key" },
    });
  }
  if (exchanges.size === 0) return;
  for (const fragment of fragments) {
    const { id, source, fields } = fragment;
    const path: Path = fields.dialect === undefined ? ["model_dialects"] : ["dialect"];
    const departs = fields.dialect !== undefined || fields.model_dialects !== undefined;
    const file = exchanges.get(id);
    const isTold = rules.some((rule) => rule.source === source && rule.proof === undefined);
    if (!departs || isTold || file?.value.requests !== undefined || (exchanges.has(id) && file === undefined))
      continue;
    if (!isOwnPlace(fragment, path)) continue;
    report.add("HG371", source, {
      message: "The provider departs from its wire, and no exchange shows a request to it.",
      fix: `Add one to \`requests\` in ${fileOf(id)}.`,
      at: { path, what: "key" },
    });
  }
};
