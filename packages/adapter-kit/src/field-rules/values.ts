/** Values of single fields: the ones that a provider takes, bounds, defaults, and fields that exclude each other. */
import { type JsonValue, type MessageRules, ownValue } from "@headgate/contract";
import type { FieldDraft } from "./draft.ts";

type Params = NonNullable<MessageRules["params"]>;
type Param = NonNullable<Params[string]>;

/** Fields that no closed list leaves out. */
const ALWAYS: ReadonlySet<string> = new Set(["model", "messages", "stream", "tools"]);

/** The output limit's two names: a default is sent only where the client gives neither. */
const LIMITS = ["max_tokens", "max_completion_tokens"];

export function applyParams(draft: FieldDraft, params: Params | undefined): void {
  for (const [name, param] of Object.entries(params ?? {}))
    if (param !== undefined) applyParam(draft, name, param);
}

function applyParam(draft: FieldDraft, name: string, param: Param): void {
  const value = draft.get(name);
  if (value === undefined) {
    const given = LIMITS.includes(name) && LIMITS.some((limit) => draft.has(limit));
    if (param.default !== undefined && !given) draft.set(name, param.default);
    return;
  }
  if (Array.isArray(value)) {
    applyToList(draft, name, value, param);
    return;
  }
  if (param.only !== undefined && !(param.only as readonly JsonValue[]).includes(value)) {
    draft.drop(name);
    return;
  }
  if (param.blank === false && typeof value === "string" && value.trim() === "") {
    draft.drop(name);
    return;
  }
  if (typeof value !== "number") return;
  const { min = value, max = value } = param;
  const bounded = value < min ? min : value > max ? max : value;
  if (bounded === value) return;
  draft.set(name, bounded);
  draft.name(name);
}

function applyToList(draft: FieldDraft, name: string, list: readonly JsonValue[], param: Param): void {
  const filled =
    param.blank === false ? list.filter((item) => typeof item !== "string" || item.trim() !== "") : list;
  const kept = filled.slice(0, param.max ?? filled.length);
  if (kept.length === list.length) return;
  if (kept.length === 0) draft.remove(name);
  else draft.set(name, kept);
  draft.name(name);
}

/** @param thinking whether the model reasons for this request */
export function applyConflicts(
  draft: FieldDraft,
  conflicts: MessageRules["conflicts"],
  thinking: boolean,
): void {
  for (const { when, drop } of conflicts ?? []) {
    const holds = when === "thinking" ? thinking : when === "not-thinking" ? !thinking : draft.has(when);
    if (holds) for (const name of drop) draft.drop(name);
  }
}

/** @param rename a provider's names for fields, which are known too */
export function applyKnown(
  draft: FieldDraft,
  known: readonly string[] | undefined,
  rename: Readonly<Record<string, string>>,
): void {
  if (known === undefined) return;
  for (const name of draft.names()) {
    if (!ALWAYS.has(name) && !known.includes(ownValue(rename, name) ?? name)) draft.drop(name);
  }
}
