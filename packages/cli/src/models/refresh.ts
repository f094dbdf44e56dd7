/**
 * `headgate models refresh`: list, compare, test, print, and with --update write. Ctrl-C stops it at once, except while
 * files are moved, so that no half change is left.
 */
import { assemble } from "../assemble.ts";
import { entryOf } from "../choose-provider.ts";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { report, summarise } from "../report.ts";
import { unifiedDiff } from "./diff.ts";
import { makeEdits } from "./edits.ts";
import { look } from "./look.ts";
import { outcomeOf } from "./outcome.ts";
import type { RefreshOptions } from "./refresh-options.ts";
import { showEdits, showOutcomes } from "./show.ts";
import { type Written, writeEdits } from "./write.ts";

export async function refresh(cli: Cli, options: RefreshOptions): Promise<number> {
  if (options.update === true && options.yes !== true && cli.confirm === undefined) {
    throw new Failure(
      "--update needs a confirmation, and there is no terminal for it; add --yes to write without one",
      EXIT.usage,
    );
  }
  const assembly = await assemble(cli, options);
  const { place, resolved, compilation } = assembly;
  if (place.builtIn) {
    throw new Failure(
      "there is no providers/ folder here: models refresh changes fragments, and an installed package has none of " +
        "its own; run it in a checkout, or give --root",
    );
  }
  if (resolved === undefined) {
    report(cli, "pretty", assembly, true);
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const { judged, skipped, stateDir } = await look(cli, options, place, resolved);
  const { catalog } = resolved;
  const sound = judged.flatMap(({ survey, verdict }) => {
    const provider = entryOf(catalog, survey.provider.id);
    const known = provider !== undefined && verdict !== undefined && verdict.trouble === undefined;
    return known ? [{ provider, verdict }] : [];
  });
  const { adapters } = compilation;
  const date = new Date(cli.nowMs()).toISOString().slice(0, 10);
  const edits = makeEdits({ root: place.root, catalog, adapters, verdicts: sound, date });
  const outcomes = judged.map((entry) => outcomeOf(entry, edits));
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
        stateDir,
        compilation,
        update: options.update === true,
        compared: sound.length,
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
