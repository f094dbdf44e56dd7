import type { DialectRules } from "@headgate/contract";
import type { Path } from "../load/tree.ts";
import { quote } from "../quote.ts";
import { dialectsIn } from "./dialect-places.ts";
import type { Lint } from "./lint.ts";

/** Rules of one dialect must not contradict each other. */
export const dialectRules: Lint = (workspace, report) => {
  for (const { source, path, dialect } of dialectsIn(workspace))
    for (const [at, message] of contradictions(dialect))
      report.add("HG327", source, { message, at: { path: [...path, ...at] } });
};

function contradictions(dialect: DialectRules): [Path, string][] {
  const found: [Path, string][] = [];
  const { drop = [], rename = {}, call_ids: ids, effort, reasoning, params = {}, conflicts = [] } = dialect;
  for (const name of drop)
    if (Object.hasOwn(rename, name))
      found.push([["rename", name], `${quote(name)} is dropped, so it is never renamed.`]);
  if (ids?.length !== undefined && ids.max !== undefined)
    found.push([["call_ids", "max"], "`length` is exact, so `max` has no effect."]);
  if (effort?.level === false && effort.switch === undefined && effort.fixed !== true)
    found.push([["effort", "level"], "Without the effort and without a `switch` nothing of it is sent."]);
  if (effort?.fixed === true && effort.streamed === true)
    found.push([["effort", "streamed"], "`fixed` says that reasoning cannot be switched off."]);
  if (reasoning?.history === "drop" && reasoning.field !== undefined)
    found.push([["reasoning", "field"], "Reasoning of the history is dropped, so no field carries it."]);
  if (
    reasoning?.placeholder !== undefined &&
    reasoning.history !== undefined &&
    reasoning.history !== "require"
  )
    found.push([["reasoning", "placeholder"], "Only `history: require` sends a placeholder."]);
  for (const [name, param] of Object.entries(params)) {
    if (drop.includes(name))
      found.push([["params", name], `${quote(name)} is dropped, so its values have no effect.`]);
    if (param?.min !== undefined && param.max !== undefined && param.min > param.max)
      found.push([["params", name, "min"], `\`min\` is above \`max\`.`]);
    if (param?.only !== undefined && (param.min ?? param.max) !== undefined)
      found.push([["params", name, "only"], "`only` lists the values, so a bound has no effect."]);
  }
  for (const [at, { when, drop: dropped }] of conflicts.entries())
    if (dropped.includes(when))
      found.push([["conflicts", at, "drop"], `${quote(when)} would exclude itself.`]);
  return found;
}
