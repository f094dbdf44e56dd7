/** Models and their bases: what is said once, what is said twice, and what is said nowhere. */
import { isDeepStrictEqual } from "node:util";
import type { FragmentModel } from "@headgate/contract";
import { INHERITED } from "../link/based.ts";
import type { LinkedBase, LinkedModel } from "../link/workspace.ts";
import { listOf, quote } from "../quote.ts";
import { didYouMean } from "../suggest.ts";
import type { Lint } from "./lint.ts";

export const unknownBase: Lint = ({ fragments, bases }, report) => {
  const names = bases.map(({ id }) => id);
  for (const { source, baseless } of fragments) {
    for (const { path, base } of baseless) {
      report.add("HG321", source, {
        message: `There is no models/${base}.yaml.`,
        fix: didYouMean(base, names, "Write that file, or state the model's properties here without `base`."),
        at: { path },
      });
    }
  }
};

/** What differs from the base has a reason, or is marked as unverified. */
export const baseDeparture: Lint = ({ fragments }, report) => {
  for (const { source, models } of fragments) {
    for (const { written, base, path } of models) {
      if (base === undefined) continue;
      const differing = statedBeside(written, base).filter(({ same }) => !same);
      const open = differing.filter(
        ({ name }) => !(written.unverified as readonly string[] | undefined)?.includes(name),
      );
      // A user's own overlay needs no reason.
      const own = open.filter(
        ({ name }) => !isOverlaid(source.trace({ path: [...path, name] }).source.path, source),
      );
      const [first] = own;
      if (first === undefined || written.departs !== undefined) continue;
      report.add("HG322", source, {
        message: `${listOf(
          own.map(({ name }) => quote(name)),
          "and",
        )} of \`${written.alias}\` ${own.length === 1 ? "differs" : "differ"} from ${quote(base.source.path)}, without a reason.`,
        fix: "Add `departs:` with the reason, or list what is not verified under `unverified`.",
        at: { path: [...path, first.name], what: "key" },
        related: [{ message: "The base states this.", source: base.source, at: { path: [first.name] } }],
      });
    }
  }
};

/** A fact that stands in the base as well would have to be corrected twice. */
export const baseRepeated: Lint = ({ fragments }, report) => {
  for (const { source, models } of fragments) {
    for (const { written, base, path } of models) {
      if (base === undefined) continue;
      for (const { name, same } of statedBeside(written, base)) {
        const verifiedAlike = includes(written.unverified, name) === includes(base.value.unverified, name);
        if (!same || !verifiedAlike) continue;
        report.add("HG323", source, {
          message: `${quote(base.source.path)} states the same ${quote(name)}.`,
          at: { path: [...path, name], what: "key" },
          related: [{ message: "It stands here.", source: base.source, at: { path: [name] } }],
        });
      }
    }
  }
};

export const unusedBase: Lint = ({ fragments, bases, blind }, report) => {
  // A model that is refused, or whose base is misspelt, may be the one that refers to it.
  if (blind || fragments.some(({ refused, baseless }) => refused.has("models") || baseless.length > 0))
    return;
  const used = new Set(fragments.flatMap(({ models }) => models.map(({ base }) => base?.id)));
  for (const { id, source } of bases) {
    if (used.has(id)) continue;
    report.add("HG324", source, { message: `No model has \`base: ${id}\`.`, at: { start: 0, end: 1 } });
  }
};

/** A model that is known by one of a base's names, and does not refer to it. */
export const baseByName: Lint = ({ fragments, bases }, report) => {
  const byName = new Map(
    bases.flatMap((base) => [base.id, ...(base.value.names ?? [])].map((name) => [name, base] as const)),
  );
  for (const { source, models } of fragments) {
    for (const linked of models) {
      const known = linked.base === undefined ? byName.get(linked.model.upstream) : undefined;
      if (known === undefined || known.value.operation !== linked.model.operation) continue;
      report.add("HG325", source, {
        message: `${quote(linked.model.upstream)} is a name of ${quote(known.source.path)}.`,
        fix: `Write \`base: ${known.id}\`, and only what differs at this provider.`,
        at: { path: [...linked.path, "upstream"] },
      });
    }
  }
};

/** What each provider states for itself, by nature. */
const OWN: ReadonlySet<string> = new Set(["price", "released", "retires", "deprecated", "retired", "notes"]);

const includes = (list: readonly string[] | undefined, name: string): boolean =>
  list?.includes(name) ?? false;

/** Properties that both state, with whether they agree. */
function statedBeside(
  written: FragmentModel,
  { value }: LinkedBase,
): { readonly name: (typeof INHERITED)[number]; readonly same: boolean }[] {
  const stated: { readonly [name: string]: unknown } = { ...written };
  return INHERITED.flatMap((name) =>
    OWN.has(name) || stated[name] === undefined || value[name] === undefined
      ? []
      : [{ name, same: isDeepStrictEqual(sorted(stated[name]), sorted(value[name])) }],
  );
}

/** The order of a list of capabilities means nothing. */
const sorted = (value: unknown): unknown => (Array.isArray(value) ? value.toSorted() : value);

const isOverlaid = (path: string, { path: own }: LinkedModel["fragment"]["source"]): boolean => path !== own;
