/** What the lints look at: all fragments, chains and groups, linked by alias; also when some of them are broken. */
import type {
  BaseModel,
  ClientsFile,
  Dialects,
  FragmentModel,
  Groups,
  LocalModelsFile,
  Model,
  ModelMap,
  Policies,
  ProviderFragment,
} from "@headgate/contract";
import type { InstalledAdapter } from "../load/adapters.ts";
import type { Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import type { ValidExchanges } from "../validate/index.ts";
import type { FullFields } from "./complete.ts";
import type { Chains } from "./ladders.ts";

/** A fragment's fields that the schema accepts; what it refuses is left out, so that one finding does not hide others. */
export type Salvaged = Partial<FullFields>;

/** A file of models/. */
export interface LinkedBase {
  readonly id: string;
  readonly source: Source;
  readonly value: BaseModel;
}

export interface LinkedModel {
  readonly fragment: LinkedFragment;
  readonly model: Model;
  /** `["models", 3]` */
  readonly path: Path;
  /** As the fragment writes it, without what its base states. */
  readonly written: FragmentModel;
  readonly base?: LinkedBase;
  /** The path of the overlay's file that switches it off. */
  readonly off?: string;
}

export interface LinkedFragment {
  readonly id: string;
  readonly source: Source;
  readonly fields: Salvaged;
  /** Top-level fields of the file that are refused, wholly or in part. They count as present. */
  readonly refused: ReadonlySet<string>;
  readonly models: readonly LinkedModel[];
  /** Models whose base is not there, with the base's name. */
  readonly baseless: readonly { readonly path: Path; readonly base: string }[];
  /** How many of `models`, the last ones, stand in its file of retired ones. */
  readonly retiredCount: number;
  /** Set when the fragment names an installed adapter. */
  readonly adapter?: InstalledAdapter;
}

/** A place outside fragments that names an alias. */
export interface Mention {
  readonly name: string;
  readonly source: Source;
  readonly path: Path;
}

/** An alias that was renamed in its fragment alone. */
export interface Rename {
  readonly was: string;
  readonly model: LinkedModel;
  readonly mentions: readonly Mention[];
}

export interface Workspace {
  readonly root: string;
  /** ISO 8601. A day that lies ahead anywhere on earth is no day of a source. */
  readonly today: string;
  /** Sorted by id. */
  readonly fragments: readonly LinkedFragment[];
  /** The model of each alias; where several have it, the one named after its provider, else the first. */
  readonly aliases: ReadonlyMap<string, LinkedModel>;
  /** Aliases of models that the schema refuses: they exist, and nothing more is known about them. */
  readonly hazy: ReadonlySet<string>;
  /** True when a fragment could not be read at all: it may define any alias, so unknown aliases are not reported. */
  readonly blind: boolean;
  /** Aliases that other files still call otherwise; the old names are among `hazy`. */
  readonly renames: readonly Rename[];
  /** Sound files of models/, sorted by id. */
  readonly bases: readonly LinkedBase[];
  readonly adapters: ReadonlyMap<string, InstalledAdapter>;
  /** Exchanges by provider; undefined where they cannot be read. Empty for an installed catalogue, which has none. */
  readonly exchanges: ReadonlyMap<string, ValidExchanges | undefined>;
  /** Present when the file is there and sound. */
  readonly chains?: Chains;
  readonly groups?: { readonly source: Source; readonly value: Groups };
  readonly modelMap?: { readonly source: Source; readonly value: ModelMap };
  readonly policies?: { readonly source: Source; readonly value: Policies };
  readonly dialects?: { readonly source: Source; readonly value: Dialects };
  /** The overlay's own list of clients. */
  readonly clients?: { readonly source: Source; readonly value: ClientsFile };
  /** What the overlay wants of local models. */
  readonly localModels?: { readonly source: Source; readonly value: LocalModelsFile };
  /** Every file that was read, for lints that look at text. */
  readonly sources: readonly Source[];
}

/** A model's tier: its own, else its provider's. */
export const tierOf = ({ model, fragment }: LinkedModel): ProviderFragment["tier"] | undefined =>
  model.tier ?? fragment.fields.tier;

/** True when the provider's adapter serves the model's operation. */
export const isServed = ({ model, fragment }: LinkedModel): boolean =>
  fragment.adapter?.operations.includes(model.operation) ?? false;

/** True for an alias that begins with its provider's id. Where two clash, it is the other that slipped. */
export const isNamesake = ({ model, fragment }: LinkedModel): boolean =>
  model.alias.startsWith(`${fragment.id}-`);
