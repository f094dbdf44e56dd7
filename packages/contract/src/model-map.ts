/** The model map: which alias, group or direct name answers to a name that clients have built in. */

export interface ModelMapEntry {
  /** A name with at most one `*`, which matches any text. */
  readonly pattern: string;
  /** Aliases, groups or direct names; the first that is active answers. None: the pattern is taken out of the map. */
  readonly targets: readonly string[];
}

/** The variable that adds to the map, or replaces entries of it. */
export const MODEL_MAP_VARIABLE = "HEADGATE_MODEL_MAP";

/** The same form as in `schemas/model-map.schema.json`. */
const PATTERN = /^(?=.{1,128}$)[^\s*,|]*\*?[^\s*,|]*$/;

export const matchesPattern = (pattern: string, name: string): boolean => {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === name;
  return (
    name.length >= pattern.length - 1 &&
    name.startsWith(pattern.slice(0, star)) &&
    name.endsWith(pattern.slice(star + 1))
  );
};

/** Orders patterns: exact ones first, then the longer, then by text, so that the order never depends on a file's. */
export function comparePatterns(a: string, b: string): number {
  const exact = Number(a.includes("*")) - Number(b.includes("*"));
  return exact || b.length - a.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** True when some name matches both and length does not decide which of them counts. */
export function patternsClash(a: string, b: string): boolean {
  const [x, y] = [a.indexOf("*"), b.indexOf("*")];
  if (a === b || a.length !== b.length || x < 0 || y < 0) return false;
  const prefixes = [a.slice(0, x), b.slice(0, y)].sort((one, other) => one.length - other.length);
  const suffixes = [a.slice(x + 1), b.slice(y + 1)].sort((one, other) => one.length - other.length);
  return (
    (prefixes[1]?.startsWith(prefixes[0] ?? "") ?? false) &&
    (suffixes[1]?.endsWith(suffixes[0] ?? "") ?? false)
  );
}

/**
 * `claude-*=free-mode,gpt-4o=openai-gpt-4o|auto:fastest` → entries; without targets the pattern is removed from the map.
 * In the older form (`llama3.2:3b:auto`) the last colon divides, so its targets have none.
 */
export function parseModelMap(text: string): { entries: ModelMapEntry[]; unreadable: string[] } {
  const entries: ModelMapEntry[] = [];
  const unreadable: string[] = [];
  for (const part of text.split(",").map((entry) => entry.trim())) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const divider = equals < 0 ? part.lastIndexOf(":") : equals;
    const pattern = part.slice(0, Math.max(divider, 0)).trim();
    const targets = part
      .slice(divider + 1)
      .split("|")
      .map((target) => target.trim());
    const none = targets.length === 1 && targets[0] === "";
    if (!PATTERN.test(pattern) || (!none && targets.includes(""))) unreadable.push(part);
    else entries.push({ pattern, targets: none ? [] : targets });
  }
  return { entries, unreadable };
}

/**
 * The catalogue's map with an environment's entries over it, in the order in which they are tried. An entry replaces
 * every one of the catalogue that it covers: `claude-*` also those for `claude-opus-*`.
 */
export function mergeModelMap(
  base: readonly ModelMapEntry[],
  over: readonly ModelMapEntry[],
): readonly ModelMapEntry[] {
  const left = base.filter((entry) => !over.some(({ pattern }) => matchesPattern(pattern, entry.pattern)));
  const merged = new Map(over.map((entry) => [entry.pattern, entry]));
  return [...left, ...merged.values()]
    .filter(({ targets }) => targets.length > 0)
    .sort((a, b) => comparePatterns(a.pattern, b.pattern));
}
