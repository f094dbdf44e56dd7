/** A model as lines of YAML, in the order in which fragments write its fields. */
import type { Model } from "@headgate/contract";
import { Document, stringify, visit } from "yaml";

export interface Layout {
  /** Spaces before the dash. */
  readonly indent: number;
  /** Spaces after it. */
  readonly gap: number;
  /** All on one line, in braces. */
  readonly flow: boolean;
}

const FIELDS = [
  "alias",
  "upstream",
  "operation",
  "tier",
  "context_tokens",
  "max_output_tokens",
  "capabilities",
  "vector_space",
  "dimensions",
  "memory",
  "unverified",
  "notes",
] as const satisfies (keyof Model)[];

/** Long texts stay on one line, and words that YAML 1.1 takes for booleans are quoted. */
const STYLE = { lineWidth: 0, compat: "yaml-1.1" } as const;

/** What is written of a model, in its order. */
export const inOrder = (model: Model): Partial<Model> =>
  Object.fromEntries(FIELDS.flatMap((name) => (model[name] === undefined ? [] : [[name, model[name]]])));

export function entryLines(model: Model & { readonly comment?: string }, layout: Layout): string[] {
  const pad = " ".repeat(layout.indent);
  const dash = `${pad}-${" ".repeat(layout.gap)}`;
  const fields = inOrder(model);
  const text = layout.flow ? stringify(fields, { ...STYLE, collectionStyle: "flow" }) : blockText(fields);
  const comment = model.comment === undefined ? [] : [`${pad}# ${model.comment}`];
  const lines = withoutLastBreak(text).split("\n");
  return [
    ...comment,
    ...lines.map((line, index) => {
      if (index === 0) return dash + line;
      return line === "" ? "" : " ".repeat(dash.length) + line;
    }),
  ];
}

function blockText(fields: object): string {
  const document = new Document(fields, STYLE);
  visit(document, {
    Seq: (_, list) => {
      list.flow = true;
    },
    // Memory stands on one line, as in the fragments.
    Map: (_, map, path) => {
      if (path.length > 1) map.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** One value as YAML, in quotes where it needs them. */
export const scalarText = (value: string): string => withoutLastBreak(stringify(value, STYLE));

/** `trimEnd` would take spaces of Unicode too, which are content in YAML. */
const withoutLastBreak = (text: string): string => text.replace(/\n+$/, "");
