export type Severity = "error" | "warning";

/**
 * What triggers a code. `was` → `shows` is an edit of the compiler's test fixture (`*`: the whole file), so every
 * example is also a test; `prose` is for what text cannot show.
 */
export type CodeExample =
  | { readonly file: string; readonly was: string; readonly shows: string }
  | { readonly prose: string };

export interface CodeEntry {
  /** The readable half of the code; as stable as the code itself. */
  readonly slug: string;
  readonly severity: Severity;
  /** The finding in general; a diagnostic's own message names the particulars. */
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  readonly example: CodeExample;
}
