/** The top level of a request while its fields are changed; the rest of the body stays as it is. */
import type { JsonObject, JsonValue } from "@headgate/contract";

export class FieldDraft {
  readonly #json: JsonObject;
  readonly #changes = new Map<string, JsonValue | undefined>();
  readonly #named = new Set<string>();

  constructor(json: JsonObject) {
    this.#json = json;
  }

  /** A field's value as it is now; null counts as absent. */
  get(name: string): JsonValue | undefined {
    const value = this.#changes.has(name) ? this.#changes.get(name) : this.#own(name);
    return value === null ? undefined : value;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(name: string, value: JsonValue): void {
    this.#changes.set(name, value);
  }

  /** Leaves a field out. */
  remove(name: string): void {
    if (this.has(name) || Object.hasOwn(this.#json, name)) this.#changes.set(name, undefined);
  }

  /** Leaves a field out and names it, where it is present. */
  drop(name: string): void {
    if (!this.has(name)) return;
    this.remove(name);
    this.name(name);
  }

  /** Reports a field whose value is not sent as the client gave it. */
  name(name: string): void {
    this.#named.add(name);
  }

  /** Every field that the request has now. */
  names(): string[] {
    return [...new Set([...Object.keys(this.#json), ...this.#changes.keys()])].filter((name) =>
      this.has(name),
    );
  }

  /** Undefined where nothing has changed. */
  edits(): FieldEdits | undefined {
    if (this.#changes.size === 0 && this.#named.size === 0) return undefined;
    const set: Record<string, JsonValue> = {};
    const remove: string[] = [];
    for (const [name, value] of this.#changes) {
      if (value === undefined) remove.push(name);
      else set[name] = value;
    }
    return { set, remove, named: [...this.#named] };
  }

  #own(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#json, name) ? this.#json[name] : undefined;
  }
}

export interface FieldEdits {
  readonly set: Readonly<Record<string, JsonValue>>;
  readonly remove: readonly string[];
  /** What is left out or changed, by the client's names. */
  readonly named: readonly string[];
}
