/** Differences between the models of this wire, by their ids. */

export interface ModelTraits {
  /** Gemma has no system instruction: https://ai.google.dev/gemma/docs/core/prompt-structure */
  readonly gemma: boolean;
  /** Gemini's version, such as 2.5. A name without one (`gemini-flash-latest`) counts as the newest. */
  readonly generation: number;
  readonly pro: boolean;
}

export function traitsOf(model: string): ModelTraits {
  const version = /gemini-([0-9]+(?:\.[0-9]+)?)/.exec(model)?.[1];
  return {
    gemma: /(^|\/)gemma/.test(model),
    generation: version === undefined ? Number.POSITIVE_INFINITY : Number(version),
    pro: /-pro\b/.test(model),
  };
}
