/**
 * The rules for a request's own fields, by OpenAI's names. They change single fields in the bytes, so a body that only
 * needs them passes otherwise as it is.
 */
import type { Dialect, JsonObject } from "@headgate/contract";
import { applyChoice, applyFormat, withoutVainToolFields } from "./choice.ts";
import { FieldDraft, type FieldEdits } from "./draft.ts";
import { applyEffort } from "./effort.ts";
import { applyConflicts, applyKnown, applyParams } from "./values.ts";

export type { FieldEdits } from "./draft.ts";

/**
 * @returns undefined where nothing changes
 * @throws {EncodeError} where the provider has no form for a field that matters
 */
export function fieldEdits(json: JsonObject, dialect: Dialect): FieldEdits | undefined {
  if (!hasRules(dialect) && !hasVainToolFields(json)) return undefined;
  const draft = new FieldDraft(json);
  const tools = withoutVainToolFields(draft);
  const { effort, params, conflicts, tool_choice, tools: toolRule, format, fields } = dialect;
  let thinking = effort === undefined && conflicts === undefined ? false : applyEffort(draft, effort);
  if (tools && (tool_choice ?? toolRule) !== undefined) thinking = applyChoice(draft, dialect, thinking);
  applyFormat(draft, format);
  applyConflicts(draft, conflicts, thinking);
  applyParams(draft, params);
  applyKnown(draft, fields?.known, dialect.rename);
  return draft.edits();
}

const hasRules = (dialect: Dialect): boolean =>
  (dialect.effort ??
    dialect.params ??
    dialect.conflicts ??
    dialect.tool_choice ??
    dialect.tools ??
    dialect.format ??
    dialect.fields?.known) !== undefined;

const hasVainToolFields = ({ tools, tool_choice, parallel_tool_calls }: JsonObject): boolean =>
  Array.isArray(tools)
    ? tools.length === 0
    : tools === undefined && (tool_choice ?? parallel_tool_calls) !== undefined;
