/** A conversation apart from any wire: what the generator makes and each surface writes in its own form. */
import type { SurfaceId } from "../support/matrix-surfaces.ts";

export type Json = Record<string, unknown>;

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** Absent: the client declares none. */
  readonly schema?: Json;
  /** A freeform tool of the Responses API; elsewhere a function with one text. */
  readonly custom?: true;
}

export interface CallSpec {
  readonly id: string;
  readonly name: string;
  /** JSON text, with integers of any length; of a custom tool its input. */
  readonly arguments: string;
  readonly custom?: true;
}

export interface ResultSpec {
  readonly id: string;
  readonly name: string;
  readonly form: "text" | "parts" | "json" | "empty" | "image";
  readonly text: string;
  readonly custom?: true;
}

export type Turn =
  | { readonly kind: "system"; readonly role: "system" | "developer"; readonly text: string }
  | { readonly kind: "user"; readonly text: string; readonly image?: boolean; readonly cached?: boolean }
  | {
      readonly kind: "assistant";
      readonly reasoning?: string;
      readonly text?: string;
      readonly calls: readonly CallSpec[];
    }
  | { readonly kind: "results"; readonly results: readonly ResultSpec[]; readonly after?: string }
  /** An answer as the surface gave it, sent back as its clients do. */
  | { readonly kind: "answer"; readonly surface: SurfaceId; readonly items: readonly unknown[] }
  /** The item that `/v1/responses/compact` made of what was before. */
  | { readonly kind: "compaction"; readonly item: unknown };

export type MarkKind = "text" | "reasoning" | "image";

/** A word that stands in one place of the conversation and must reach the provider. */
export interface Mark {
  readonly word: string;
  readonly kind: MarkKind;
}

export interface Conversation {
  readonly seed: number;
  /** What it is made of, such as `parallel tools`. */
  readonly kinds: readonly string[];
  readonly turns: readonly Turn[];
  readonly tools: readonly ToolSpec[];
  readonly toolChoice?: "auto" | "required" | "none";
  readonly parallel?: boolean;
  readonly effort?: "low" | "high";
  readonly format?: "object" | "schema";
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly maxTokens?: number;
  readonly marks: readonly Mark[];
  readonly needs: { readonly tools: boolean; readonly vision: boolean; readonly json: boolean };
}

/** What a model says, or what a client read of it. `arguments` are JSON text, or a custom tool's input. */
export interface Said {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string; readonly id?: string }[];
}

/** A client's reading of an answer, and the items that it appends to its next request. */
export interface Heard extends Said {
  readonly whole: boolean;
  readonly items: readonly unknown[];
}

export interface Writer {
  /** Undefined where the surface has no place for something in the conversation. */
  write(
    conversation: Conversation,
    model: string,
    stream: boolean,
  ): { readonly path: string; readonly body: Json } | undefined;
  read(raw: string, stream: boolean): Heard;
}
