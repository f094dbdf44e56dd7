import type { Limit } from "@headgate/contract";
import type { LinkedFragment, Workspace } from "../link/workspace.ts";
import type { Path } from "../load/tree.ts";
import { quote } from "../quote.ts";
import type { Report } from "../report.ts";
import { suggester } from "../suggest.ts";
import type { Lint } from "./lint.ts";

/** A quota that names models counts for those of its provider that match. */
export const limitModels: Lint = ({ fragments }: Workspace, report) => {
  for (const fragment of fragments) {
    // What the schema refuses may be the very model that is meant.
    if (fragment.refused.has("models")) continue;
    const upstreams = new Upstreams(fragment.models.map(({ model }) => model.upstream));
    checkList(fragment, fragment.fields.limits ?? [], ["limits"], upstreams, report);
    for (const { model, path } of fragment.models)
      checkList(fragment, model.limits ?? [], [...path, "limits"], upstreams, report);
  }
};

function checkList(
  { id, source }: LinkedFragment,
  list: readonly Limit[],
  path: Path,
  upstreams: Upstreams,
  report: Report,
): void {
  list.forEach(({ models }, index) => {
    models?.forEach((pattern, at) => {
      if (upstreams.match(pattern)) return;
      const meant = upstreams.suggest(pattern);
      report.add("HG318", source, {
        message: `No model of \`${id}\` has the upstream id ${quote(pattern)}.`,
        ...(meant === undefined ? {} : { fix: `Did you mean ${quote(meant)}?` }),
        at: { path: [...path, index, "models", at] },
      });
    });
  });
}

/** The upstream ids of one provider, ready to be matched with patterns: `*` at the end or at the start matches any text. */
class Upstreams {
  readonly suggest: (name: string) => string | undefined;
  readonly #ids: ReadonlySet<string>;
  readonly #forwards: readonly string[];
  readonly #backwards: readonly string[];

  constructor(ids: Iterable<string>) {
    this.#ids = new Set(ids);
    this.#forwards = [...this.#ids].sort();
    this.#backwards = this.#forwards.map(reversed).sort();
    this.suggest = suggester(this.#ids);
  }

  match(pattern: string): boolean {
    if (this.#ids.has(pattern)) return true;
    if (pattern.endsWith("*")) return someStartsWith(this.#forwards, pattern.slice(0, -1));
    return pattern.startsWith("*") && someStartsWith(this.#backwards, reversed(pattern.slice(1)));
  }
}

const reversed = (text: string): string => [...text].reverse().join("");

/** Halves its way to the first of the sorted texts that could begin so. */
function someStartsWith(sorted: readonly string[], start: string): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? "") < start) low = middle + 1;
    else high = middle;
  }
  return sorted[low]?.startsWith(start) ?? false;
}
