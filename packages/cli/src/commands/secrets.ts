/** `headgate secrets`: keys beside .env, encrypted. */
import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { type Cli, count, EXIT, Failure } from "../cli.ts";
import { type EnvFile, readEnvFile } from "../environment.ts";
import { envFileOption, jsonOption, rootOption } from "../options.ts";
import { findPlace } from "../place.ts";
import { keepSealed, openSealed, readSealed, sealedPath, writeSealed } from "../secrets/sealed-file.ts";
import { findOrMakeSecret, findSecret, newSecret, nextSecretFile, type Secret } from "../secrets/secret.ts";
import { emptyVariables } from "../settings/env-text.ts";
import { writeWhole } from "../settings/files.ts";

interface Options {
  readonly envFile?: string;
  readonly json?: true;
  readonly root?: string;
}

const SECRET_NAME = /_(KEY|TOKEN|SECRET|PASSWORD)(_[1-9][0-9]?)?$/;

export function registerSecrets(program: Command, cli: Cli): void {
  const group = program
    .command("secrets")
    .description("keys beside .env, encrypted (AES-256-GCM)")
    .addHelpText(
      "after",
      `
The keys are in .env.sealed beside .env. Their secret is HEADGATE_SECRET; otherwise a file \`secret\` in the user's
configuration folder, made by the first \`set\`. Sealed keys win over .env and the shell; a keys file
(HEADGATE_KEYS_FILE) wins over sealed keys.

  $ headgate secrets set GROQ_API_KEY            asks for the key, and does not show it
  $ pass show groq | headgate secrets set GROQ_API_KEY
  $ headgate secrets seal                        moves every key of .env there
  $ headgate secrets rotate                      a new secret for the same keys`,
    );
  const add = (name: string, description: string): Command =>
    group.command(name).description(description).addOption(envFileOption()).addOption(rootOption());
  add("set", "seal one key; it is read from stdin, never from the command line")
    .argument("<variable>", "such as GROQ_API_KEY")
    .action(cli.run((name: string, options: Options) => set(cli, name, options)));
  add("list", "the names of the sealed keys")
    .addOption(jsonOption())
    .action(cli.run((options: Options) => list(cli, options)));
  add("unset", "delete a sealed key")
    .argument("<variable>", "such as GROQ_API_KEY")
    .action(cli.run((name: string, options: Options) => unset(cli, name, options)));
  add("seal", "move every key of .env to the sealed file").action(
    cli.run((options: Options) => seal(cli, options)),
  );
  add("rotate", "seal all keys with a new secret").action(
    cli.run((options: Options) => rotate(cli, options)),
  );
}

interface Sealed {
  readonly envFile: EnvFile;
  readonly path: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Without opening: a key can be replaced or deleted though its secret is lost. */
function sealedOf(cli: Cli, options: Options): Sealed {
  const place = findPlace(cli, options.root);
  // No shell: keys are not opened here.
  const envFile = readEnvFile({ cwd: cli.cwd, ...place, given: options.envFile });
  const path = sealedPath(envFile.path);
  return { envFile, path, values: readSealed(path) ?? {} };
}

const secretOf = (cli: Cli, { envFile }: Sealed): Secret => findOrMakeSecret(cli.env, envFile.variables);

async function set(cli: Cli, name: string, options: Options): Promise<number> {
  checkName(name);
  const sealed = sealedOf(cli, options);
  const value = (await cli.ask(`${name}: `, true))?.trim();
  if (value === undefined || value === "")
    throw new Failure(`no key was given for ${name}; nothing was written`);
  if (/\s/.test(value)) throw new Failure(`the key for ${name} has blanks in it; nothing was written`);
  const secret = secretOf(cli, sealed);
  const { [name]: _, ...others } = sealed.values;
  // All keys of a file have one secret: a wrong one must not add a key that the others' does not open.
  openSealed(sealed.path, others, secret);
  writeSealed(sealed.path, others, { [name]: value }, secret);
  cli.err(`sealed ${name} in ${sealed.path}`);
  if ((sealed.envFile.variables[name] ?? "") !== "")
    cli.err(`headgate: ${name} is in ${sealed.envFile.path} in clear text too; delete it there`);
  return EXIT.ok;
}

function list(cli: Cli, options: Options): number {
  const { values, path } = sealedOf(cli, options);
  const names = Object.keys(values);
  if (options.json === true) cli.out(JSON.stringify(names, null, 2));
  else cli.out(names.length === 0 ? `${path} holds no keys` : names.join("\n"));
  return EXIT.ok;
}

function unset(cli: Cli, name: string, options: Options): number {
  const { values, path } = sealedOf(cli, options);
  if (values[name] === undefined)
    throw new Failure(`${path} holds no ${name}; headgate secrets list names what it holds`);
  const { [name]: _, ...others } = values;
  if (Object.keys(others).length === 0) rmSync(path);
  else keepSealed(path, others);
  cli.err(`deleted ${name} from ${path}`);
  return EXIT.ok;
}

function seal(cli: Cli, options: Options): number {
  const sealed = sealedOf(cli, options);
  const { envFile, path, values } = sealed;
  const names = Object.keys(envFile.variables).filter(
    (name) =>
      SECRET_NAME.test(name) && name !== "HEADGATE_SECRET" && (envFile.variables[name] ?? "").trim() !== "",
  );
  if (names.length === 0 || envFile.raw === undefined) {
    cli.err(`${envFile.path} holds no key; nothing was written`);
    return EXIT.ok;
  }
  const secret = secretOf(cli, sealed);
  const others = Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
  openSealed(path, others, secret);
  const added = Object.fromEntries(names.map((name) => [name, (envFile.variables[name] ?? "").trim()]));
  writeSealed(path, others, added, secret);
  // Sealed first: a crash between the two leaves a key in both places, never in none.
  writeWhole(envFile.path, emptyVariables(envFile.raw, names), 0o600);
  if (process.platform !== "win32") chmodSync(envFile.path, 0o600);
  cli.err(`moved ${count(names.length, "key")} from ${envFile.path} to ${path}: ${names.join(", ")}`);
  return EXIT.ok;
}

async function rotate(cli: Cli, options: Options): Promise<number> {
  const sealed = sealedOf(cli, options);
  const { path, values, envFile } = sealed;
  const old = findSecret(cli.env, envFile.variables);
  if (old === undefined || Object.keys(values).length === 0)
    throw new Failure(`${path} holds no keys, so there is nothing to seal anew`);
  const keys = openSealed(path, values, old);
  if (old.file === undefined) {
    const next = (await cli.ask("the new secret: ", true))?.trim() ?? "";
    if (next.length < 16) throw new Failure("a secret has at least 16 characters; nothing was written");
    writeSealed(path, {}, keys, { value: next, from: old.from });
    cli.err(`sealed ${count(Object.keys(keys).length, "key")} anew; set HEADGATE_SECRET to the new secret`);
    return EXIT.ok;
  }
  const next = { value: newSecret(), from: old.file, file: old.file };
  const draft = nextSecretFile(old.file);
  writeFileSync(draft, `${next.value}\n`, { mode: 0o600 });
  writeSealed(path, {}, keys, next);
  renameSync(draft, old.file);
  cli.err(`sealed ${count(Object.keys(keys).length, "key")} anew with a new secret in ${old.file}`);
  return EXIT.ok;
}

function checkName(name: string): void {
  if (/^[A-Z][A-Z0-9_]*$/.test(name) && SECRET_NAME.test(name) && name !== "HEADGATE_SECRET") return;
  throw new Failure(`${name} is no variable of a key; use a name such as GROQ_API_KEY`, EXIT.usage);
}
