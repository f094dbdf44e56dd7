/** The end of a refresh: validate, confirm, write. */
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Kept } from "@headgate/compiler/table";
import type { Diagnostic } from "@headgate/diagnostics";
import { type Cli, count, EXIT } from "../cli.ts";
import { findCache, findInstallation } from "../place.ts";
import { report } from "../report.ts";
import { copyOverlay } from "../settings/files.ts";
import { commitEdits } from "./commit.ts";
import type { Edits } from "./edits.ts";

export interface Written {
  readonly code: number;
  readonly written: boolean;
  /** The last line of the report. */
  readonly said: string;
  /** The folder with the old texts. */
  readonly backup?: string;
}

export interface WriteOptions {
  readonly root: string;
  readonly overlayDir: string;
  /** Whether the edits are of the overlay. */
  readonly overlay: boolean;
  readonly stateDir: string;
  /** The catalogue as it is. */
  readonly compilation: Kept;
  /** False: only print what would change. */
  readonly update: boolean;
  /** How many providers' lists were compared. */
  readonly compared: number;
  /** Write without a confirmation. */
  readonly yes: boolean;
}

export async function writeEdits(cli: Cli, edits: Edits, options: WriteOptions): Promise<Written> {
  const { root, overlayDir, overlay, stateDir, compilation, update, yes, compared } = options;
  const { files } = edits;
  const not = (said: string, code: number = EXIT.ok): Written => ({ code, written: false, said });
  if (files.length === 0)
    return not(
      compared === 0
        ? "No provider with a list of models is on, so nothing was compared."
        : "The fragments are up to date.",
    );
  const next = await judged(cli, files, { root, overlayDir, overlay, stateDir });
  const news = next.diagnostics.filter(isNewTo(compilation.diagnostics));
  if (news.length > 0) report(cli, "pretty", { diagnostics: news, files: next.files }, true);
  if (next.catalog === undefined)
    return not("The changed catalogue would not validate, so nothing was written.", EXIT.failed);
  if (!update)
    return not(
      "Nothing was written; --update writes it to the overlay, --catalogue to the fragments of a clone.",
    );
  if (!yes && (await cli.confirm?.(`Change ${count(files.length, "file")}?`)) !== true)
    return not("Nothing was written.");
  const backup = commitEdits(files, { stateDir, nowMs: cli.nowMs() });
  const said =
    `Changed ${count(files.length, "file")}; the old texts are in ${backup}.\n` +
    (overlay
      ? "A running gateway takes them over."
      : "Next: check the new models' limits and chains, then run make validate generate.");
  return { code: EXIT.ok, written: true, said, backup };
}

/** The catalogue with the edits, compiled from copies: of the overlay, or of the clone's files. */
async function judged(
  cli: Cli,
  files: Edits["files"],
  { root, overlayDir, overlay, stateDir }: Pick<WriteOptions, "root" | "overlayDir" | "overlay" | "stateDir">,
): Promise<Kept> {
  const { compile } = await import("@headgate/compiler");
  const common = { root, installation: findInstallation(), cacheDir: findCache(cli.env) };
  if (!overlay) {
    const copy = mkdtempSync(join(tmpdir(), "headgate-refresh-"));
    try {
      for (const folder of ["providers", "models", "fallbacks"])
        if (existsSync(join(root, folder)))
          cpSync(join(root, folder), join(copy, folder), { recursive: true });
      for (const { path, after } of files) writeFileSync(join(copy, path), after);
      return await compile({ ...common, root: copy, overlayDir });
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }
  let copy = overlayDir;
  try {
    for (const { target, after } of files) {
      const next = copyOverlay(copy, stateDir, relative(overlayDir, target), after);
      if (copy !== overlayDir) rmSync(copy, { recursive: true, force: true });
      copy = next;
    }
    return await compile({ ...common, overlayDir: copy });
  } finally {
    if (copy !== overlayDir) rmSync(copy, { recursive: true, force: true });
  }
}

/** Warnings that the catalogue already has are left out. Errors are always printed. */
function isNewTo(old: readonly Diagnostic[]): (diagnostic: Diagnostic) => boolean {
  const idOf = ({ code, message }: Diagnostic): string => `${code} ${message}`;
  const seen = new Set(old.map(idOf));
  return (diagnostic) => diagnostic.severity === "error" || !seen.has(idOf(diagnostic));
}
