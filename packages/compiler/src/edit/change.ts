/** Sets fields of models in a fragment's text; every other byte stays. */
import { stringify } from "yaml";
import { type MapNode, type Plain, plainOf } from "../load/tree.ts";
import { parseYaml } from "../load/yaml-tree.ts";

/** Fields by the fragment's names; undefined takes one out. */
export type FieldChanges = Readonly<Record<string, Plain | undefined>>;

type Fields = Record<string, Plain>;

/**
 * A model whose window changes departs from its base, so that it gets `why` as its reason where it has none.
 * @param refused fields of requests that the provider's dialect leaves out from now on
 * @returns undefined where the text cannot be edited in place
 */
export function changeModels(
  text: string,
  changes: ReadonlyMap<string, FieldChanges>,
  why: string,
  refused: readonly string[] = [],
): string | undefined {
  const { root, problems } = parseYaml(text);
  if (root?.kind !== "map" || problems.length > 0) return undefined;
  const list = root.entries.find(({ key }) => key === "models")?.node;
  if (list?.kind !== "list") return undefined;
  const before = plainOf(root) as { models: Fields[]; dialect?: Plain };
  const edits: Edit[] = [];
  const models = before.models.map((model, at): Fields => {
    const change = changes.get(String(model.alias));
    const node = list.items[at];
    if (change === undefined || node?.kind !== "map") return model;
    const whole = withReason(model, change, why);
    for (const [key, value] of Object.entries(whole)) edits.push(editOf(text, node, key, value));
    return laid(model, whole);
  });
  const dialect = dialectWith(before.dialect, refused);
  if (dialect !== undefined) edits.push(editOf(text, root, "dialect", dialect));
  const after = applied(text, edits);
  const reread = parseYaml(after);
  // Editing text is trusted only as far as the parser agrees.
  return reread.root !== undefined &&
    sorted(plainOf(reread.root)) === sorted({ ...before, ...(dialect && { dialect }), models })
    ? after
    : undefined;
}

function dialectWith(dialect: Plain | undefined, refused: readonly string[]): Fields | undefined {
  if (refused.length === 0) return undefined;
  const held = typeof dialect === "object" && dialect !== null && !Array.isArray(dialect) ? dialect : {};
  const drop = Array.isArray(held.drop) ? held.drop : [];
  return { ...held, drop: [...new Set([...drop, ...refused])] };
}

const WINDOWS = ["context_tokens", "max_output_tokens"] as const;

function withReason(model: Fields, change: FieldChanges, why: string): FieldChanges {
  const stated = WINDOWS.filter((name) => change[name] !== undefined);
  if (stated.length === 0) return change;
  const unverified = Array.isArray(model.unverified) ? model.unverified : [];
  const left = unverified.filter((name) => !stated.some((one) => one === name));
  return {
    ...change,
    ...(left.length === unverified.length ? {} : { unverified: left.length === 0 ? undefined : left }),
    ...(model.base === undefined || model.departs !== undefined ? {} : { departs: why }),
  };
}

function laid(model: Fields, change: FieldChanges): Fields {
  const result = { ...model };
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) delete result[key];
    else result[key] = value;
  }
  return result;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

const STYLE = { lineWidth: 0, collectionStyle: "flow" } as const;

function editOf(text: string, node: MapNode, key: string, value: Plain | undefined): Edit {
  const at = node.entries.findIndex((entry) => entry.key === key);
  const entry = node.entries[at];
  const flow = text[node.start] === "{";
  const put = value === undefined ? "" : `${key}: ${stringify(value, STYLE).trimEnd()}`;
  if (entry !== undefined) {
    const end = entry.keyStart + text.slice(entry.keyStart, entry.node.end).trimEnd().length;
    if (value !== undefined) return { start: entry.keyStart, end, put };
    const next = node.entries[at + 1]?.keyStart;
    if (next !== undefined) return { start: entry.keyStart, end: next, put };
    const previous = node.entries[at - 1]?.node.end ?? entry.keyStart;
    return { start: previous, end, put };
  }
  const anchor =
    node.entries.findLast(({ key: name }) =>
      ["alias", "base", "upstream", "operation", "base_url", "auth"].includes(name),
    ) ?? node.entries.at(-1);
  const end = anchor?.node.end ?? node.start;
  if (put === "") return { start: end, end, put };
  const first = node.entries[0]?.keyStart ?? node.start;
  const indent = " ".repeat(first - (text.lastIndexOf("\n", first - 1) + 1));
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  // A comment behind the line above stays with that line.
  const lineEnd = flow ? end : end + (/^[ \t]*#[^\r\n]*/.exec(text.slice(end))?.[0].length ?? 0);
  return { start: lineEnd, end: lineEnd, put: flow ? `, ${put}` : `${eol}${indent}${put}` };
}

function applied(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, put } of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + put;
    at = end;
  }
  return result + text.slice(at);
}

/** The order of fields means nothing. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
