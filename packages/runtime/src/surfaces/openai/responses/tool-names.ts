/**
 * Names of functions inside namespaces. Other wires know one flat list of tools, so a namespaced function gets a name
 * made of both, and its calls get their two names back.
 */
import { createHash } from "node:crypto";

export interface ToolName {
  readonly name: string;
  readonly namespace?: string;
  /** A tool of free text: its calls are another kind of item. */
  readonly custom?: true;
}

/** The longest name that every wire takes. */
const MAX_NAME_LENGTH = 64;
const SEPARATOR = "__";

export class ToolNames {
  readonly #flat = new Map<string, string>();
  readonly #original = new Map<string, ToolName>();

  /** The flat name; undefined when the tool is there already. */
  add(tool: ToolName): string | undefined {
    if (this.#flat.has(keyOf(tool))) return undefined;
    const joined = join(tool);
    const taken = this.#original.has(joined) || joined.length > MAX_NAME_LENGTH;
    const flat = taken ? shorten(joined, keyOf(tool)) : joined;
    this.#flat.set(keyOf(tool), flat);
    this.#original.set(flat, tool);
    return flat;
  }

  /** The flat name of a tool that may no longer be offered, as in a conversation's history. */
  flat(tool: ToolName): string {
    const joined = join(tool);
    return (
      this.#flat.get(keyOf(tool)) ?? (joined.length > MAX_NAME_LENGTH ? shorten(joined, keyOf(tool)) : joined)
    );
  }

  /** True for a tool that is offered. */
  has(flat: string): boolean {
    return this.#original.has(flat);
  }

  original(flat: string): ToolName {
    return this.#original.get(flat) ?? { name: flat };
  }
}

const keyOf = ({ name, namespace }: ToolName): string => JSON.stringify([namespace ?? null, name]);

function join({ name, namespace }: ToolName): string {
  if (namespace === undefined) return name;
  return namespace.endsWith(SEPARATOR) ? namespace + name : namespace + SEPARATOR + name;
}

/** The end of a name is more distinctive than its beginning. */
function shorten(joined: string, key: string): string {
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 8);
  return `${digest}_${joined.slice(-(MAX_NAME_LENGTH - digest.length - 1))}`;
}
