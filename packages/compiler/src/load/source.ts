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
