import { distance } from "fastest-levenshtein";

/**
 * The known name nearest to a mistyped one, or `undefined` when none is near: about a third of the letters may
 * differ, and never more than three; two letters swapped count as two. Case does not count.
 */
export function closest(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let limit = Math.min(3, Math.ceil(wanted.length / 3));
  let best: string | undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - wanted.length) > limit) continue;
    const gap = distance(wanted, candidate.toLowerCase());
    if (gap > limit || (gap === limit && best !== undefined)) continue;
    best = candidate;
    limit = gap;
    if (gap === 0) break;
  }
  return best;
}

/** Parts of a name: `groq-llama-3.3-70b` has four, and so has `groq/llama-3.3-70b`. */
const partsOf = (name: string): string[] =>
  name
    .toLowerCase()
    .split(/[-_/:. ]+/)
    .filter((part) => part !== "");

/**
 * Known names of which a mistyped one is a part: each of its parts is near one of theirs, in order, the first beside the
 * first. The shortest names come first.
 */
export function lookalikes(name: string, known: Iterable<string>, most = 3): string[] {
  const wanted = partsOf(name);
  if (wanted.length === 0) return [];
  const found: string[] = [];
  for (const candidate of known) if (isPartOf(wanted, partsOf(candidate))) found.push(candidate);
  return found.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, most);
}

function isPartOf(wanted: readonly string[], parts: readonly string[]): boolean {
  let at = 0;
  for (const [index, part] of wanted.entries()) {
    const near = (known: string): boolean =>
      part.length < 3 ? known === part : distance(part, known) <= (part.length < 8 ? 1 : 2);
    while (at < parts.length && !near(parts[at] ?? "")) at += 1;
    if (at === parts.length || (index === 0 && at !== 0)) return false;
    at += 1;
  }
  return true;
}
