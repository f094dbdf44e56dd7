/** Changes of the user's own files: one entry of a JSON file of chains, one model of a fragment. Every other byte stays. */
import type { Model, Retirement } from "@headgate/contract";
import { type Document, isMap, isSeq, parseDocument, visit } from "yaml";
import { parseJson } from "../load/json-tree.ts";
import type { MapNode, TreeNode } from "../load/tree.ts";
import type { FieldChanges } from "./change.ts";
import { Cuts } from "./cuts.ts";

const EMPTY_FILE = "{}\n";

/**
 * @param path the keys that lead to the value, such as `["chains", "groq-llama-3.3-70b"]`
 * @param value undefined removes it
 * @returns the new text; undefined where the text is no JSON object along the path
 */
export function setJson(
  text: string | undefined,
  path: readonly string[],
  value: unknown,
): string | undefined {
  const body = text === undefined || text.trim() === "" ? EMPTY_FILE : text;
  const { root, problems } = parseJson(body);
  if (root?.kind !== "map" || problems.length > 0) return undefined;
  return setIn(body, root, path, value, "  ");
}

function setIn(
  text: string,
  map: MapNode,
  [key = "", ...below]: readonly string[],
  value: unknown,
  indent: string,
): string | undefined {
  const at = map.entries.findIndex((entry) => entry.key === key);
  const node: TreeNode | undefined = map.entries[at]?.node;
  if (node !== undefined && below.length > 0)
    return node.kind === "map" ? setIn(text, node, below, value, `${indent}  `) : undefined;
  if (value === undefined) {
    if (node === undefined) return text;
    const cuts = new Cuts();
    cuts.take(map, new Set([at]));
    return cuts.apply(text);
  }
  const whole = below.reduceRight((inner: unknown, name) => ({ [name]: inner }), value);
  const written = JSON.stringify(whole, null, 2).replaceAll("\n", `\n${indent}`);
  if (node !== undefined) return text.slice(0, node.start) + written + text.slice(node.end);
  const last = map.entries.at(-1);
  const end = map.end - 1;
  const before = last === undefined ? map.start + 1 : last.node.end;
  const closing = /\n[ \t]*$/.exec(text.slice(before, end))?.[0] ?? `\n${indent.slice(2)}`;
  return `${text.slice(0, before)}${last === undefined ? "" : ","}\n${indent}${JSON.stringify(key)}: ${written}${closing}${text.slice(end)}`;
}

/**
 * Switches a model of the catalogue off in the user's fragment of its provider, or on again.
 * @returns the new text, empty where nothing is left; undefined where the text does not parse, or lists its models
 */
export function setModelOff(text: string | undefined, alias: string, off: boolean): string | undefined {
  const document = parseDocument(text ?? "");
  if (document.errors.length > 0) return undefined;
  const { contents } = document;
  if (contents === null) return off ? `models:\n  ${alias}: null\n` : "";
  const models: unknown = document.get("models");
  if (!isMap(contents) || (models != null && !isMap(models))) return undefined;
  if (off) document.setIn(["models", alias], null);
  else if (isMap(models)) {
    models.delete(alias);
    if (models.items.length === 0) document.delete("models");
    if (contents.items.length === 0) return "";
  }
  return document.toString({ lineWidth: 0 });
}

export interface OverlayModels {
  /** Alias → its end. */
  readonly retire: ReadonlyMap<string, Retirement>;
  readonly add: readonly (Model & { readonly comment?: string })[];
  /** Alias → fields; undefined takes one of the catalogue's out. */
  readonly change?: ReadonlyMap<string, FieldChanges>;
  /** Fields of requests that the provider refuses, added to those that the catalogue leaves out. */
  readonly refused?: readonly string[];
}

/**
 * Retires models in the user's fragment of a provider, and adds others; a model that the fragment adds itself is marked there.
 * @returns the new text; undefined where the text does not parse, or lists its models
 */
export function changeOverlayModels(
  text: string | undefined,
  { retire, add, change = new Map(), refused = [] }: OverlayModels,
): string | undefined {
  const document = parseDocument(text ?? "");
  const models: unknown = document.get("models");
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    return undefined;
  if (models != null && !isMap(models)) return undefined;
  for (const [alias, retirement] of retire) {
    const own = ownIndex(document, alias);
    const path = own === undefined ? ["models", alias] : ["models", "append", own];
    document.setIn([...path, "retired"], document.createNode(retirement, { flow: true }));
  }
  if (refused.length > 0) {
    const held: unknown = document.getIn(["dialect", "drop", "append"]);
    const known = isSeq(held) ? (held.toJSON() as string[]) : [];
    const all = [...new Set([...known, ...refused])];
    document.setIn(["dialect", "drop"], document.createNode({ append: all }, { flow: true }));
  }
  for (const [alias, fields] of change) {
    const own = ownIndex(document, alias);
    const path = own === undefined ? ["models", alias] : ["models", "append", own];
    for (const [name, value] of Object.entries(fields)) {
      const node = value === undefined ? null : value;
      if (own === undefined || node !== null)
        document.setIn([...path, name], document.createNode(node, { flow: true }));
      else document.deleteIn([...path, name]);
    }
  }
  for (const { comment, ...model } of add) {
    const node = document.createNode(model);
    visit(node, {
      Collection: (_, inner) => {
        if (inner !== node) inner.flow = true;
      },
    });
    if (comment !== undefined) node.commentBefore = ` ${comment}`;
    if (document.getIn(["models", "append"]) === undefined)
      document.setIn(["models", "append"], document.createNode([]));
    document.addIn(["models", "append"], node);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** The place of a model among those that the fragment adds. */
function ownIndex(document: Document, alias: string): number | undefined {
  const list: unknown = document.getIn(["models", "append"]);
  if (!isSeq(list)) return undefined;
  const at = list.items.findIndex((item) => isMap(item) && item.get("alias") === alias);
  return at === -1 ? undefined : at;
}
