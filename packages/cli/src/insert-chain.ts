/** Adds an alias with an empty chain to fallbacks.json; every other byte stays. */

/** JSON texts nested in one another are skipped whole, so that a brace inside a string counts for nothing. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;

/**
 * @returns the new text; the same text when the alias has a chain already; `undefined` when the text is not what
 * fallbacks.json should be
 */
export function insertChain(text: string, alias: string): string | undefined {
  const chains = readChains(text);
  if (chains === undefined) return undefined;
  if (Object.hasOwn(chains, alias)) return text;
  const end = endOfChains(text);
  if (end === undefined) return undefined;
  const before = text.slice(0, end).trimEnd();
  const indent = /\n([ \t]*)"[^"]*"[ \t]*:[ \t]*\[/.exec(text)?.[1] ?? "    ";
  const comma = before.endsWith("{") ? "" : ",";
  const closing = /\n[ \t]*$/.exec(text.slice(0, end))?.[0] ?? "\n  ";
  const edited = `${before}${comma}\n${indent}${JSON.stringify(alias)}: []${closing}${text.slice(end)}`;
  // Editing text is trusted only as far as the parser agrees.
  return Object.hasOwn(readChains(edited) ?? {}, alias) ? edited : undefined;
}

function readChains(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const chains = (value as { chains?: unknown } | null)?.chains;
    return typeof chains === "object" && chains !== null && !Array.isArray(chains) ? chains : undefined;
  } catch {
    return undefined;
  }
}

/** The offset of the closing brace of the top-level member `chains`. */
function endOfChains(text: string): number | undefined {
  let depth = 0;
  let inside = false;
  let key = "";
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token.startsWith('"')) {
      if (depth === 1) key = token;
    } else if (token === "{" || token === "[") {
      depth += 1;
      if (depth === 2) inside = JSON.parse(key) === "chains";
    } else {
      if (depth === 2 && inside) return index;
      depth -= 1;
    }
  }
  return undefined;
}
