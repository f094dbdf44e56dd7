/**
 * `headgate models refresh`: list, compare, test, print, and with --update or --catalogue write. Ctrl-C stops it at once, except while
 * files are moved, so that no half change is left.
 */
import { assemble } from "../assemble.ts";
import { chosen, entryOf } from "../choose-provider.ts";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { report, summarise } from "../report.ts";
import { logChanges, logText, readSeen, type SeenModels, writeSeen } from "./change-log.ts";
import { unifiedDiff } from "./diff.ts";
import { makeEdits, pruneEdits } from "./edits.ts";
import { lifeText, unusedText } from "./life.ts";
import { look, stateDirOf } from "./look.ts";
import { type Judged, type Outcome, outcomeOf } from "./outcome.ts";
import type { RefreshOptions } from "./refresh-options.ts";
import { showEdits, showOutcomes } from "./show.ts";
import { type Written, writeEdits } from "./write.ts";

export async function refresh(cli: Cli, options: RefreshOptions): Promise<number> {
  const writes = options.update === true || options.catalogue === true;
  if (writes && options.yes !== true && cli.confirm === undefined) {
    throw new Failure(
      `${options.update === true ? "--update" : "--catalogue"} needs a confirmation, and there is no terminal for it; add --yes to write without one`,
      EXIT.usage,
    );
  }
  const assembly = await assemble(cli, options);
  const { place, resolved, compilation } = assembly;
  const inClone = options.catalogue === true || options.prune === true;
  if (place.builtIn && inClone) {
    throw new Failure(
      "there is no providers/ folder here: --catalogue and --prune change fragments, and an installed package has none of " +
        "its own; --update writes to the overlay; run it in a checkout, or give --root",
    );
  }
  if (resolved === undefined) {
    report(cli, "pretty", assembly, true);
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const { catalog } = resolved;
  if (options.show === true || options.unused === true) {
    cli.out(options.show === true ? lifeText(catalog) : unusedText(catalog));
    return EXIT.ok;
  }
  if (options.since !== undefined) {
    cli.out(logText(stateDirOf(cli, options, place), options.since, chosen(catalog, options.provider)));
    return EXIT.ok;
  }
  const { judged, skipped, stateDir } =
    options.prune === true
      ? { judged: [], skipped: [], stateDir: stateDirOf(cli, options, place) }
      : await look(cli, options, place, resolved);
  const sound = judged.flatMap(({ survey, verdict }) => {
    const provider = entryOf(catalog, survey.provider.id);
    const known = provider !== undefined && verdict !== undefined && verdict.trouble === undefined;
    return known ? [{ provider, verdict }] : [];
  });
  const { adapters } = compilation;
  const date = new Date(cli.nowMs()).toISOString().slice(0, 10);
  const seen = readSeen(stateDir);
  const edits =
    options.prune === true
      ? pruneEdits(place.root, catalog)
      : makeEdits({
          place: inClone
            ? { kind: "catalogue", root: place.root }
            : { kind: "overlay", directory: assembly.overlayDir },
          catalog,
          adapters,
          verdicts: sound,
          date,
          lastSeen: (provider, upstream) => seen[provider]?.[upstream],
        });
  const outcomes = judged.map((entry) => outcomeOf(entry, edits));
  remember(cli, stateDir, { seen, judged, outcomes, date });
  if (options.json !== true) {
    cli.out(showOutcomes(outcomes, skipped, cli.colour()));
    if (edits.files.length > 0) cli.out(showEdits(edits, cli.colour()));
  }
  const failed = judged.length > 0 && sound.length === 0;
  const end: Written = failed
    ? { code: EXIT.failed, written: false, said: "Every provider failed, so nothing was changed." }
    : await writeEdits(cli, edits, {
        root: place.root,
        overlayDir: assembly.overlayDir,
        overlay: !inClone,
        stateDir,
        compilation,
        update: writes,
        compared: options.prune === true ? 1 : sound.length,
        yes: options.yes === true,
      });
  if (options.json === true) {
    const { files, pruned } = edits;
    const { code, said, written, backup } = end;
    const changes = files.map((file) => ({ path: file.path, diff: unifiedDiff(file) }));
    const document = {
      ok: code === EXIT.ok,
      providers: outcomes,
      skipped,
      changes,
      pruned,
      written,
      message: said,
    };
    cli.out(JSON.stringify(backup === undefined ? document : { ...document, backup }, null, 2));
  } else cli.out(`\n${end.said}`);
  return end.code;
}

/** A refresh works without its log too, so a failed write is only reported. */
function remember(
  cli: Cli,
  stateDir: string,
  look: {
    readonly seen: SeenModels;
    readonly judged: readonly Judged[];
    readonly outcomes: readonly Outcome[];
    readonly date: string;
  },
): void {
  const { seen, judged, outcomes, date } = look;
  const listed = new Map(
    judged.flatMap(({ survey, comparison }) =>
      comparison === undefined
        ? []
        : [[survey.provider.id, comparison.unchanged.map(({ upstream }) => upstream)] as const],
    ),
  );
  if (listed.size === 0) return;
  try {
    writeSeen(stateDir, seen, listed, date);
    logChanges(stateDir, outcomes, date);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    cli.err(`headgate: the change log under ${stateDir} cannot be written (${code ?? "unknown error"})`);
  }
}
