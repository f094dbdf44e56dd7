/** Finds and reads everything under the root and in the overlay, and parses nothing. Every problem is reported; nothing is thrown. */
import { isAbsolute, relative } from "node:path";
import type { Code } from "@headgate/diagnostics";
import { printable } from "@headgate/diagnostics/text";
import {
  type Drafts,
  type FoundFile,
  MAX_CHAINS_BYTES,
  MAX_FRAGMENT_BYTES,
  Reader,
  type Tell,
} from "./read.ts";

export const FRAGMENT_FILE = "provider.yaml";
export const RETIRED_FILE = "retired.yaml";
/** Exchanges that prove the fragment, in its folder. */
export const EXCHANGES_FILE = "fixtures/exchanges.json";
/** Dialects that several providers share. */
export const DIALECTS_FILE = "providers/dialects.yaml";
export const CHAINS_FILE = "fallbacks/fallbacks.json";
export const GROUPS_FILE = "fallbacks/groups.json";
export const MODEL_MAP_FILE = "fallbacks/model-map.json";
/** Of the overlay alone. */
export const CLIENTS_FILE = "clients.yaml";
export const LOCAL_MODELS_FILE = "local.yaml";
export const POLICIES_FILE = "fallbacks/policies.json";

/** What a provider folder may hold beside its fragment. */
const COMPANIONS = new Set([FRAGMENT_FILE, RETIRED_FILE, "fixtures", "README.md"]);
const CHAIN_FILES = new Set([
  "fallbacks.json",
  "groups.json",
  "model-map.json",
  "policies.json",
  "README.md",
]);
/** What the top of an overlay may hold. */
const OVERLAY_ENTRIES = new Set([
  "providers",
  "models",
  "fallbacks",
  LOCAL_MODELS_FILE,
  CLIENTS_FILE,
  "README.md",
]);
const PROVIDER_ID = /^[a-z][a-z0-9-]*$/;
const BASE_FILE = /^([a-z0-9][a-z0-9._-]*)\.yaml$/;

export interface FoundFragment {
  /** The folder's name; of a file of models/ its own. */
  readonly id: string;
  readonly file: FoundFile;
}

/** A finding about a file or folder as a whole. */
export interface FindingAt {
  readonly code: Code;
  readonly path: string;
  readonly words: { readonly message: string; readonly fix?: string };
}

/** The files of the catalogue, or those of an overlay. */
export interface FoundLayer {
  /** Sorted by id. */
  readonly fragments: readonly FoundFragment[];
  /** `models/<id>.yaml`, sorted by id. */
  readonly bases: readonly FoundFragment[];
  /** `providers/<id>/retired.yaml`, sorted by id. */
  readonly retired: readonly FoundFragment[];
  /** `providers/<id>/fixtures/exchanges.json`, sorted by id. */
  readonly exchanges: readonly FoundFragment[];
  readonly chains?: FoundFile;
  readonly groups?: FoundFile;
  readonly modelMap?: FoundFile;
  readonly policies?: FoundFile;
  readonly dialects?: FoundFile;
  /** Of an overlay alone. */
  readonly clients?: FoundFile;
  readonly localModels?: FoundFile;
}

export interface Found extends FoundLayer {
  readonly findings: readonly FindingAt[];
  /** True when a fragment could not be read, so that its aliases are unknown. */
  readonly blind: boolean;
  /** Absent when there is no folder of that name. */
  readonly overlay?: FoundLayer;
}

/** @param overlayDir the absolute path of the user's own files, which may be missing; absent: none are looked for */
export function findFiles(root: string, drafts?: Drafts, overlayDir?: string): Found {
  const findings: FindingAt[] = [];
  const tell: Tell = (code, path, words) => findings.push({ code, path, words });
  const { blind, ...catalogue } = scan(new Reader(root, tell, { drafts }), tell);
  if (catalogue.fragments.length === 0 && findings.every(({ code }) => code === "HG122")) {
    tell("HG123", "providers", { message: "There is no provider under `providers/`." });
  }
  if (catalogue.chains === undefined && catalogue.fragments.length > 0 && !isTold(findings, CHAINS_FILE)) {
    tell("HG124", CHAINS_FILE, { message: "There is no file of fallback chains." });
  }
  if (overlayDir === undefined) return { ...catalogue, findings, blind };
  const reader = new Reader(overlayDir, tell, { drafts, prefix: prefixOf(root, overlayDir) });
  if (reader.kindOf("") !== "folder") return { ...catalogue, findings, blind };
  for (const entry of list(reader, "")) {
    if (!OVERLAY_ENTRIES.has(entry) && !entry.startsWith("."))
      stray(tell, reader.shown(entry), `An overlay holds ${[...OVERLAY_ENTRIES].join(", ")}.`);
  }
  const { blind: hidden, ...overlay } = scan(reader, tell);
  const [clients, localModels] = [CLIENTS_FILE, LOCAL_MODELS_FILE].map((path) =>
    reader.read(path, MAX_FRAGMENT_BYTES),
  );
  return {
    ...catalogue,
    findings,
    blind: blind || hidden,
    overlay: {
      ...overlay,
      ...(typeof clients === "object" ? { clients } : {}),
      ...(typeof localModels === "object" ? { localModels } : {}),
    },
  };
}

const isTold = (findings: readonly FindingAt[], file: string): boolean =>
  findings.some(({ path }) => path === file);

/** Of fragments or bases those that stand alone: all but the ones that change one of the catalogue. */
export const whole = (found: Found, kind: "fragments" | "bases"): readonly FoundFile[] => {
  const ids = new Set(found[kind].map(({ id }) => id));
  const own = (found.overlay?.[kind] ?? []).filter(({ id }) => !ids.has(id));
  return [...found[kind], ...own].map(({ file }) => file);
};

