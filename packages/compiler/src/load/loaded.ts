/** A file after it was parsed. */
import type { Source } from "./source.ts";
import type { Plain } from "./tree.ts";

export interface LoadedFile {
  readonly source: Source;
  /** Absent when the file could not be parsed. */
  readonly value?: Plain;
}

export interface LoadedFragment extends LoadedFile {
  readonly id: string;
  /** Models that the overlay switches off. */
  readonly off?: { readonly by: Source; readonly aliases: ReadonlySet<string> };
}
