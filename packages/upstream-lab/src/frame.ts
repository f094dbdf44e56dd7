/** The pieces of an answer's body, and the positions of a stream's usage. */

/**
 * One event of a stream, or a whole body (`whole`).
 * `role`: no content yet. `finish`: the finish reason. `usage`: the extra last chunk. `done`: the terminator.
 */
export interface Frame {
  readonly kind: "role" | "content" | "finish" | "usage" | "done" | "whole";
  readonly bytes: Buffer;
}

/**
 * The position of a stream's usage. `asked`: an extra chunk when the client requested it (OpenAI). `always`, `never`.
 * `every-chunk`: running totals on each (Perplexity). `on-finish`: on the finish chunk (Mistral).
 * `x-groq`: inside `x_groq` on the finish chunk (Groq, when not requested).
 */
export type UsageMode = "asked" | "always" | "never" | "every-chunk" | "on-finish" | "x-groq";
