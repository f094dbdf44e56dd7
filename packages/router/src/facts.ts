import type { Capability, ChargedUnits, Operation, Priority, Strategy, Tier } from "@headgate/contract";
import type { Meter } from "./limits/meter.ts";

/** Capabilities that a request may need, as bits, so that a candidate is checked with one AND. */
export const NEED = { vision: 1, tools: 2, json: 4, "audio-input": 8, search: 16 } as const satisfies Partial<
  Record<Capability, number>
>;

/** What a client's own rules leave out, and its ceiling over what costs. */
export interface ClientFacts {
  readonly name: string;
  /** Tiers that may serve it; absent: all. */
  readonly tiers?: ReadonlySet<Tier>;
  /** Only providers that state that they train no model on requests. */
  readonly noTraining?: true;
  /** Absent: no ceiling of its own. */
  readonly spend?: Meter;
}

/** What routing needs to know about a request. */
export interface RequestFacts {
  /** The name the client sent. */
  readonly model: string;
  readonly operation: Operation;
  /** Bits of `NEED`. */
  readonly needs: number;
  /** The prompt's text, tools included; absent: unknown, and taken for nothing. */
  readonly promptChars?: number;
  /** The prompt in tokens, where it was counted. */
  readonly promptTokens?: number;
  /** Pictures, documents and recordings in the prompt. */
  readonly media?: number;
  /** The longest answer the client wants, in tokens. */
  readonly maxOutputTokens?: number;
  /** Texts of an embedding request; 1 where absent. */
  readonly inputs?: number;
  /** Requested pictures; 1 where absent. */
  readonly images?: number;
  /** What else is charged; absent: only tokens. */
  readonly units?: ChargedUnits;
  /** The conversation, as the client names it. */
  readonly session?: string;
  /**
   * The conversation's key, from its first messages; computed only where it matters. The same start prefers the same key, whose
   * provider may still hold the prompt in its cache.
   */
  readonly conversation?: () => string | undefined;
  /** Only providers that are known not to train on prompts. */
  readonly noTraining?: true;
  /** Orders the candidates in place of the route's own. */
  readonly strategy?: Strategy;
  /** Absent: the operator's own key, which has no rules. */
  readonly client?: ClientFacts;
  /** Absent: interactive. */
  readonly priority?: Priority;
}

export const needNames = (needs: number): string[] =>
  Object.entries(NEED)
    .filter(([, bit]) => (needs & bit) !== 0)
    .map(([name]) => name);

/** Needs by their names; `unknown` is the first that is none. */
export function needBits(names: readonly string[]): { readonly bits: number; readonly unknown?: string } {
  let bits = 0;
  for (const name of names) {
    if (!Object.hasOwn(NEED, name)) return { bits, unknown: name };
    bits |= NEED[name as keyof typeof NEED];
  }
  return { bits };
}

export const capabilityBits = (capabilities: readonly Capability[]): number => {
  let bits = 0;
  for (const capability of capabilities) {
    if (capability in NEED) bits |= NEED[capability as keyof typeof NEED];
  }
  return bits;
};
