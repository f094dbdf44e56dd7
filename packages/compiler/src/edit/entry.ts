/** A model as lines of YAML, in the order in which fragments write its fields. */
import type { Model } from "@headgate/contract";

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
  "unverified",
  "notes",
] as const satisfies (keyof Model)[];

export function entryLines(model: Model & { readonly comment?: string }, layout: Layout): string[] {
  const pad = " ".repeat(layout.indent);
  const dash = `${pad}-${" ".repeat(layout.gap)}`;
  const fields = FIELDS.flatMap((name) => {
    const value = model[name];
    return value === undefined ? [] : [`${name}: ${written(value)}`];
  });
  const comment = model.comment === undefined ? [] : [`${pad}# ${model.comment}`];
  if (layout.flow) return [...comment, `${dash}{ ${fields.join(", ")} }`];
  return [
    ...comment,
    ...fields.map((field, index) => (index === 0 ? dash : " ".repeat(dash.length)) + field),
  ];
}

const written = (value: string | number | readonly string[]): string => {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? scalar(value) : `[${value.map(scalar).join(", ")}]`;
};

/** Words that other readers of YAML take for something else than text. */
const WORDS = /^(true|false|yes|no|on|off|null|y|n)$/i;

/** JSON's strings are YAML's too, and need no further care. */
const scalar = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9._/-]*(:[A-Za-z0-9._-]+)*$/.test(text) && !WORDS.test(text)
    ? text
    : JSON.stringify(text);
