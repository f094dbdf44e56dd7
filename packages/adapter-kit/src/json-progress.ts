/** Detects, piece by piece, when a JSON object's text is complete, by its brackets alone. */
export class JsonProgress {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #began = false;

  push(text: string): void {
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at];
      if (this.#escaped) this.#escaped = false;
      else if (this.#inString) {
        if (char === "\\") this.#escaped = true;
        else if (char === '"') this.#inString = false;
      } else if (char === '"') this.#inString = true;
      else if (char === "{" || char === "[") {
        this.#depth += 1;
        this.#began = true;
      } else if (char === "}" || char === "]") this.#depth -= 1;
    }
  }

  get complete(): boolean {
    return this.#began && this.#depth <= 0 && !this.#inString;
  }
}
