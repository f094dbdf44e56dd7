/** Adds an alias with an empty chain to fallbacks.json; every other byte stays. */
import { parseJson } from "../load/json-tree.ts";
import type { MapNode } from "../load/tree.ts";

/**
 * @returns the new text; the same text when the alias has a chain already; `undefined` when the text is not what
 * fallbacks.json should be
 */
export function insertChain(text: string, alias: string): string | undefined {
  const chains = chainsIn(text);
  if (chains === undefined) return undefined;
  if (chains.entries.some(({ key }) => key === alias)) return text;
  const end = chains.end - 1;
  const lastEnd = chains.entries.at(-1)?.node.end ?? chains.start + 1;
  const [model] = chains.entries;
  const indent = (model && /\n([ \t]*)$/.exec(text.slice(0, model.keyStart))?.[1]) ?? "    ";
  const comma = model === undefined ? "" : ",";
  const closing = /\n[ \t]*$/.exec(text.slice(lastEnd, end))?.[0] ?? "\n  ";
  const edited = `${text.slice(0, lastEnd)}${comma}\n${indent}${JSON.stringify(alias)}: []${closing}${text.slice(end)}`;
  // Editing text is trusted only as far as the parser agrees.
  return chainsIn(edited)?.entries.some(({ key }) => key === alias) === true ? edited : undefined;
}

function chainsIn(text: string): MapNode | undefined {
  const { root, problems } = parseJson(text);
  if (root?.kind !== "map" || problems.length > 0) return undefined;
  const chains = root.entries.find(({ key }) => key === "chains")?.node;
  return chains?.kind === "map" ? chains : undefined;
}
