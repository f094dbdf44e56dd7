/** The last lines that a program wrote, without secrets; bounded, however much it writes. */
const MAX_LINES = 40;
const MAX_COLUMNS = 400;
/** A line that never ends is cut here, so that it is not held whole. */
const MAX_PENDING = 64 * 1024;

const BEARER = /\b(bearer|basic)\s+[^\s"',;]+/gi;
const CREDENTIAL =
  /((?:api[_-]?key|token|secret|password|authorization)["']?\s*[=:]\s*["']?)(?!bearer|basic)[^\s"',;]+/gi;
const WELL_KNOWN = /\b(?:sk|hf|gsk|ghp|xai|AIza)[-_][A-Za-z0-9_-]{8,}/g;

/** @param hidden values that must not show */
export function withoutSecrets(text: string, hidden: readonly string[]): string {
  let safe = text;
  for (const value of hidden) if (value.length > 3) safe = safe.replaceAll(value, "***");
  return safe.replace(BEARER, "$1 ***").replace(CREDENTIAL, "$1***").replace(WELL_KNOWN, "***");
}

export class LogTail {
  readonly #hidden: readonly string[];
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #lines: string[] = [];
  #pending = "";

  constructor(hidden: readonly string[] = [], onLine?: (line: string) => void) {
    this.#hidden = hidden;
    this.#onLine = onLine;
  }

  add(text: string): void {
    const parts = (this.#pending + text).split(/\r\n|\n|\r/);
    this.#pending = (parts.pop() ?? "").slice(-MAX_PENDING);
    for (const part of parts) this.#take(part);
  }

  /** What was written last, oldest first; a line that was not ended is one too. */
  lines(): readonly string[] {
    if (this.#pending !== "") {
      this.#take(this.#pending);
      this.#pending = "";
    }
    return [...this.#lines];
  }

  #take(raw: string): void {
    const line = withoutSecrets(raw, this.#hidden)
      .replaceAll(/[\p{Cc}\p{Cf}]/gu, " ")
      .trimEnd()
      .slice(0, MAX_COLUMNS);
    if (line === "") return;
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    this.#onLine?.(line);
  }
}
