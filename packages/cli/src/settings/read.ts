/** What .env and the overlay say now, for the page. Names of variables, never a value. */
import type {
  Settings,
  SettingsChain,
  SettingsFinding,
  SettingsProvider,
  SettingsVariable,
  VariableSource,
} from "@headgate/contract";
import { instanceNumber, keyVariables, mergeEnvironment, readFlag } from "@headgate/contract";
import type { Diagnostic } from "@headgate/diagnostics";
import { type AssembleOptions, type Assembly, assemble } from "../assemble.ts";
import type { Cli } from "../cli.ts";
import { type EnvFile, readEnvFile } from "../environment.ts";
import { folderVersion, readText, versionOf } from "./files.ts";

export type Where = AssembleOptions;

export async function readSettings(cli: Cli, where: Where): Promise<Settings> {
  const assembly = await assemble(cli, where);
  return settingsOf(cli, where, assembly);
}

export function settingsOf(cli: Cli, where: Where, assembly: Assembly): Settings {
  const { place, overlayDir, resolved, compilation } = assembly;
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: where.envFile });
  const sources = new Sources(envFile, cli.env);
  const catalog = resolved?.catalog;
  const statuses = new Map(resolved?.resolution.providers.map((status) => [status.id, status]));
  const providers = (catalog?.providers ?? []).flatMap((provider): SettingsProvider[] => {
    const status = statuses.get(provider.id);
    if (status === undefined) return [];
    const { auth, instances } = provider;
    const names = auth === undefined ? [] : keyVariables(auth.env, sources.values);
    const numbers = instances === undefined ? [] : instanceNumbers(instances.prefix, sources.values);
    return [
      {
        id: provider.id,
        name: provider.name,
        summary: provider.summary,
        tier: provider.tier,
        flag: { ...sources.variable(provider.flag), on: readFlag(sources.values[provider.flag]) === true },
        needs_key: auth === undefined ? "none" : auth.optional ? "optional" : "yes",
        keys:
          auth === undefined
            ? []
            : (names.length === 0 ? [auth.env] : names).map((name) => sources.variable(name)),
        next_key: auth === undefined || names.length === 0 ? null : nextKey(auth.env, names),
        active: status.active,
        reason: status.reason,
        condition: status.condition ?? null,
        models: instances === undefined ? provider.models.length : status.models,
        signup: provider.signup ?? null,
        limits_page: provider.limitsPage ?? null,
        notes: provider.notes ?? null,
        data: provider.data ?? null,
        servers:
          instances === undefined ? null : { prefix: instances.prefix, next: Math.max(0, ...numbers) + 1 },
      },
    ];
  });
  return {
    env: {
      path: envFile.path,
      version: versionOf(envFile.raw),
      exists: envFile.raw !== undefined,
    },
    overlay: { path: overlayDir, version: folderVersion(overlayDir) },
    providers,
    chains: chainsOf(assembly),
    models_off: (catalog?.providers ?? []).flatMap(({ id, models }) =>
      models.flatMap(({ alias, off }) => (off === undefined ? [] : [{ alias, provider: id }])),
    ),
    aliases: (catalog?.providers ?? []).flatMap(({ id, models }) =>
      models.map(({ alias, operation }) => ({ alias, provider: id, operation })),
    ),
    findings: (resolved === undefined ? compilation.diagnostics : assembly.diagnostics).map(findingOf),
    master_key: sources.variable("HEADGATE_API_KEY").from,
  };
}

export class Sources {
  /** What counts, by name. */
  readonly values: Readonly<Record<string, string>>;
  readonly #file: Readonly<Record<string, string>>;
  readonly #keys: Readonly<Record<string, string>>;
  readonly #shell: Readonly<Record<string, string | undefined>>;

  constructor({ variables, keys }: EnvFile, shell: Readonly<Record<string, string | undefined>>) {
    this.#file = variables;
    this.#shell = shell;
    this.#keys = keys;
    this.values = mergeEnvironment(variables, shell, undefined, keys).values;
  }

  variable(name: string): SettingsVariable {
    return { name, from: this.#sourceOf(name) };
  }

  #sourceOf(name: string): VariableSource {
    if (this.#keys[name] !== undefined) return "keys";
    if ((this.#shell[name]?.trim() ?? "") !== "") return "shell";
    return (this.#file[name]?.trim() ?? "") === "" ? "none" : "file";
  }
}

function nextKey(base: string, names: readonly string[]): string {
  for (let number = 2; ; number += 1) if (!names.includes(`${base}_${number}`)) return `${base}_${number}`;
}

const instanceNumbers = (prefix: string, values: Readonly<Record<string, string>>): number[] =>
  Object.keys(values).flatMap((name) => instanceNumber(prefix, name) ?? []);

function chainsOf({ resolved, overlayDir }: Assembly): SettingsChain[] {
  if (resolved === undefined) return [];
  const { catalog } = resolved;
  const own = {
    chains: ownNames(overlayDir, "fallbacks", "chains"),
    groups: ownNames(overlayDir, "groups", "groups"),
  };
  const operations = new Map(
    catalog.providers.flatMap(({ models }) =>
      models.map(({ alias, operation }) => [alias, operation] as const),
    ),
  );
  const groups = catalog.groups.map(
    ({ name, operation, members }): SettingsChain => ({
      name,
      kind: "group",
      operation,
      members,
      own: own.groups.has(name),
    }),
  );
  const chains = Object.entries(catalog.chains).map(
    ([name, members]): SettingsChain => ({
      name,
      kind: "chain",
      operation: operations.get(name) ?? "chat",
      members,
      own: own.chains.has(name),
    }),
  );
  return [...groups, ...chains];
}

function ownNames(overlayDir: string, file: string, section: string): Set<string> {
  try {
    const text = readText(`${overlayDir}/fallbacks/${file}.json`);
    const parsed = text === undefined ? {} : (JSON.parse(text) as Record<string, object>);
    return new Set(Object.keys(parsed[section] ?? {}));
  } catch {
    // The compiler reports a file that does not parse.
    return new Set();
  }
}

export const findingOf = ({ code, severity, message, fix, file, span }: Diagnostic): SettingsFinding => ({
  code,
  severity: severity === "error" ? "error" : "warning",
  message,
  fix,
  file,
  line: span?.start.line ?? null,
  variable: /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b(?==| |`|$)/.exec(message.replaceAll("`", " "))?.[0] ?? null,
});
