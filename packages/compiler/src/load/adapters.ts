import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AdapterManifest } from "@headgate/contract";
import type { Report } from "../report.ts";
import type { Schemas } from "../validate/schemas.ts";

/** An adapter package that is installed, and how it is imported. */
export interface InstalledAdapter extends AdapterManifest {
  readonly packageName: string;
}

/** Reads `adaptersDir/<name>/package.json`; packages without a `headgate` field are not adapters. Sorted by name. */
export function loadAdapters(adaptersDir: string, schemas: Schemas, report: Report): InstalledAdapter[] {
  const found = new Map<string, InstalledAdapter>();
  for (const { name, text } of readManifests(adaptersDir)) {
    const where = `${name}/package.json`;
    const manifest = parseManifest(text);
    if (manifest === undefined) continue;
    if (manifest === "broken") {
      report.add("HG319", where, { message: "The package.json of this adapter is not valid JSON." });
      continue;
    }
    const [problem] = schemas.check("adapter", manifest.headgate);
    if (problem !== undefined) {
      report.add("HG319", where, {
        message: `The \`headgate\` field is broken at \`${problem.instancePath.slice(1) || "its top"}\`: it ${problem.message ?? "is invalid"}.`,
      });
      continue;
    }
    const adapter = manifest.headgate as AdapterManifest;
    const other = found.get(adapter.adapter);
    if (other !== undefined) {
      report.add("HG319", where, {
        message: `\`${manifest.name}\` and \`${other.packageName}\` both call themselves \`${adapter.adapter}\`.`,
        fix: "Remove one of the two packages.",
      });
      continue;
    }
    found.set(adapter.adapter, { ...adapter, packageName: manifest.name });
  }
  return [...found.values()].sort((a, b) => (a.adapter < b.adapter ? -1 : 1));
}

/** The package.json texts that may be adapters' manifests, by the folder's name. */
export function readManifests(adaptersDir: string): { readonly name: string; readonly text: string }[] {
  return folders(adaptersDir).flatMap((name) => {
    try {
      const text = readFileSync(join(adaptersDir, name, "package.json"), "utf8");
      // Most packages are not adapters and need no parse.
      return text.includes('"headgate"') ? [{ name, text }] : [];
    } catch {
      return [];
    }
  });
}

function folders(dir: string): string[] {
  try {
    return readdirSync(dir).sort();
  } catch {
    return [];
  }
}

function parseManifest(text: string): { name: string; headgate: unknown } | "broken" | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null || !("headgate" in json)) return undefined;
    const name = "name" in json && typeof json.name === "string" ? json.name : "";
    return { name, headgate: json.headgate };
  } catch {
    return "broken";
  }
}
