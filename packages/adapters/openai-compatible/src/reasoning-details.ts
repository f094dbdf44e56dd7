/**
 * OpenRouter's `reasoning_details`: pieces of reasoning, some of them sealed, which its models require back unchanged.
 * https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
 */
import { asArray, asObject, DETAILS_WIRE } from "@headgate/adapter-kit";
import type { ChatEvent, JsonObject } from "@headgate/contract";

/** Fields whose text comes in pieces. */
const GROWING = ["text", "summary", "data"] as const;

export class ReasoningDetails {
  #pieces: JsonObject[] = [];

  collect(delta: JsonObject): void {
    for (const item of asArray(delta.reasoning_details) ?? []) {
      const piece = asObject(item);
      if (piece !== undefined) this.#add(piece);
    }
  }

  /** The seal over the reasoning so far; nothing where there is none. */
  take(): ChatEvent[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    if (pieces.length === 0) return [];
    return [{ type: "reasoning", text: "", sealed: { wire: DETAILS_WIRE, data: JSON.stringify(pieces) } }];
  }

  /** A piece of the same index and type goes on where the last one ended. */
  #add(piece: JsonObject): void {
    const last = this.#pieces.at(-1);
    if (
      last === undefined ||
      piece.index === undefined ||
      last.index !== piece.index ||
      last.type !== piece.type
    ) {
      this.#pieces.push(piece);
      return;
    }
    const joined: Record<string, JsonObject[string]> = { ...last, ...piece };
    for (const name of GROWING) {
      const [before, more] = [last[name], piece[name]];
      if (typeof before === "string") joined[name] = typeof more === "string" ? before + more : before;
    }
    this.#pieces[this.#pieces.length - 1] = joined;
  }
}
