/** Fields beyond the canonical request: carried where Anthropic has them, left out where they are harmless, else refused. */
import { sortExtras } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import type { Refusals } from "./refusals.ts";

/** Anthropic's own fields, for clients that address it directly. */
const CARRIED = new Set(["thinking", "cache_control", "context_management", "inference_geo"]);

/** OpenAI has other names for the service tiers; only Anthropic's own are carried. */
const SERVICE_TIERS: readonly JsonValue[] = ["auto", "standard_only"];

/** @throws {EncodeError} naming a field that would change the answer and can be neither carried nor dropped. */
export function readExtras(extra: Readonly<Record<string, JsonValue>>, refusals: Refusals): JsonObject {
  const carried: Record<string, JsonValue> = {};
  sortExtras(extra, {
    carry(name, value) {
      const known = CARRIED.has(name) || (name === "service_tier" && SERVICE_TIERS.includes(value));
      if (known) carried[name] = value;
      return known;
    },
    drop: (name) => refusals.drop(name),
    refuse: (name) => refusals.refuse(name, `Anthropic has nothing like ${name}`),
  });
  return carried;
}
