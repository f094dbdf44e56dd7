/** Aliases for new models, by the rule of the fragments: the provider's prefix and the model's short name. */

const MAX_ALIAS = 128;

/**
 * The beginning of the fragment's aliases, dash included: the provider's id, or what all of them share (`or-`, `nim-`,
 * `local-ollama-cpu-`).
 */
export function prefixOf(id: string, aliases: readonly string[]): string {
  const own = `${id}-`;
  if (aliases.length === 0 || aliases.every((alias) => alias.startsWith(own) || alias === id)) return own;
  const [first = "", ...rest] = aliases;
  const segments = first.split("-").slice(0, -1);
  for (let count = segments.length; count > 0; count -= 1) {
    const prefix = `${segments.slice(0, count).join("-")}-`;
    if (rest.every((alias) => alias.startsWith(prefix))) return prefix;
  }
  return own;
}

/**
 * @param taken true for a name that is in use
 * @returns undefined where the id has no character for a name
 */
export function aliasFor(
  upstream: string,
  prefix: string,
  taken: (name: string) => boolean,
): string | undefined {
  const parts = upstream
    .replace(/:(free|latest)$/i, "")
    .split("/")
    .map(tidy)
    .filter((part) => part !== "");
  const short = parts.at(-1);
  if (short === undefined) return undefined;
  const long = parts.slice(-2).join("-");
  const named = (name: string): string => (name.startsWith(prefix) ? name : `${prefix}${name}`);
  const names = [
    named(short),
    named(long),
    ...Array.from({ length: 98 }, (_, at) => `${named(short)}-${at + 2}`),
  ];
  return names.find((name) => name.length <= MAX_ALIAS && !taken(name));
}

const tidy = (part: string): string =>
  part
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|[-._]+$/g, "");
