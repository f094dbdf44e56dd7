/** Finds a stop sequence that begins in one part and ends in the next: neither upstream sees it whole. */

export class StopGate {
  readonly #stops: readonly string[];
  readonly #tail: string;
  #held = "";
  #open = false;
  /** True once a stop sequence was found: the answer ends here. */
  met = false;

  constructor(before: string, stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
    const reach = Math.max(0, ...this.#stops.map((stop) => stop.length - 1));
    this.#tail = reach === 0 ? "" : before.slice(-reach);
    this.#open = this.#tail === "";
  }

  /** @returns the text that may pass */
  push(text: string): string {
    if (this.met) return "";
    if (this.#open) return text;
    this.#held += text;
    const joined = this.#tail + this.#held;
    let undecided = false;
    for (let at = 0; at < this.#tail.length; at += 1) {
      const suffix = joined.slice(at);
      if (this.#stops.some((stop) => suffix.startsWith(stop) && stop.length > this.#tail.length - at)) {
        // Nothing of the new text precedes it: it begins in the old text.
        this.met = true;
        this.#held = "";
        return "";
      }
      undecided ||= this.#stops.some((stop) => stop.startsWith(suffix));
    }
    if (undecided) return "";
    return this.flush();
  }

  /** Returns what was held back, once nothing more comes or no sequence can straddle. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    this.#open = true;
    return held;
  }
}
