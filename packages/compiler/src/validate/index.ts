/** The validate stage: every loaded file against its schema. All violations are reported; what is sound goes on. */
import {
  type BaseModel,
  type ClientsFile,
  type Dialects,
  type Exchanges,
  type Fallbacks,
  type FragmentModel,
  type Groups,
  type LocalModelsFile,
  type ModelMap,
  type Policies,
  type ProviderFragment,
  present,
  type RetiredModels,
} from "@headgate/contract";
import type { Loaded } from "../load/files.ts";
import type { LoadedFile, LoadedFragment } from "../load/loaded.ts";
import type { Source } from "../load/source.ts";
import type { Plain } from "../load/tree.ts";
import type { Report } from "../report.ts";
import type { SchemaName } from "./check.ts";
import { salvage } from "./salvage.ts";
import type { Schemas } from "./schemas.ts";
import { type Violation, violations } from "./words.ts";

export interface ValidFragment {
  readonly id: string;
  readonly source: Source;
  readonly fields: Partial<Omit<ProviderFragment, "models">>;
  /** Models the schema accepts, with their position in the file. */
  readonly models: readonly { readonly model: FragmentModel; readonly index: number }[];
  /** Aliases in models or files that the schema or the parser refuses. */
  readonly hazy: readonly string[];
  /** Top-level fields of the file that are refused, wholly or in part. */
  readonly refused: ReadonlySet<string>;
  readonly off?: LoadedFragment["off"];
}

/** A file of models/. */
export interface ValidBase {
  readonly source: Source;
  /** Absent when the file cannot be read or its schema refuses it: then nothing is known of the model. */
  readonly value?: BaseModel;
}

export interface ValidRetired {
  readonly source: Source;
  readonly value: RetiredModels;
}

/** What proves a fragment's rules. */
export interface ValidExchanges {
  readonly source: Source;
  readonly value: Exchanges;
}

export interface Valid {
  readonly fragments: readonly ValidFragment[];
  readonly bases: ReadonlyMap<string, ValidBase>;
  /** By the provider's id. */
  readonly retired: ReadonlyMap<string, ValidRetired>;
  /** By the provider's id; undefined for a file that cannot be read or that its schema refuses. */
  readonly exchanges: ReadonlyMap<string, ValidExchanges | undefined>;
  readonly chains?: { readonly source: Source; readonly value: Fallbacks };
  readonly groups?: { readonly source: Source; readonly value: Groups };
  readonly modelMap?: { readonly source: Source; readonly value: ModelMap };
  readonly policies?: { readonly source: Source; readonly value: Policies };
  readonly dialects?: { readonly source: Source; readonly value: Dialects };
  readonly clients?: { readonly source: Source; readonly value: ClientsFile };
  readonly localModels?: { readonly source: Source; readonly value: LocalModelsFile };
}

export function validate(loaded: Loaded, schemas: Schemas, report: Report): Valid {
  const fragments = loaded.fragments.map(
    (fragment): ValidFragment => ({
      ...validFragment(fragment, schemas, report),
      ...present({ off: fragment.off }),
    }),
  );
  const bases = new Map<string, ValidBase>();
  for (const { id, ...file } of loaded.bases)
    bases.set(id, sound<BaseModel>(file, "base", schemas, report) ?? { source: file.source });
  const retired = new Map<string, ValidRetired>();
  for (const { id, ...file } of loaded.retired) {
    const valid = sound<RetiredModels>(file, "retired", schemas, report);
    if (valid !== undefined) retired.set(id, valid);
  }
  const exchanges = new Map<string, ValidExchanges | undefined>();
  for (const { id, ...file } of loaded.exchanges)
    exchanges.set(id, sound<Exchanges>(file, "exchanges", schemas, report));
  const chains = sound<Fallbacks>(loaded.chains, "fallbacks", schemas, report);
  const groups = sound<Groups>(loaded.groups, "groups", schemas, report);
  const modelMap = sound<ModelMap>(loaded.modelMap, "model-map", schemas, report);
  const policies = sound<Policies>(loaded.policies, "policies", schemas, report);
  const dialects = sound<Dialects>(loaded.dialects, "dialects", schemas, report);
  const clients = sound<ClientsFile>(loaded.clients, "clients", schemas, report);
  const localModels = sound<LocalModelsFile>(loaded.localModels, "local-models", schemas, report);
  return {
    fragments,
    bases,
    retired,
    exchanges,
    ...(chains === undefined ? {} : { chains }),
    ...(groups === undefined ? {} : { groups }),
    ...(modelMap === undefined ? {} : { modelMap }),
    ...(policies === undefined ? {} : { policies }),
    ...(dialects === undefined ? {} : { dialects }),
    ...present({ clients, localModels }),
  };
}

function check(
  source: Source,
  value: Plain,
  name: SchemaName,
  schemas: Schemas,
  report: Report,
): Violation[] {
  const found = violations(schemas.check(name, value));
  for (const { code, path, what, message, fix } of found) {
    report.add(code, source, { message, at: { path, what }, ...(fix === undefined ? {} : { fix }) });
  }
  return found;
}

function sound<T>(file: LoadedFile | undefined, name: SchemaName, schemas: Schemas, report: Report) {
  if (file?.value === undefined) return undefined;
  const { source, value } = file;
  if (!source.sound && check(source, value, name, schemas, report).length > 0) return undefined;
  return { source, value: value as unknown as T };
}

function validFragment(
  { id, source, value }: LoadedFragment,
  schemas: Schemas,
  report: Report,
): ValidFragment {
  if (value === undefined || value === null || typeof value !== "object" || Array.isArray(value)) {
    return { id, source, fields: {}, models: [], hazy: aliasesIn(source.text), refused: new Set() };
  }
  const found = source.sound ? [] : check(source, value, "provider", schemas, report);
  if (found.length === 0) {
    const { models, ...fields } = value as unknown as ProviderFragment;
    const whole = (models ?? []).map((model, index) => ({ model, index }));
    return { id, source, fields, models: whole, hazy: [], refused: new Set() };
  }
  const extra = found.filter(({ code }) => code === "HG201").map(({ path }) => path);
  const refused = found.filter(({ code }) => code !== "HG201").map(({ path }) => path);
  const { fields, lost } = salvage(value, refused, extra);
  // Of other lists than the models no part is kept: positions in it must stay those in the file.
  for (const name of lost.keys()) if (name !== "models") delete fields[name];
  const { models: list, ...rest } = fields;
  const models = (Array.isArray(list) ? list : []).flatMap((entry, index) =>
    lost.get("models")?.has(index) ? [] : [{ model: entry as unknown as FragmentModel, index }],
  );
  const known = new Set(models.map(({ model }) => model.alias));
  return {
    id,
    source,
    fields: rest as ValidFragment["fields"],
    models,
    hazy: aliasesIn(source.text).filter((alias) => !known.has(alias)),
    refused: new Set(
      refused.flatMap(([field]) => (typeof field === "string" && field in value ? [field] : [])),
    ),
  };
}

/** Aliases in a text that cannot be parsed: enough to know that a name is not a mistyped one. */
const aliasesIn = (text: string): string[] =>
  [...text.matchAll(/\balias["']?\s*:\s*["']?([A-Za-z0-9][A-Za-z0-9._:-]*)/g)].map(([, alias = ""]) => alias);
