/** How much a model reasons: one effort of a closed list, a switch, or nothing at all. */
import type { JsonObject, JsonValue, MessageRules } from "@headgate/contract";
import { isObject } from "../json-read.ts";
import type { FieldDraft } from "./draft.ts";

type EffortRule = NonNullable<MessageRules["effort"]>;

const EFFORT = "reasoning_effort";
const TEMPLATE = "chat_template_kwargs";
const LADDER = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/**
 * Writes the effort in the provider's form.
 * @returns true where the model reasons for this request
 */
export function applyEffort(draft: FieldDraft, rule: EffortRule | undefined): boolean {
  if (rule === undefined) return isOn(draft.get(EFFORT), false);
  const asked = askedEffort(draft, rule);
  const effort = besideTools(draft, rule, asked);
  const off = effort === "none" || (rule.streamed === true && draft.get("stream") !== true);
  if (effort !== undefined && off && effort !== "none") draft.name(EFFORT);
  const sent = effort === undefined ? undefined : nearestEffort(rule, off ? "none" : effort);
  if (sent === undefined || rule.level === false || (off && rule.switch !== undefined)) {
    if (effort !== undefined && sent === undefined && rule.switch === undefined) draft.name(EFFORT);
    draft.remove(EFFORT);
  } else {
    if (sent !== effort) draft.name(EFFORT);
    if (sent !== draft.get(EFFORT)) draft.set(EFFORT, sent);
  }
  if (rule.fixed === true) {
    if (off && effort !== undefined) draft.name(EFFORT);
  } else if (rule.switch !== undefined && (effort !== undefined || off)) setSwitch(draft, rule.switch, !off);
  return rule.fixed === true || (!off && isOn(sent ?? effort, rule.on === true));
}

const isOn = (effort: JsonValue | undefined, byDefault: boolean): boolean =>
  effort === undefined ? byDefault : effort !== "none";

/** The client's effort, from `reasoning_effort`, OpenRouter's `reasoning`, or another provider's switch. */
function askedEffort(draft: FieldDraft, rule: EffortRule): string | undefined {
  let effort = draft.get(EFFORT);
  const own = draft.get("reasoning");
  if (isObject(own)) {
    const { effort: inside, enabled } = own;
    effort ??= inside ?? (enabled === false ? "none" : undefined);
    draft.drop("reasoning");
  }
  for (const name of ["thinking", "enable_thinking"] as const) {
    const value = draft.get(name);
    if (value === undefined || (rule.switch === name && rule.fixed !== true)) continue;
    if (rule.switch === undefined && rule.fixed !== true) continue;
    const disabled = value === false || (isObject(value) && value.type === "disabled");
    if (disabled && rule.fixed !== true) effort ??= "none";
    draft.drop(name);
  }
  return typeof effort === "string" ? effort : undefined;
}

function besideTools(draft: FieldDraft, rule: EffortRule, effort: string | undefined): string | undefined {
  const tools = draft.get("tools");
  if (rule.tools !== "none" || !Array.isArray(tools) || tools.length === 0) return effort;
  if (effort === "none" || (effort === undefined && rule.on !== true)) return effort;
  draft.name(EFFORT);
  return "none";
}

/** Undefined where the model takes no effort. */
export function nearestEffort({ values, map = {} }: EffortRule, effort: string): string | undefined {
  const mapped = Object.hasOwn(map, effort) ? map[effort] : undefined;
  if (mapped !== undefined) return mapped;
  if (values === undefined || values.includes(effort)) return effort;
  return nearest(values, effort);
}

/** The nearest on the ladder, of two the higher one. Reasoning is switched off only where that is asked for. */
function nearest(values: readonly string[], effort: string): string | undefined {
  const at = LADDER.indexOf(effort);
  if (at < 0) return undefined;
  const known = values.filter((value) => LADDER.includes(value) && (effort === "none" || value !== "none"));
  const away = (value: string): number => Math.abs(LADDER.indexOf(value) - at);
  return known.toSorted((a, b) => away(a) - away(b) || LADDER.indexOf(b) - LADDER.indexOf(a))[0];
}

function setSwitch(draft: FieldDraft, name: NonNullable<EffortRule["switch"]>, on: boolean): void {
  if (name === "thinking") {
    if (!draft.has(name)) draft.set(name, { type: on ? "enabled" : "disabled" });
  } else if (name === "enable_thinking") {
    if (!draft.has(name) || !on) draft.set(name, on);
  } else {
    const kwargs = draft.get(TEMPLATE);
    const held: JsonObject = isObject(kwargs) ? kwargs : {};
    if (held.enable_thinking === undefined) draft.set(TEMPLATE, { ...held, enable_thinking: on });
  }
}

/** Switches reasoning off for this request. @returns false where the model always reasons */
export function switchOff(draft: FieldDraft, rule: EffortRule | undefined): boolean {
  if (rule === undefined || rule.fixed === true) return false;
  const none = nearestEffort(rule, "none") === "none";
  if (rule.switch === undefined && !none) return false;
  if (draft.has(EFFORT)) draft.name(EFFORT);
  if (rule.switch === undefined) draft.set(EFFORT, "none");
  else {
    draft.remove(EFFORT);
    if (draft.get(rule.switch) !== undefined) draft.remove(rule.switch);
    setSwitch(draft, rule.switch, false);
  }
  return true;
}
