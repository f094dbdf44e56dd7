/** A source that is no page is one that anyone can open: a package with its version, or a repository with its commit. */
import type { BaseModel } from "@headgate/contract";
import type { Source } from "../load/source.ts";
import { quote } from "../quote.ts";
import type { Lint } from "./lint.ts";

const PLACE =
  /^(?:npm:(?:@[a-z0-9._-]+\/)?[a-z0-9._-]+@[0-9][^\s]*|[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+@[0-9a-f]{7,40}(?::\S+)?|this repository)$/;
const CATALOGUE = /^(?:providers|models)\//;
const UNVERIFIED = "unverified: ";

export const sourcePlace: Lint = ({ fragments, bases }, report) => {
  const judge = (source: Source, sources: BaseModel["sources"] = []): void => {
    for (const [index, { what, from }] of sources.entries()) {
      if (from === undefined || PLACE.test(from) || what.startsWith(UNVERIFIED)) continue;
      const path = ["sources", index, "from"];
      // What a user's own overlay says needs no source for others.
      if (!CATALOGUE.test(source.trace({ path }).source.path)) continue;
      report.add("HG346", source, {
        message: `${quote(from)} is no place where ${quote(what)} can be looked up.`,
        at: { path },
      });
    }
  };
  for (const { source, value } of bases) judge(source, value.sources);
  for (const { source, fields } of fragments) judge(source, fields.sources);
};
