/** Moves models from a fragment into its file of retired ones. */
import type { Retirement } from "@headgate/contract";
import { isMap, isSeq, parseDocument, visit } from "yaml";
import { editModels } from "./models.ts";

const SCHEMA = "# yaml-language-server: $schema=../../schemas/retired.schema.json\n";

/**
 * @param retired the text of `retired.yaml`; undefined: there is none
 * @returns both texts; undefined where one of them cannot be edited in place
 */
export function retireModels(
  fragment: string,
  retired: string | undefined,
  ends: ReadonlyMap<string, Retirement>,
): { readonly fragment: string; readonly retired: string } | undefined {
  const written: unknown = parseDocument(fragment).toJS();
  const models = (written as { models?: unknown } | null)?.models;
  if (!Array.isArray(models)) return undefined;
  const document = parseDocument(retired ?? `${SCHEMA}models: []\n`);
  const list: unknown = document.get("models");
  if (document.errors.length > 0 || !isMap(document.contents) || !isSeq(list)) return undefined;
  list.flow = false;
  for (const model of models as { alias?: unknown }[]) {
    const end = typeof model.alias === "string" ? ends.get(model.alias) : undefined;
    if (end === undefined) continue;
    const node = document.createNode({ ...model, retired: end });
    // As fragments write them: what belongs to a model in blocks, what belongs to that on one line.
    visit(node, {
      Collection: (_, inner) => {
        if (inner !== node) inner.flow = true;
      },
    });
    list.add(node);
  }
  const kept = editModels(fragment, { remove: new Set(ends.keys()), add: [] });
  return kept === undefined ? undefined : { fragment: kept, retired: document.toString({ lineWidth: 0 }) };
}
