/** Adds models to a fragment's text and takes some out; every other byte stays, comments and blank lines included. */
import type { Model } from "@headgate/contract";
import { type ListNode, type Plain, plainOf, type TreeNode } from "../load/tree.ts";
import { parseYaml } from "../load/yaml-tree.ts";
import { entryLines, inOrder, type Layout } from "./entry.ts";

export interface ModelsChange {
  /** Aliases to take out. */
  readonly remove: ReadonlySet<string>;
  /** What is added after the last model. `comment` becomes a line above it. */
  readonly add: readonly (Model & { readonly comment?: string })[];
}

/**
 * A model that is taken out takes along the comments directly above it and those indented below it, and the blank
 * lines that set it apart.
 * @returns undefined where the text cannot be edited line by line (its models are no block list, or it does not parse)
 */
export function editModels(text: string, { remove, add }: ModelsChange): string | undefined {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const body = text.slice(mark.length);
  const before = readModels(body);
  if (before === undefined) return undefined;
  const added = add.length === 0 ? body : append(body, before.list, add);
  const models = readModels(added);
  if (models?.list === undefined) return undefined;
  const edited = takeOut(added, models.list, (item) => remove.has(aliasOf(item) ?? ""));
  // Editing text is trusted only as far as the parser agrees.
  return wanted(before.value, { remove, add }) === JSON.stringify(readModels(edited)?.value)
    ? mark + edited
    : undefined;
}

/** `list` is absent where the fragment names no models. */
function readModels(text: string): { readonly list?: ListNode; readonly value: Plain } | undefined {
  const { root, problems } = parseYaml(text);
  if (root?.kind !== "map" || problems.length > 0) return undefined;
  const list = root.entries.find(({ key }) => key === "models")?.node;
  if (list === undefined) return { value: plainOf(root) };
  if (list.kind !== "list" || list.items.length === 0 || text[list.start] !== "-") return undefined;
  return { list, value: plainOf(root) };
}

function wanted(value: Plain, { remove, add }: ModelsChange): string | undefined {
  const fragment = value as { models?: { alias?: Plain }[] };
  const kept = (fragment.models ?? []).filter(({ alias }) => typeof alias !== "string" || !remove.has(alias));
  const added = add.filter(({ alias }) => !remove.has(alias)).map(inOrder);
  return JSON.stringify({ ...fragment, models: [...kept, ...added] });
}

function aliasOf(item: TreeNode): string | undefined {
  if (item.kind !== "map") return undefined;
  const alias = item.entries.find(({ key }) => key === "alias")?.node;
  return alias?.kind === "scalar" && typeof alias.value === "string" ? alias.value : undefined;
}

/** The lines that belong to one model, both ends included. */
interface Region {
  /** Its first comment, or the line of its dash. */
  readonly first: number;
  readonly dash: number;
  readonly last: number;
}

const isBlank = (line: string | undefined): boolean => line !== undefined && /^[ \t\r\n]*$/.test(line);
const isComment = (line: string | undefined): boolean => /^[ \t]*#/.test(line ?? "");
const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;

/** A fragment that has no models yet gets them at its end. */
function appendList(text: string, add: ModelsChange["add"]): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const block = add.flatMap((model) => entryLines(model, { indent: 2, gap: 1, flow: false }));
  const closed = text === "" || text.endsWith("\n") ? "" : eol;
  return text + closed + ["", "models:", ...block].map((line) => line + eol).join("");
}

/** Lines with their line breaks. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function regionsOf(text: string, lines: readonly string[], list: ListNode): Region[] {
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length);
  let next = 0;
  const lineAt = (offset: number): number => {
    while ((starts[next + 1] ?? Number.POSITIVE_INFINITY) <= offset) next += 1;
    return next;
  };
  const regions: Region[] = [];
  const listLine = lineAt(list.start);
  const column = list.start - (starts[listLine] ?? 0);
  // The lines above are no part of the list: `models:` at the least.
  let above = listLine - 1;
  while (isComment(lines[above]) || isBlank(lines[above])) above -= 1;
  for (const item of list.items) {
    const start = lineAt(item.start);
    let dash = start;
    while (dash > above && !(lines[dash]?.[column] === "-" && indentOf(lines[dash] ?? "") === column))
      dash -= 1;
    let last = lineAt(
      Math.max(
        item.start,
        item.start + text.slice(item.start, item.end).replace(/[ \t\r\n]+$/, "").length - 1,
      ),
    );
    while (isComment(lines[last + 1]) && indentOf(lines[last + 1] ?? "") > column) last += 1;
    let first = dash;
    while (first - 1 > above && isComment(lines[first - 1])) first -= 1;
    regions.push({ first, dash, last });
    above = last;
  }
  return regions;
}

function takeOut(text: string, list: ListNode, isGone: (item: TreeNode) => boolean): string {
  if (!list.items.some(isGone)) return text;
  const lines = linesOf(text);
  const regions = regionsOf(text, lines, list);
  const gone = new Set<number>();
  const head = (regions[0]?.first ?? 0) - 1;
  regions.forEach((region, index) => {
    const item = list.items[index];
    if (item === undefined || !isGone(item)) return;
    for (let line = region.first; line <= region.last; line += 1) gone.add(line);
    let above = region.first - 1;
    while (gone.has(above)) above -= 1;
    let below = region.last + 1;
    while (isBlank(lines[below])) below += 1;
    if (below === lines.length) {
      // The end of the file: what set it apart from the model above is no longer wanted.
      while (above > head && isBlank(lines[above])) {
        gone.add(above);
        above -= 1;
      }
    } else if (isBlank(lines[above]) || above === head) {
      for (let line = region.last + 1; line < below; line += 1) gone.add(line);
    }
  });
  return lines.filter((_, line) => !gone.has(line)).join("");
}

function append(text: string, list: ListNode | undefined, add: ModelsChange["add"]): string {
  const lines = linesOf(text);
  if (list === undefined) return appendList(text, add);
  const regions = regionsOf(text, lines, list);
  const end = regions.at(-1)?.last ?? lines.length - 1;
  const item = list.items.at(-1);
  const spaced = regions.length < 2 || regions.slice(1).some(({ first }) => isBlank(lines[first - 1]));
  const dashLine = lines[regions.at(-1)?.dash ?? 0] ?? "";
  const layout: Layout = {
    indent: indentOf(dashLine),
    gap: /^ *-( +)\S/.exec(dashLine)?.[1]?.length ?? 1,
    flow: item !== undefined && text[item.start] === "{",
  };
  const eol = (lines[end] ?? "").endsWith("\r\n") || text.includes("\r\n") ? "\r\n" : "\n";
  const block = add.flatMap((model) => [...(spaced ? [""] : []), ...entryLines(model, layout)]);
  const closed = (lines[end] ?? "").endsWith("\n");
  const inserted = closed
    ? block.map((line) => line + eol).join("")
    : block.map((line) => eol + line).join("");
  return lines.slice(0, end + 1).join("") + inserted + lines.slice(end + 1).join("");
}
