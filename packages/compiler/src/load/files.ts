/** Finds and reads everything under the root. Every problem is reported; nothing is thrown. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { printable } from "@headgate/diagnostics";
import type { Report } from "../report.ts";
import { type Drafts, MAX_CHAINS_BYTES, MAX_FRAGMENT_BYTES, Reader } from "./read.ts";
import type { Source } from "./source.ts";
import type { Parsed, Plain } from "./tree.ts";

export const FRAGMENT_FILE = "provider.yaml";
export const CHAINS_FILE = "fallbacks/fallbacks.json";
export const GROUPS_FILE = "fallbacks/groups.json";
export const MODEL_MAP_FILE = "fallbacks/model-map.json";
export const POLICIES_FILE = "fallbacks/policies.json";

/** What a provider folder may hold beside its fragment. */
const COMPANIONS = new Set([FRAGMENT_FILE, "fixtures", "README.md"]);
const CHAIN_FILES = new Set([
  "fallbacks.json",
  "groups.json",
  "model-map.json",
  "policies.json",
  "README.md",
]);
const PROVIDER_ID = /^[a-z][a-z0-9-]*$/;

export interface LoadedFile {
  readonly source: Source;
  /** Absent when the file could not be parsed. */
  readonly value?: Plain;
}

export interface LoadedFragment extends LoadedFile {
  readonly id: string;
}

export interface Loaded {
  /** Sorted by id. */
  readonly fragments: readonly LoadedFragment[];
  readonly chains?: LoadedFile;
  readonly groups?: LoadedFile;
  readonly modelMap?: LoadedFile;
  readonly policies?: LoadedFile;
  /** True when nothing could be made out in a fragment, so that any name may be meant to stand in it. */
  readonly blind: boolean;
  readonly sources: readonly Source[];
}

export function loadFiles(root: string, report: Report, drafts?: Drafts): Loaded {
  const reader = new Reader(root, report, drafts);
  const sources: Source[] = [];
  const fragments: LoadedFragment[] = [];
  let blind = false;

  const load = (path: string, maxBytes: number): LoadedFile | "absent" | "unread" => {
    const source = reader.read(path, maxBytes);
    if (source === "absent" || source === "unread") return source;
    sources.push(source);
    return parse(source, report);
  };

  for (const name of list(reader, "providers", report)) {
    const folder = `providers/${name}`;
    if (name.startsWith(".")) continue;
    const kind = reader.kindOf(folder);
    if (kind === "refused") {
      blind = true;
      continue;
    }
    if (kind !== "folder") {
      if (name !== "README.md")
        stray(report, folder, "A provider is a folder: `providers/<id>/provider.yaml`.");
      continue;
    }
    if (!PROVIDER_ID.test(name)) {
      report.add("HG120", folder, { message: `\`${printable(name)}\` cannot be a provider's id.` });
    }
    const loaded = load(`${folder}/${FRAGMENT_FILE}`, MAX_FRAGMENT_BYTES);
    const entries = list(reader, folder, report);
    if (loaded === "absent") {
      const yml = entries.find((entry) => /^provider\.(yml|json)$/i.test(entry));
      report.add("HG121", folder, {
        message: `The folder \`${printable(folder)}\` has no provider.yaml.`,
        ...(yml === undefined ? {} : { fix: `Rename ${yml} to provider.yaml.` }),
      });
      blind = true;
      continue;
    }
    for (const entry of entries) {
      if (!COMPANIONS.has(entry) && !entry.startsWith("."))
        stray(
          report,
          `${folder}/${entry}`,
          "A provider folder holds provider.yaml, fixtures/ and README.md.",
        );
    }
    if (loaded === "unread") blind = true;
    else {
      fragments.push({ id: name, ...loaded });
      // Of a file that does not parse the aliases are still made out; of one without any nothing is known.
      if (loaded.value === undefined && !loaded.source.text.includes("alias")) blind = true;
    }
  }
  if (fragments.length === 0 && report.errorCount === 0) {
    report.add("HG123", "providers", { message: "No provider stands under `providers/`." });
  }

  for (const entry of list(reader, "fallbacks", report)) {
    if (!CHAIN_FILES.has(entry) && !entry.startsWith("."))
      stray(
        report,
        `fallbacks/${entry}`,
        "fallbacks/ holds fallbacks.json, groups.json, model-map.json and policies.json.",
      );
  }
  const chains = load(CHAINS_FILE, MAX_CHAINS_BYTES);
  if (chains === "absent" && fragments.length > 0) {
    report.add("HG124", CHAINS_FILE, { message: "No chain says what stands in for what." });
  }
  const groups = load(GROUPS_FILE, MAX_CHAINS_BYTES);
  const modelMap = load(MODEL_MAP_FILE, MAX_CHAINS_BYTES);
  const policies = load(POLICIES_FILE, MAX_CHAINS_BYTES);
  return {
    fragments,
    blind,
    sources,
    ...(typeof chains === "string" ? {} : { chains }),
    ...(typeof groups === "string" ? {} : { groups }),
    ...(typeof modelMap === "string" ? {} : { modelMap }),
    ...(typeof policies === "string" ? {} : { policies }),
  };
}

const stray = (report: Report, path: string, fix: string): void => {
  report.add("HG122", path, { message: `Nothing reads \`${printable(path)}\`.`, fix });
};

function list(reader: Reader, folder: string, report: Report): string[] {
  if (reader.kindOf(folder) !== "folder") return [];
  try {
    return readdirSync(join(reader.root, folder)).sort();
  } catch {
    report.add("HG111", folder, { message: `The folder \`${printable(folder)}\` cannot be read.` });
    return [];
  }
}

function parse(source: Source, report: Report): LoadedFile {
  const { problems, value }: Parsed & { value?: Plain } = source.parse();
  for (const { code, message, fix, start, end, first } of problems) {
    report.add(code, source, {
      message,
      fix,
      at: { start, end },
      ...(first === undefined ? {} : { related: [{ message: "It stands here first.", source, at: first }] }),
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
