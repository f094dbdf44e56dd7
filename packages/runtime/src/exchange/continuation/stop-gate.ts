/** A stop sequence that begins in one model's words and ends in the next one's: neither upstream sees it whole. */

export class StopGate {
  readonly #stops: readonly string[];
  readonly #tail: string;
  #held = "";
  #open = false;
  /** True once a stop sequence was met: the answer ends here. */
  met = false;

  constructor(before: string, stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
    const reach = Math.max(0, ...this.#stops.map((stop) => stop.length - 1));
    this.#tail = reach === 0 ? "" : before.slice(-reach);
    this.#open = this.#tail === "";
  }

  /** What may pass. */
  push(text: string): string {
    if (this.met) return "";
    if (this.#open) return text;
    this.#held += text;
    const joined = this.#tail + this.#held;
    let undecided = false;
    for (let at = 0; at < this.#tail.length; at += 1) {
      const rest = joined.slice(at);
      if (this.#stops.some((stop) => rest.startsWith(stop) && stop.length > this.#tail.length - at)) {
        // What stands before it in the new words is nothing: it begins in the old ones.
        this.met = true;
        this.#held = "";
        return "";
      }
      undecided ||= this.#stops.some((stop) => stop.startsWith(rest));
    }
    if (undecided) return "";
    return this.flush();
  }

  /** What was held back, once nothing more comes or nothing more can straddle. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    this.#open = true;
    return held;
  }
}
