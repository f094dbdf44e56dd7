/** The choice among tools, the fields beside tools, and the form of the answer. */
import type { JsonValue, MessageRules } from "@headgate/contract";
import { EncodeError } from "../adapter.ts";
import { isObject } from "../json-read.ts";
import type { FieldDraft } from "./draft.ts";
import { switchOff } from "./effort.ts";

const CHOICE = "tool_choice";
const FORMAT = "response_format";
const BESIDE_TOOLS = [CHOICE, "parallel_tool_calls"];

/** Most providers refuse the fields beside tools, and some an empty list, where there is no tool. */
export function withoutVainToolFields(draft: FieldDraft): boolean {
  const tools = draft.get("tools");
  if (Array.isArray(tools) && tools.length > 0) return true;
  if (draft.has("functions")) return true;
  if (Array.isArray(tools)) draft.remove("tools");
  for (const name of BESIDE_TOOLS) draft.remove(name);
  return false;
}

/** @returns whether the model reasons for this request */
export function applyChoice(draft: FieldDraft, rules: MessageRules, thinking: boolean): boolean {
  const { tool_choice: rule, tools, effort } = rules;
  if (tools?.parallel === "drop") draft.drop("parallel_tool_calls");
  if (rule === undefined) return thinking;
  let reasons = thinking;
  const forced = (): boolean =>
    kindOf(draft.get(CHOICE)) === "required" || kindOf(draft.get(CHOICE)) === "named";
  if (reasons && rule.thinking !== undefined && forced()) {
    if (rule.thinking === "off" && switchOff(draft, effort)) reasons = false;
    else {
      draft.set(CHOICE, "auto");
      draft.name(CHOICE);
    }
  }
  const kind = kindOf(draft.get(CHOICE));
  if (rule.values === undefined || kind === undefined || rule.values.includes(kind)) return reasons;
  draft.remove(CHOICE);
  if (kind === "none") {
    draft.drop("tools");
    for (const name of BESIDE_TOOLS) draft.remove(name);
  } else if (kind === "named" && rule.values.includes("required") && onlyTool(draft))
    draft.set(CHOICE, "required");
  else {
    if (rule.values.includes("auto")) draft.set(CHOICE, "auto");
    if (kind !== "auto") draft.name(CHOICE);
  }
  return reasons;
}

const onlyTool = (draft: FieldDraft): boolean => {
  const tools = draft.get("tools");
  return Array.isArray(tools) && tools.length === 1;
};

function kindOf(choice: JsonValue | undefined): "auto" | "none" | "required" | "named" | undefined {
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  return isObject(choice) ? "named" : undefined;
}

/** @throws {EncodeError} where the answer's form matters and the provider cannot have it */
export function applyFormat(draft: FieldDraft, rule: MessageRules["format"]): void {
  const format = draft.get(FORMAT);
  if (rule === undefined || !isObject(format)) return;
  if (format.type === "text") {
    if (rule.text === "omit") draft.remove(FORMAT);
    return;
  }
  if (rule.none === "skip") throw new EncodeError("this provider writes no JSON on request", FORMAT);
  const tools = draft.get("tools");
  if (rule.tools !== undefined && Array.isArray(tools) && tools.length > 0) {
    if (rule.tools === "skip")
      throw new EncodeError("this model writes JSON on request only without tools", FORMAT);
    draft.drop(FORMAT);
  } else if (rule.json_object === "schema" && format.type === "json_object") {
    const schema = { type: "object", properties: {}, additionalProperties: true };
    draft.set(FORMAT, { type: "json_schema", json_schema: { name: "answer", schema } });
  }
}
