/** Finds and reads everything under the root, and parses nothing. Every problem is reported; nothing is thrown. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
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

export interface FoundFragment {
  /** The folder's name. */
  readonly id: string;
  readonly file: FoundFile;
}

/** A finding about a file or folder as a whole. */
export interface FindingAt {
  readonly code: Code;
  readonly path: string;
  readonly words: { readonly message: string; readonly fix?: string };
}

export interface Found {
  readonly findings: readonly FindingAt[];
  /** Sorted by id. */
  readonly fragments: readonly FoundFragment[];
  readonly chains?: FoundFile;
  readonly groups?: FoundFile;
  readonly modelMap?: FoundFile;
  readonly policies?: FoundFile;
  /** True when a fragment could not be read, so that its aliases are unknown. */
  readonly blind: boolean;
}

export function findFiles(root: string, drafts?: Drafts): Found {
  const findings: FindingAt[] = [];
  const tell: Tell = (code, path, words) => findings.push({ code, path, words });
  const reader = new Reader(root, tell, drafts);
  const fragments: FoundFragment[] = [];
  let blind = false;

  for (const name of list(reader, "providers", tell)) {
    const folder = `providers/${name}`;
    if (name.startsWith(".")) continue;
    const kind = reader.kindOf(folder);
    if (kind === "refused") {
      blind = true;
      continue;
    }
    if (kind !== "folder") {
      if (name !== "README.md")
        stray(tell, folder, "A provider is a folder: `providers/<id>/provider.yaml`.");
      continue;
    }
    if (!PROVIDER_ID.test(name)) {
      tell("HG120", folder, { message: `\`${printable(name)}\` cannot be a provider's id.` });
    }
    const file = reader.read(`${folder}/${FRAGMENT_FILE}`, MAX_FRAGMENT_BYTES);
    const entries = list(reader, folder, tell);
    if (file === "absent") {
      const yml = entries.find((entry) => /^provider\.(yml|json)$/i.test(entry));
      tell("HG121", folder, {
        message: `The folder \`${printable(folder)}\` has no provider.yaml.`,
        ...(yml === undefined ? {} : { fix: `Rename ${yml} to provider.yaml.` }),
      });
      blind = true;
      continue;
    }
    for (const entry of entries) {
      if (!COMPANIONS.has(entry) && !entry.startsWith("."))
        stray(tell, `${folder}/${entry}`, "A provider folder holds provider.yaml, fixtures/ and README.md.");
    }
    if (file === "unread") blind = true;
    else fragments.push({ id: name, file });
  }
  if (fragments.length === 0 && findings.every(({ code }) => code === "HG122")) {
    tell("HG123", "providers", { message: "There is no provider under `providers/`." });
  }

  for (const entry of list(reader, "fallbacks", tell)) {
    if (!CHAIN_FILES.has(entry) && !entry.startsWith("."))
      stray(
        tell,
        `fallbacks/${entry}`,
        "fallbacks/ holds fallbacks.json, groups.json, model-map.json and policies.json.",
      );
  }
  const chains = reader.read(CHAINS_FILE, MAX_CHAINS_BYTES);
  if (chains === "absent" && fragments.length > 0) {
    tell("HG124", CHAINS_FILE, { message: "There is no file of fallback chains." });
  }
  const groups = reader.read(GROUPS_FILE, MAX_CHAINS_BYTES);
  const modelMap = reader.read(MODEL_MAP_FILE, MAX_CHAINS_BYTES);
  const policies = reader.read(POLICIES_FILE, MAX_CHAINS_BYTES);
  return {
    findings,
    fragments,
    blind,
    ...(typeof chains === "string" ? {} : { chains }),
    ...(typeof groups === "string" ? {} : { groups }),
    ...(typeof modelMap === "string" ? {} : { modelMap }),
    ...(typeof policies === "string" ? {} : { policies }),
  };
}

const stray = (tell: Tell, path: string, fix: string): void => {
  tell("HG122", path, { message: `Nothing reads \`${printable(path)}\`.`, fix });
};

function list(reader: Reader, folder: string, tell: Tell): string[] {
  if (reader.kindOf(folder) !== "folder") return [];
  try {
    return readdirSync(join(reader.root, folder)).sort();
  } catch {
    tell("HG111", folder, { message: `The folder \`${printable(folder)}\` cannot be read.` });
    return [];
  }
}
