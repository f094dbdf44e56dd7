import { asCount, asObject } from "@headgate/adapter-kit";
import { type JsonObject, type JsonValue, present, type Usage } from "@headgate/contract";

/** Usage as Anthropic counts it: the cached parts of the prompt are separate, and later events of a stream add to earlier ones. */
export class UsageReader {
  #counts: JsonObject = {};

  /** Adds the counts of one event or body; later counts are totals and replace earlier ones. */
  read(value: JsonValue | undefined): void {
    const entries = Object.entries(asObject(value) ?? {}).filter(([, count]) => asCount(count) !== undefined);
    this.#counts = { ...this.#counts, ...Object.fromEntries(entries) };
  }

  /** The usage so far; `undefined` while the prompt's or the answer's count is missing. */
  get usage(): Usage | undefined {
    const fresh = asCount(this.#counts.input_tokens);
    const outputTokens = asCount(this.#counts.output_tokens);
    if (fresh === undefined || outputTokens === undefined) return undefined;
    const read = asCount(this.#counts.cache_read_input_tokens);
    const written = asCount(this.#counts.cache_creation_input_tokens);
    return {
      inputTokens: fresh + (read ?? 0) + (written ?? 0),
      outputTokens,
      ...present({ cachedInputTokens: read, cacheWriteInputTokens: written }),
    };
  }
}
