/** Stop sequences of wires that encode them themselves: blank ones, and more than the provider takes. */
import type { ChatRequest, MessageRules } from "@headgate/contract";
import type { Notes } from "./notes.ts";

export function ruleStops(
  request: ChatRequest,
  rule: NonNullable<MessageRules["params"]>[string],
  notes: Notes,
): ChatRequest {
  const { stop, ...rest } = request;
  if (rule === undefined || stop === undefined) return request;
  const filled = rule.blank === false ? stop.filter((text) => text.trim() !== "") : stop;
  const kept = filled.slice(0, rule.max ?? filled.length);
  if (kept.length === stop.length) return request;
  notes.name("stop");
  return kept.length === 0 ? rest : { ...rest, stop: kept };
}