/** Every file of a layer. */
export const filesOf = ({
  fragments,
  bases,
  retired,
  exchanges,
  chains,
  groups,
  modelMap,
  policies,
  dialects,
  clients,
  localModels,
}: FoundLayer): FoundFile[] => [
  ...[...fragments, ...bases, ...retired, ...exchanges].map(({ file }) => file),
  ...[chains, groups, modelMap, policies, dialects, clients, localModels].filter(
    (file) => file !== undefined,
  ),
];

/** How messages name the folder: from the root where it is inside, with a slash at the end. */
export function prefixOf(root: string, overlayDir: string): string {
  const path = relative(root, overlayDir);
  const inside = path !== "" && !path.startsWith("..") && !isAbsolute(path);
  return `${(inside ? path : overlayDir).replaceAll("\\", "/")}/`;
}

function scan(reader: Reader, tell: Tell): FoundLayer & { readonly blind: boolean } {
  const { fragments, retired, exchanges, blind } = scanProviders(reader, tell);
  const bases = scanBases(reader, tell);
  for (const entry of list(reader, "fallbacks")) {
    if (!CHAIN_FILES.has(entry) && !entry.startsWith("."))
      stray(
        tell,
        reader.shown(`fallbacks/${entry}`),
        "fallbacks/ holds fallbacks.json, groups.json, model-map.json and policies.json.",
      );
  }
  const files = [CHAINS_FILE, GROUPS_FILE, MODEL_MAP_FILE, POLICIES_FILE, DIALECTS_FILE];
  const [chains, groups, modelMap, policies, dialects] = files.map((path) =>
    reader.read(path, MAX_CHAINS_BYTES),
  );
  return {
    fragments,
    bases,
    retired,
    exchanges,
    blind,
    ...(typeof chains === "object" ? { chains } : {}),
    ...(typeof groups === "object" ? { groups } : {}),
    ...(typeof modelMap === "object" ? { modelMap } : {}),
    ...(typeof policies === "object" ? { policies } : {}),
    ...(typeof dialects === "object" ? { dialects } : {}),
  };
}

function scanProviders(
  reader: Reader,
  tell: Tell,
): Pick<FoundLayer, "fragments" | "retired" | "exchanges"> & { readonly blind: boolean } {
  const fragments: FoundFragment[] = [];
  const retired: FoundFragment[] = [];
  const exchanges: FoundFragment[] = [];
  let blind = false;
  for (const name of list(reader, "providers")) {
    const folder = `providers/${name}`;
    const shown = reader.shown(folder);
    if (name.startsWith(".")) continue;
    const kind = reader.kindOf(folder);
    if (kind === "refused") {
      blind = true;
      continue;
    }
    if (kind !== "folder") {
      if (name !== "README.md" && folder !== DIALECTS_FILE)
        stray(tell, shown, "A provider is a folder: `providers/<id>/provider.yaml`.");
      continue;
    }
    if (!PROVIDER_ID.test(name)) {
      tell("HG120", shown, { message: `\`${printable(name)}\` cannot be a provider's id.` });
    }
    const file = reader.read(`${folder}/${FRAGMENT_FILE}`, MAX_FRAGMENT_BYTES);
    const entries = list(reader, folder);
    const gone = reader.read(`${folder}/${RETIRED_FILE}`, MAX_FRAGMENT_BYTES);
    if (typeof gone === "object") retired.push({ id: name, file: gone });
    // The overlay may retire models and change nothing else.
    if (file === "absent" && typeof gone === "object" && shown !== folder) continue;
    if (file === "absent") {
      const yml = entries.find((entry) => /^provider\.(yml|json)$/i.test(entry));
      tell("HG121", shown, {
        message: `The folder \`${printable(shown)}\` has no provider.yaml.`,
        ...(yml === undefined ? {} : { fix: `Rename ${yml} to provider.yaml.` }),
      });
      blind = true;
      continue;
    }
    for (const entry of entries) {
      if (!COMPANIONS.has(entry) && !entry.startsWith("."))
        stray(
          tell,
          `${shown}/${entry}`,
          "A provider folder holds provider.yaml, retired.yaml, fixtures/ and README.md.",
        );
    }
    for (const entry of list(reader, `${folder}/fixtures`)) {
      if (`fixtures/${entry}` !== EXCHANGES_FILE && !entry.startsWith("."))
        stray(tell, `${shown}/fixtures/${entry}`, "fixtures/ holds exchanges.json.");
    }
    const proofs = reader.read(`${folder}/${EXCHANGES_FILE}`, MAX_FRAGMENT_BYTES);
    if (typeof proofs === "object") exchanges.push({ id: name, file: proofs });
    if (file === "unread") blind = true;
    else fragments.push({ id: name, file });
  }
  return { fragments, retired, exchanges, blind };
}

function scanBases(reader: Reader, tell: Tell): FoundFragment[] {
  return list(reader, "models").flatMap((name): FoundFragment[] => {
    if (name.startsWith(".") || name === "README.md") return [];
    const id = BASE_FILE.exec(name)?.[1];
    if (id === undefined) {
      stray(tell, reader.shown(`models/${name}`), "models/ holds a file `<id>.yaml` for each model.");
      return [];
    }
    const file = reader.read(`models/${name}`, MAX_FRAGMENT_BYTES);
    return typeof file === "object" ? [{ id, file }] : [];
  });
}

const stray = (tell: Tell, path: string, fix: string): void => {
  tell("HG122", path, { message: `Nothing reads \`${printable(path)}\`.`, fix });
};

const list = (reader: Reader, folder: string): string[] =>
  reader.kindOf(folder) === "folder" ? (reader.list(folder) ?? []) : [];
