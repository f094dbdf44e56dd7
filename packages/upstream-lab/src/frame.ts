/** One piece of an answer's body, and where a stream reports its usage. */
/**
 * One event of a stream, or a whole body (`whole`).
 * `role`: no content yet. `finish`: the finish reason. `usage`: the extra last chunk. `done`: the terminator.
 */
export interface Frame {
  readonly kind: "role" | "content" | "finish" | "usage" | "done" | "whole";
  readonly bytes: Buffer;
}

/**
 * Where a stream's usage stands. `asked`: an extra chunk when the client asked (OpenAI). `always`, `never`.
 * `every-chunk`: running totals on each (Perplexity). `on-finish`: on the finish chunk (Mistral).
 * `x-groq`: inside `x_groq` on the finish chunk (Groq, when not asked).
 */
export type UsageMode = "asked" | "always" | "never" | "every-chunk" | "on-finish" | "x-groq";
