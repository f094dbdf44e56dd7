/** Parses what was found. Every problem is reported, those of the finding included; nothing is thrown. */
import { present } from "@headgate/contract";
import type { Report } from "../report.ts";
import type { Found, FoundFragment, FoundLayer } from "./find.ts";
import type { LoadedFile, LoadedFragment } from "./loaded.ts";
import { overlaid, overlaidFragments, overlaidModels } from "./overlay.ts";
import type { FoundFile } from "./read.ts";
import { Source } from "./source.ts";
import type { Parsed, Plain } from "./tree.ts";

export interface Loaded {
  /** Sorted by id. */
  readonly fragments: readonly LoadedFragment[];
  /** `models/<id>.yaml`, sorted by id. */
  readonly bases: readonly LoadedFragment[];
  /** By the provider's id. */
  readonly retired: readonly LoadedFragment[];
  /** Those of the catalogue, by the provider's id: what an overlay says needs no proof. */
  readonly exchanges: readonly LoadedFragment[];
  readonly chains?: LoadedFile;
  readonly groups?: LoadedFile;
  readonly modelMap?: LoadedFile;
  readonly policies?: LoadedFile;
  readonly dialects?: LoadedFile;
  /** Of the overlay alone. */
  readonly clients?: LoadedFile;
  readonly localModels?: LoadedFile;
  /** True when nothing is known of a fragment, so that any unknown name may be one of its aliases. */
  readonly blind: boolean;
  readonly sources: readonly Source[];
}

/** Values by path of fragments that parse, satisfy the schema and hold no secret. */
export type SoundValues = ReadonlyMap<string, Plain>;

export function parseFiles(found: Found, report: Report, sound: SoundValues = new Map()): Loaded {
  for (const { code, path, words } of found.findings) report.add(code, path, words);
  const sources: Source[] = [];
  const load = (file: FoundFile): LoadedFile => {
    const source = new Source(file.path, file.text, sound.has(file.path));
    sources.push(source);
    const value = sound.get(file.path);
    return value === undefined ? parse(source, report) : { source, value };
  };
  const catalogue = loadLayer(found, load);
  const overlay = found.overlay === undefined ? undefined : loadLayer(found.overlay, load);
  const shared = (name: SharedFile): LoadedFile | undefined =>
    overlaid(catalogue[name], overlay?.[name], report);
  const fragments = overlaidFragments(catalogue.fragments, overlay?.fragments ?? [], report);
  return {
    fragments,
    bases: overlaidModels(catalogue.bases, overlay?.bases ?? [], report),
    exchanges: catalogue.exchanges,
    retired: overlaidModels(catalogue.retired, overlay?.retired ?? [], report),
    ...present({
      chains: shared("chains"),
      groups: shared("groups"),
      modelMap: shared("modelMap"),
      policies: shared("policies"),
      dialects: shared("dialects"),
      clients: overlay?.clients,
      localModels: overlay?.localModels,
    }),
    blind: found.blind || hides(catalogue) || (overlay !== undefined && hides(overlay)),
    sources,
  };
}

type SharedFile = "chains" | "groups" | "modelMap" | "policies" | "dialects";
type OwnFile = "clients" | "localModels";

interface Layer extends Partial<Record<SharedFile | OwnFile, LoadedFile>> {
  readonly fragments: readonly LoadedFragment[];
  readonly bases: readonly LoadedFragment[];
  readonly retired: readonly LoadedFragment[];
  readonly exchanges: readonly LoadedFragment[];
}

function loadLayer(found: FoundLayer, load: (file: FoundFile) => LoadedFile): Layer {
  const maybe = (file: FoundFile | undefined): LoadedFile | undefined =>
    file === undefined ? undefined : load(file);
  const all = (files: readonly FoundFragment[]): LoadedFragment[] =>
    files.map(({ id, file }): LoadedFragment => ({ id, ...load(file) }));
  return {
    fragments: all(found.fragments),
    bases: all(found.bases),
    retired: all(found.retired),
    exchanges: all(found.exchanges),
    ...present({
      chains: maybe(found.chains),
      groups: maybe(found.groups),
      modelMap: maybe(found.modelMap),
      policies: maybe(found.policies),
      dialects: maybe(found.dialects),
      clients: maybe(found.clients),
      localModels: maybe(found.localModels),
    }),
  };
}

/** Of a file that does not parse the aliases are still made out; of one without any nothing is known. */
const hides = ({ fragments }: Layer): boolean =>
  fragments.some(({ source, value }) => value === undefined && !source.text.includes("alias"));

function parse(source: Source, report: Report): LoadedFile {
  const { problems, value }: Parsed & { value?: Plain } = source.parse();
  for (const { code, message, fix, start, end, first } of problems) {
    report.add(code, source, {
      message,
      fix,
      at: { start, end },
      ...(first === undefined ? {} : { related: [{ message: "The first one is here.", source, at: first }] }),
    });
  }
  if (value === undefined) {
    if (problems.length === 0) report.add("HG110", source, { message: "The file is empty." });
    return { source };
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    const found = value === null ? "empty" : Array.isArray(value) ? "a list" : "a single value";
    report.add("HG110", source, {
      message: `The top of the file is ${found}, not a mapping.`,
      at: { start: 0, end: 1 },
      ...(source.path.endsWith(".json") ? { fix: "Start the file with `{`." } : {}),
    });
    return { source };
  }
  return { source, value };
}
