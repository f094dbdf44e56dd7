/** Changes .env or the overlay for the page: judged by the compiler first, then written whole. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { mergeEnvironment, readOptions, type SettingsChange, type SettingsResult } from "@headgate/contract";
import { type Assembly, assemble } from "../assemble.ts";
import { type Cli, Failure } from "../cli.ts";
import { hiddenValues, overlayOf, readEnvFile, readOptionEnvironment, withText } from "../environment.ts";
import { findPlace, resolveStateDir } from "../place.ts";
import { differenceOf } from "./difference.ts";
import { setVariable } from "./env-text.ts";
import { copyOverlay, folderVersion, readText, versionOf, writeWhole } from "./files.ts";
import { findingOf, Sources, type Where } from "./read.ts";

const OWNER_ONLY = 0o600;
const READABLE = 0o644;

type Change<Kind extends SettingsChange["change"]> = Extract<SettingsChange, { readonly change: Kind }>;

export async function changeSettings(
  cli: Cli,
  where: Where,
  change: SettingsChange,
): Promise<SettingsResult> {
  return change.change === "env" ? changeEnv(cli, where, change) : changeOverlay(cli, where, change);
}

const refused = (message: string, variable: string | null = null): SettingsResult => ({
  ok: false,
  why: "refused",
  message,
  variable,
});

async function changeEnv(cli: Cli, where: Where, change: Change<"env">): Promise<SettingsResult> {
  const place = findPlace(cli, where.root);
  const before = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: where.envFile });
  const text = before.raw ?? "";
  if (versionOf(before.raw) !== change.version) return conflict(hiddenValues(text));
  const sources = new Sources(before, cli.env);
  let after = text;
  for (const [name, value] of Object.entries(change.set)) {
    if (!/^[A-Z][A-Z0-9_]{0,99}$/.test(name))
      return refused(`${name.slice(0, 60)} cannot be a variable of .env.`);
    if (sources.variable(name).from === "keys")
      return refused(`${name} is in a keys file or sealed, which count before .env. Change it there.`, name);
    if (sources.variable(name).from === "shell")
      return refused(
        `${name} is set by the shell that started the gateway, so it cannot be changed here. Unset it there and restart the gateway.`,
        name,
      );
    const next = setVariable(after, name, value);
    if (next === undefined)
      return refused(
        `${name}: a line of .env cannot hold this value. Leave out line breaks, and spaces at its ends.`,
        name,
      );
    after = next;
  }
  const shown = before.source?.path ?? ".env";
  const envFile = withText(before, after);
  const options = readOptions(mergeEnvironment(envFile.variables, cli.env).values);
  const [problem] = options.problems.filter(({ env }) => env in change.set);
  if (problem !== undefined) return refused(`${problem.env} ${problem.message}.`, problem.env);
  const judged = await assemble(cli, where, { envFile });
  return finish(change, judged, {
    file: shown,
    diff: differenceOf(hiddenValues(text), hiddenValues(after)),
    write: () => writeWhole(before.path, after, OWNER_ONLY),
    version: versionOf(after),
    before: () => assemble(cli, where),
  });
}

async function changeOverlay(
  cli: Cli,
  where: Where,
  change: Change<"chain" | "model">,
): Promise<SettingsResult> {
  const place = findPlace(cli, where.root);
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: where.envFile });
  const overlayDir = overlayOf(place, envFile, cli.env);
  if (folderVersion(overlayDir) !== change.version) return conflict("");
  const { options } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  const stateDir = resolveStateDir(cli.cwd, place.home, where.stateDir, options.stateDir);
  const file = fileOf(change);
  const before = readText(join(overlayDir, file));
  const after = await editedOverlay(change, before);
  if (after === undefined)
    return refused(`${file} of the overlay cannot be edited in place. Change it by hand: docs/overlay.md.`);
  const draft = copyOverlay(overlayDir, stateDir, file, after);
  try {
    const judged = await assemble(cli, where, { overlayDir: draft });
    return await finish(change, named(judged, draft, overlayDir), {
      file: `overlay/${file}`,
      diff: differenceOf(before ?? "", after),
      write: () => {
        if (after !== "") return writeWhole(join(overlayDir, file), after, READABLE);
        rmSync(join(overlayDir, file), { force: true });
        // A folder of a provider without its fragment would be an error.
        if (change.change === "model") rmSync(join(overlayDir, file, ".."), { recursive: true, force: true });
      },
      version: folderVersion(draft),
      before: () => assemble(cli, where),
    });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const fileOf = (change: Change<"chain" | "model">): string => {
  if (change.change === "model") {
    if (!/^[a-z][a-z0-9-]*$/.test(change.provider)) throw new Failure("the provider's id is not one");
    return `providers/${change.provider}/provider.yaml`;
  }
  return `fallbacks/${change.kind === "group" ? "groups" : "fallbacks"}.json`;
};

async function editedOverlay(
  change: Change<"chain" | "model">,
  before: string | undefined,
): Promise<string | undefined> {
  const { setJson, setModelOff } = await import("@headgate/compiler/edit");
  if (change.change === "model") return setModelOff(before, change.alias, !change.on);
  const { kind, name, members } = change;
  const path = kind === "group" ? ["groups", name, "members"] : ["chains", name];
  // Without members of its own, a group's whole entry goes: nothing else of it is set here.
  return members === null ? setJson(before, path.slice(0, 2), undefined) : setJson(before, path, members);
}

/** Findings name the overlay, not the copy that was judged. */
function named(assembly: Assembly, draft: string, overlayDir: string): Assembly {
  const rename = (text: string): string => text.replaceAll(draft, overlayDir);
  const diagnostics = assembly.diagnostics.map((diagnostic) => ({
    ...diagnostic,
    file: rename(diagnostic.file),
    message: rename(diagnostic.message),
    fix: rename(diagnostic.fix),
  }));
  return { ...assembly, diagnostics };
}

interface Outcome {
  readonly file: string;
  readonly diff: string;
  readonly version: string;
  readonly write: () => void;
  /** The files as they are. */
  readonly before: () => Promise<Assembly>;
}

async function finish(change: SettingsChange, judged: Assembly, outcome: Outcome): Promise<SettingsResult> {
  const { file, diff, version, write, before } = outcome;
  const { resolved, failed, diagnostics } = judged;
  if (failed || resolved === undefined)
    return { ok: false, why: "findings", findings: diagnostics.map(findingOf) };
  // A warning that was there before is none of this change.
  const known = new Set(
    diagnostics.length === 0 ? [] : (await before()).diagnostics.map(({ message }) => message),
  );
  if (change.preview !== true) write();
  const findings = diagnostics.filter(({ message }) => !known.has(message)).map(findingOf);
  return { ok: true, file, diff, version, table: resolved.table.fingerprint, findings };
}

const conflict = (now: string): SettingsResult => ({
  ok: false,
  why: "conflict",
  message:
    "The file changed since this page read it, so nothing was written. Look at what is there now, and make the change again.",
  diff: now,
});
