import { check } from "@headgate/compiler/check";
import { type Cli, EXIT, Failure } from "./cli.ts";
import { FORMATS, type Format } from "./formats.ts";
import { quickOverlay } from "./overlay.ts";
import { findCache, findInstallation, findPlace } from "./place.ts";
import { summarise } from "./summarise.ts";

export interface ValidateOptions {
  readonly format: Format;
  readonly strict?: true;
  readonly root?: string;
  /** ISO 8601. */
  readonly asOf?: string;
}

/**
 * The options of a well-formed command line, read without Commander, which takes as long to load as the command runs.
 * @returns undefined for whatever is better explained by Commander
 */
export function readValidateOptions(args: readonly string[]): ValidateOptions | undefined {
  let format: Format | undefined = "pretty";
  let strict = false;
  let root: string | undefined;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at];
    const value = args[at + 1];
    if (arg === "--strict") strict = true;
    else if (arg === "--no-color") continue;
    else if (arg === "--json") format = "json";
    else if ((arg === "--root" || arg === "--format") && value !== undefined && !value.startsWith("-")) {
      if (arg === "--root") root = value;
      else format = FORMATS.find((known) => known === value);
      at += 1;
    } else return undefined;
  }
  if (format === undefined) return undefined;
  return { format, ...(strict ? { strict } : {}), ...(root === undefined ? {} : { root }) };
}

export async function validate(cli: Cli, options: ValidateOptions): Promise<number> {
  const place = findPlace(cli, options.root);
  const { passed, diagnostics, files, providerCount, modelCount } = await check({
    root: place.root,
    installation: findInstallation(),
    cacheDir: findCache(cli.env),
    overlayDir: await quickOverlay(cli.cwd, place, cli.env),
  });
  const due = options.asOf === undefined ? [] : await dueAt(cli, place.root, options.asOf);
  const wordy = options.format === "pretty" || options.format === "github";
  if (diagnostics.length > 0 || !wordy) {
    const { report } = await import("./report.ts");
    report(cli, options.format, { diagnostics, files });
  }
  if (wordy) {
    cli.out(summarise({ diagnostics, files }, providerCount, modelCount));
  }
  for (const { alias, provider, retires } of due)
    cli.err(
      `${alias} of ${provider} came to its end on ${retires}: mark it as retired, with what replaces it`,
    );
  return passed && due.length === 0 && (options.strict !== true || diagnostics.length === 0)
    ? EXIT.ok
    : EXIT.failed;
}

/** The catalogue's own fragments are compiled once more: nothing else needs them here. */
async function dueAt(cli: Cli, root: string, day: string) {
  if (!/^20\d\d-[01]\d-[0-3]\d$/.test(day) || Number.isNaN(Date.parse(day)))
    throw new Failure(`--as-of takes a day as YYYY-MM-DD, not ${JSON.stringify(day)}`, EXIT.usage);
  const { compile } = await import("@headgate/compiler");
  const { dueBy } = await import("./catalog/age.ts");
  const { catalog } = await compile({ root, installation: findInstallation(), cacheDir: findCache(cli.env) });
  return catalog === undefined ? [] : dueBy(catalog, day);
}
