/** Which candidate a conversation was last answered by, so that it stays with it. */

const STAYS_MS = 30 * 60_000;
const MAX_SESSIONS = 20_000;

export class Sessions {
  /** In the order of their last use. */
  readonly #byKey = new Map<string, { candidate: string; atMs: number }>();

  /** The id of the candidate that answered last; undefined after 30 minutes of silence. */
  get(key: string, nowMs: number): string | undefined {
    const found = this.#byKey.get(key);
    if (found === undefined) return undefined;
    if (nowMs - found.atMs <= STAYS_MS) return found.candidate;
    this.#byKey.delete(key);
    return undefined;
  }

  set(key: string, candidate: string, nowMs: number): void {
    this.#byKey.delete(key);
    this.#byKey.set(key, { candidate, atMs: nowMs });
    if (this.#byKey.size <= MAX_SESSIONS) return;
    const oldest = this.#byKey.keys().next().value;
    if (oldest !== undefined) this.#byKey.delete(oldest);
  }
}
