/** The user's own files over the catalogue's: each that has a counterpart is merged into it, and the others are added. */
import type { Report } from "../report.ts";
import { didYouMean } from "../suggest.ts";
import type { LoadedFile, LoadedFragment } from "./loaded.ts";
import { isMap, merge, type PlainMap } from "./merge.ts";
import { LayeredSource, type Source } from "./source.ts";
import type { Path, Plain } from "./tree.ts";

/** Models are named by their alias: `models: { groq-llama: { context_tokens: 8192 } }`. */
const byAlias = (path: Path): string | undefined =>
  path.length === 1 && path[0] === "models" ? "alias" : undefined;

/** @returns the file as it is where there is nothing to lay over it, or where either cannot be read */
export function overlaid(
  under: LoadedFile | undefined,
  over: LoadedFile | undefined,
  report: Report,
  nameOf?: (path: Path) => string | undefined,
): LoadedFile | undefined {
  if (over?.value === undefined) return under;
  if (under === undefined) return over;
  return isMap(under.value) && isMap(over.value)
    ? laid({ ...under, value: under.value }, { ...over, value: over.value }, report, nameOf).file
    : under;
}

/** Fragments with what the overlay changes, and the overlay's own; sorted by id. */
export function overlaidFragments(
  under: readonly LoadedFragment[],
  over: readonly LoadedFragment[],
  report: Report,
): LoadedFragment[] {
  const fragments = new Map(under.map((fragment) => [fragment.id, fragment]));
  for (const { id, ...file } of over) {
    const target = fragments.get(id);
    const { source, value } = file;
    if (target === undefined) {
      if (value === undefined || isOwn(value)) fragments.set(id, { id, ...file });
      else reportStray("provider", id, source, value, [...fragments.keys()], report);
    } else if (isMap(target.value) && isMap(value)) {
      const merged = laid({ ...target, value: target.value }, { source, value }, report, byAlias);
      const off = merged.removed.map(({ name }) => name);
      fragments.set(id, {
        ...target,
        ...merged.file,
        ...(off.length === 0 ? {} : { off: { by: source, aliases: new Set(off) } }),
      });
    }
  }
  return [...fragments.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Files of models/ and of retired models with what the overlay changes, and the overlay's own; sorted by id. */
export function overlaidModels(
  under: readonly LoadedFragment[],
  over: readonly LoadedFragment[],
  report: Report,
): LoadedFragment[] {
  const files = new Map(under.map((file) => [file.id, file]));
  for (const { id, ...file } of over) {
    const target = files.get(id);
    if (target === undefined && isMap(file.value) && !("operation" in file.value || "models" in file.value))
      reportStray("model", id, file.source, file.value, [...files.keys()], report);
    else files.set(id, { id, ...(overlaid(target, file, report, byAlias) ?? file) });
  }
  return [...files.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What every fragment says and no change needs to. */
const OWN_KEYS = ["name", "summary", "tier"];

const isOwn = (value: Plain): boolean => isMap(value) && OWN_KEYS.some((key) => key in value);

function reportStray(
  kind: "provider" | "model",
  id: string,
  source: Source,
  value: Plain,
  known: readonly string[],
  report: Report,
): void {
  const [first] = isMap(value) ? Object.keys(value) : [];
  report.add("HG601", source, {
    message: `The catalogue has no ${kind} \`${id}\` to change.`,
    fix: didYouMean(
      id,
      known,
      kind === "model"
        ? "Rename the file; a model of your own needs `operation`."
        : `Rename the folder; a provider of your own needs ${OWN_KEYS.map((key) => `\`${key}\``).join(", ")} and \`models\`.`,
    ),
    ...(first === undefined ? {} : { at: { path: [first], what: "key" as const } }),
  });
}

interface Sound extends LoadedFile {
  readonly value: PlainMap;
}

function laid(under: Sound, over: Sound, report: Report, nameOf?: (path: Path) => string | undefined) {
  const merged = merge(under.value, over.value, nameOf);
  for (const { code, path, message, fix } of merged.problems)
    report.add(code, over.source, { message, fix, at: { path, what: "key" } });
  const origins = merged.laid.map((change) => ({ ...change, source: over.source }));
  const file: LoadedFile = {
    source: new LayeredSource(under.source, origins, over.source),
    value: merged.value,
  };
  return { file, removed: merged.removed };
}
