import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Catalog } from "@headgate/contract";
import type { Command } from "commander";
import { diffCatalogs, diffText } from "../catalog/diff.ts";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { jsonOption, rootOption } from "../options.ts";
import { findCache, findInstallation, findPlace } from "../place.ts";
import { report } from "../report.ts";

interface Options {
  readonly all?: true;
  readonly json?: true;
  readonly root?: string;
}

const FILE = "generated/catalog.json";
const MAX_BYTES = 64 * 1024 * 1024;

export function registerCatalog(program: Command, cli: Cli): void {
  program
    .command("catalog")
    .alias("catalogue")
    .description("compare the catalogue with an earlier one")
    .command("diff")
    .description("what a change means: models, prices, names, chains, and what groups allow in a day")
    .argument("<git-ref>", "the commit, branch or tag to compare with")
    .option("--all", "every line; without it each kind shows its first ones")
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText("after", "\nNeeds a clone: the earlier catalogue is generated/catalog.json of that commit.")
    .action(cli.run((ref: string, options: Options) => diff(cli, ref, options)));
}

async function diff(cli: Cli, ref: string, options: Options): Promise<number> {
  const { root } = findPlace(cli, options.root);
  const before = await catalogAt(ref, root);
  const { compile } = await import("@headgate/compiler");
  const compilation = await compile({
    root,
    installation: findInstallation(),
    cacheDir: findCache(cli.env),
  });
  if (compilation.catalog === undefined) {
    report(cli, "pretty", compilation, true);
    return EXIT.failed;
  }
  const sections = diffCatalogs(before, compilation.catalog);
  cli.out(
    options.json === true ? JSON.stringify(sections, null, 2) : diffText(sections, options.all === true),
  );
  return EXIT.ok;
}

async function catalogAt(ref: string, root: string): Promise<Catalog> {
  if (ref.startsWith("-")) throw new Failure(`${ref} is no commit, branch or tag`, EXIT.usage);
  let text: string;
  try {
    const options = { cwd: root, maxBuffer: MAX_BYTES };
    ({ stdout: text } = await promisify(execFile)("git", ["show", `${ref}:./${FILE}`], options));
  } catch (error) {
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    const why = code === "ENOENT" ? "git is not installed" : (stderr.trim().split("\n")[0] ?? "git failed");
    throw new Failure(
      `the catalogue of ${ref} cannot be read: ${why}; name a commit of this clone that has ${FILE}`,
    );
  }
  try {
    return JSON.parse(text) as Catalog;
  } catch {
    throw new Failure(`${FILE} of ${ref} is not JSON; name a commit in which it was generated`);
  }
}
