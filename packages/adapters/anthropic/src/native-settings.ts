/** Thinking and sampling of a client's own Messages body, in the form that the model takes. */
import { isObject, type Notes, type Target } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { hasMaps, narrowed } from "./answer-schema.ts";
import type { ModelTraits } from "./models.ts";
import { Refusals } from "./refusals.ts";
import { encodeSampling, thinkingBudget } from "./thinking.ts";

/** Members of a body by name; undefined: left out. */
export type Settings = Readonly<Record<string, JsonValue | undefined>>;

export interface FittedThinking {
  readonly changed: Settings;
  /** The model thinks, so that sampling is fixed. */
  readonly on: boolean;
}

/** Budgets that mean a low and a medium effort end here, in tokens. */
const LOW_BUDGET = 4_096;
const MEDIUM_BUDGET = 16_384;

const numberOf = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" ? value : undefined;

/** Sources: https://platform.claude.com/docs/en/build-with-claude/effort and the migration guide of the models. */
export function fitThinking(json: JsonObject, traits: ModelTraits, notes: Notes): FittedThinking {
  const { thinking, output_config: config } = json;
  const effort = isObject(config) ? config.effort : undefined;
  const kept = thinking === undefined || !isObject(thinking) ? undefined : thinking;
  const on = kept !== undefined && kept.type !== "disabled";
  const changed: Record<string, JsonValue | undefined> = {};
  if (isObject(config) && effort !== undefined && traits.claude && !traits.effort) {
    notes.name("output_config.effort");
    const { effort: _, ...others } = config;
    changed.output_config = Object.keys(others).length === 0 ? undefined : others;
  }
  if (kept?.type === "enabled" && traits.hidesThinking) {
    notes.name("thinking.budget_tokens");
    const { display = "summarized" } = kept;
    changed.thinking = { type: "adaptive", display };
    if (effort === undefined)
      changed.output_config = { ...(isObject(config) ? config : {}), effort: effortOf(kept.budget_tokens) };
  } else if (kept?.type === "adaptive" && traits.claude && traits.thinking === "budget") {
    notes.name("thinking.type");
    // A turn that goes on after a result must have begun with thinking.
    if (lacksThinking(json.messages)) {
      changed.thinking = { type: "disabled" };
      return { changed, on: false };
    }
    const budget = thinkingBudget(
      typeof effort === "string" ? effort : "high",
      numberOf(json.max_tokens) ?? 0,
    );
    changed.thinking = budget === undefined ? undefined : { type: "enabled", budget_tokens: budget };
    return { changed, on: budget !== undefined };
  }
  return { changed, on };
}

/** The schema of a structured answer, without what the API refuses: another provider may have taken it before. */
export function fitFormat(config: JsonValue | undefined, notes: Notes): Settings {
  const format = isObject(config) ? config.format : undefined;
  const schema = isObject(format) ? format.schema : undefined;
  if (!isObject(config) || !isObject(format) || !isObject(schema) || hasMaps(schema)) return {};
  const own = narrowed(schema, (keyword) => notes.name(`output_config.format.schema.${keyword}`));
  if (JSON.stringify(own) === JSON.stringify(schema)) return {};
  return { output_config: { ...config, format: { ...format, schema: own } } };
}

/** Whether the conversation goes on after a call that no thinking came before. */
function lacksThinking(messages: JsonValue | undefined): boolean {
  const list = Array.isArray(messages) ? (messages as readonly JsonValue[]).filter(isObject) : [];
  if (!hasBlock(list.at(-1), "tool_result")) return false;
  const calling = list.findLast(({ role }) => role === "assistant");
  return !hasBlock(calling, "thinking") && !hasBlock(calling, "redacted_thinking");
}

const hasBlock = (message: JsonObject | undefined, type: string): boolean =>
  Array.isArray(message?.content) &&
  (message.content as readonly JsonValue[]).some((block) => isObject(block) && block.type === type);

const effortOf = (budget: JsonValue | undefined): string => {
  const tokens = numberOf(budget) ?? 0;
  return tokens < LOW_BUDGET ? "low" : tokens < MEDIUM_BUDGET ? "medium" : "high";
};

/** Members that the model refuses are left out, and each other one stays. */
export function fitSampling(json: JsonObject, target: Target, thinks: boolean, notes: Notes): Settings {
  const { temperature, top_p, top_k } = json;
  if (temperature === undefined && top_p === undefined && top_k === undefined) return {};
  const refusals = new Refusals([]);
  const asked = { temperature: numberOf(temperature), topP: numberOf(top_p), topK: numberOf(top_k) };
  const set = Object.entries(asked).filter(([, value]) => value !== undefined);
  const sent = encodeSampling(Object.fromEntries(set), target, thinks, refusals);
  for (const name of refusals.dropped) notes.name(name);
  return Object.fromEntries(refusals.dropped.map((name) => [name, sent[name as keyof typeof sent]] as const));
}
