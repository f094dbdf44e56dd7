/** The one sentence of README.md that the catalogue adds up to; every other byte is a person's. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Catalog, dailyOf } from "@headgate/contract";

const SENTENCE = /together, under one key each, are [0-9,]+ tokens and [0-9,]+ requests a day\./;

/** @returns undefined where there is no README with that sentence */
export function readmeWithSums(root: string, catalog: Catalog): string | undefined {
  const path = join(root, "README.md");
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (!SENTENCE.test(text)) return undefined;
  const { tokens, requests } = dailyOf(catalog);
  const figure = (amount: number): string => Math.floor(amount).toLocaleString("en");
  return text.replace(
    SENTENCE,
    `together, under one key each, are ${figure(tokens)} tokens and ${figure(requests)} requests a day.`,
  );
}
