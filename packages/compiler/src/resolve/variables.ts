/** Variables that nothing reads, and options with values that cannot be used. */
import {
  type Catalog,
  type Environment,
  instanceNumber,
  keyOfVariable,
  OPTIONS,
  readOptions,
} from "@headgate/contract";
import { suggest } from "../suggest.ts";
import type { EnvironmentReport } from "./env-report.ts";

const OPTION_NAMES: ReadonlySet<string> = new Set(Object.values(OPTIONS).map((option) => option.env));

export function reportOptions({ values }: Environment, report: EnvironmentReport): void {
  for (const { env, message } of readOptions(values).problems)
    report.add("HG511", env, { message: `\`${env}\` ${message}.` });
  for (const name of Object.keys(values)) {
    if (!name.startsWith("HEADGATE_") || OPTION_NAMES.has(name)) continue;
    const meant = suggest(name, OPTION_NAMES);
    report.add("HG510", name, {
      message: `\`${name}\` is no option.`,
      ...(meant === undefined ? {} : { fix: `Did you mean \`${meant}\`?` }),
    });
  }
}

/** A name in .env that is one slip away from a known one. The shell is full of strangers, so only the file is looked at. */
export function reportStrangers(catalog: Catalog, { values }: Environment, report: EnvironmentReport): void {
  const known = knownVariables(catalog);
  for (const name of report.variablesInFile) {
    if (values[name] === undefined || name.startsWith("HEADGATE_")) continue;
    if (catalog.providers.some(({ instances }) => instances && instanceNumber(instances.prefix, name)))
      continue;
    if (
      [name, keyOfVariable(name)].some((one) => known.has(one) || known.has(one.replace(/_[1-9][0-9]?$/, "")))
    )
      continue;
    const meant = suggest(name, known);
    if (meant === undefined || values[meant] !== undefined) continue;
    report.add("HG512", name, { message: `Nothing reads \`${name}\`.`, fix: `Did you mean \`${meant}\`?` });
  }
}

function knownVariables({ providers }: Catalog): Set<string> {
  const known = new Set<string>();
  for (const { flag, auth, baseUrl, modelsEnv, local, plans } of providers) {
    for (const name of [
      flag,
      auth?.env,
      baseUrl?.env,
      modelsEnv,
      local?.bringUp?.env,
      plans?.env,
      ...(auth?.mistaken ?? []),
    ]) {
      if (name !== undefined) known.add(name);
    }
  }
  return known;
}
