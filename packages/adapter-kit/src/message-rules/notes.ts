/** What the rules of one request leave out or change, by the canonical form's names. */
export class Notes {
  readonly #names = new Set<string>();

  name(field: string): void {
    this.#names.add(field);
  }

  get all(): readonly string[] {
    return [...this.#names];
  }
}
