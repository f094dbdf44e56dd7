import { printable, redactSecrets } from "@headgate/diagnostics";

const MAX_CHARACTERS = 60;

/** A value from a file, as a message may show it: no secret, no control character, bounded length. */
export function quote(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  const safe = printable(redactSecrets(text)).replace(/\s+/g, " ");
  return `\`${safe.length > MAX_CHARACTERS ? `${safe.slice(0, MAX_CHARACTERS)}…` : safe}\``;
}

/** `a, b or c`, shortened when there are many. */
export function listOf(names: readonly string[], word = "or"): string {
  const shown = names.length > 12 ? [...names.slice(0, 11), `${names.length - 11} more`] : names;
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} ${word} ${shown.at(-1)}`;
}
