/** Reads a behaviour's options from JSON; errors name the option and its valid values. */
import type { Gate } from "./gate.ts";
import { isObject, type JsonObject, type JsonValue } from "./json.ts";
import type { Behaviour, Headers } from "./step.ts";

export class OptionError extends Error {}

export interface OptionContext {
  gate(name: string): Gate;
  behaviour(spec: JsonValue): Behaviour;
}

export class JsonOptions {
  readonly #values: JsonObject;
  readonly #context: OptionContext;
  readonly #known = new Set<string>();

  constructor(values: JsonObject, context: OptionContext) {
    this.#values = values;
    this.#context = context;
  }

  #read<T>(name: string, what: string, convert: (value: JsonValue) => T | undefined): T | undefined {
    this.#known.add(name);
    const value = this.#values[name];
    if (value === undefined) return undefined;
    const converted = convert(value);
    if (converted === undefined) throw new OptionError(`option "${name}" must be ${what}`);
    return converted;
  }

  number(name: string): number | undefined {
    return this.#read(name, "a number", (value) => (typeof value === "number" ? value : undefined));
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, "true or false", (value) => (typeof value === "boolean" ? value : undefined));
  }

  text(name: string): string | undefined {
    return this.#read(name, "text", (value) => (typeof value === "string" ? value : undefined));
  }

  texts(name: string): string[] | undefined {
    return this.#read(name, "a list of text", (value) =>
      Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined,
    );
  }

  oneOf<const T extends string>(name: string, words: readonly T[]): T | undefined {
    return this.#read(name, `one of ${words.join(", ")}`, (value) => words.find((word) => word === value));
  }

  headers(name: string): Headers | undefined {
    return this.#read(name, "an object of text", (value) => {
      if (!isObject(value)) return undefined;
      const headers: Record<string, string> = {};
      for (const [key, text] of Object.entries(value)) {
        if (typeof text !== "string") return undefined;
        headers[key] = text;
      }
      return headers;
    });
  }

  /** Named, so that `POST /lab/open` can find it. */
  gate(name = "gate"): Gate | undefined {
    const gate = this.text(name);
    return gate === undefined ? undefined : this.#context.gate(gate);
  }

  /** The behaviour that this one wraps. */
  inner(name = "inner"): Behaviour | undefined {
    return this.#read(name, "a behaviour", (value) => this.#context.behaviour(value));
  }

  behaviours(name: string): Record<string, Behaviour> | undefined {
    return this.#read(name, "an object of behaviours", (value) =>
      isObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([key, spec]) => [key, this.#context.behaviour(spec ?? null)]),
          )
        : undefined,
    );
  }

  /** @throws {OptionError} for an option that was not read. */
  finish(): void {
    const unknown = Object.keys(this.#values).find((name) => !this.#known.has(name));
    if (unknown === undefined) return;
    const known = [...this.#known].sort().join(", ") || "none";
    throw new OptionError(`unknown option "${unknown}"; known: ${known}`);
  }
}
