import { LineIndex, type SourceFile, type Span } from "@headgate/diagnostics";
import { parseJson } from "./json-tree.ts";
import { Locator, type Parsed, type Path, type Plain, plainOf } from "./tree.ts";
import { parseYaml } from "./yaml-tree.ts";

/** Where a finding is: a path into the file's values, or offsets into its text; absent: the file as a whole. */
export type At =
  | { readonly path: Path; readonly what?: "key" | "value" }
  | { readonly start: number; readonly end: number };

/**
 * One file that was read. Its tree is dropped after its values are taken, and built again only if something in it
 * must be pointed at: a thousand sound fragments cost no memory for places that are not needed.
 */
export class Source implements SourceFile {
  readonly path: string;
  readonly text: string;
  readonly sound: boolean;
  #lines: LineIndex | undefined;
  #locator: Locator | undefined;

  /** @param sound the file is known to have neither a problem of its own nor a secret */
  constructor(path: string, text: string, sound = false) {
    this.path = path;
    this.text = text;
    this.sound = sound;
  }

  parse(): Parsed & { value?: Plain } {
    const parsed = this.path.endsWith(".json") ? parseJson(this.text) : parseYaml(this.text);
    return parsed.root === undefined ? parsed : { ...parsed, value: plainOf(parsed.root) };
  }

  /** The file and the place in it that decide what is at `at`. */
  trace(at: At): { readonly source: Source; readonly at: At } {
    return { source: this, at };
  }

  span(at: At): Span {
    this.#lines ??= new LineIndex(this.text);
    if ("start" in at) return this.#lines.span(at.start, at.end);
    if (this.#locator === undefined) {
      const { root } = this.parse();
      if (root === undefined) return this.#lines.span(0, 0);
      this.#locator = new Locator(root);
    }
    const { start, end } = this.#locator.find(at.path, at.what ?? "value");
    return this.#lines.span(start, end);
  }

  /** Frees what `span` built. */
  forget(): void {
    this.#lines = undefined;
    this.#locator = undefined;
  }
}

/** One step of a merge: what is at `path` of the merged value was written at `at` in `source`. */
export interface Origin {
  readonly path: Path;
  readonly source: Source;
  readonly at: Path;
}

/** Several files read as one: a catalogue's file with what other files lay over it. */
export class LayeredSource extends Source {
  readonly base: Source;
  /** Where the value departs from `base`. */
  readonly origins: readonly Origin[];
  readonly #byPath = new Map<string, Origin>();

  /**
   * @param origins where the value departs from `base`, place by place
   * @param over the file that lies over the base, whose values are still to be judged; absent: they have been
   */
  constructor(base: Source, origins: readonly Origin[], over?: Source) {
    super(
      base.path,
      over === undefined ? base.text : `${base.text}\n${over.text}`,
      over === undefined && base.sound,
    );
    this.base = base;
    this.origins = origins;
  }

  override trace(at: At): { readonly source: Source; readonly at: At } {
    if (!("path" in at)) return { source: this.base, at };
    if (this.#byPath.size === 0)
      for (const origin of this.origins) this.#byPath.set(JSON.stringify(origin.path), origin);
    for (let length = at.path.length; length >= 0; length -= 1) {
      const origin = this.#byPath.get(JSON.stringify(at.path.slice(0, length)));
      if (origin === undefined) continue;
      const path = [...origin.at, ...at.path.slice(length)];
      return origin.source.trace({ ...at, path });
    }
    return this.base.trace(at);
  }
}
