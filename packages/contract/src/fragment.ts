/** Short names for the types that json-schema-to-typescript writes from `schemas/` (see `generated/schema.ts`). */
import type {
  DataPolicy as DataPolicySchema,
  ErrorRule as ErrorRuleSchema,
  Groups,
  Limit as LimitSchema,
  Model as ModelSchema,
  Operation as OperationSchema,
  Price as PriceSchema,
  PriceTier as PriceTierSchema,
  ProviderFragment,
  Retirement as RetirementSchema,
} from "./generated/schema.ts";

export type {
  AdapterManifest,
  BaseModel,
  ClientsFile,
  DialectRules,
  Dialects,
  Exchanges,
  Fallbacks,
  Groups,
  LocalModelsFile,
  Model as FragmentModel,
  ModelMap,
  Policies,
  ProviderFragment,
  RetiredModels,
} from "./generated/schema.ts";
/** A model with what its base states. */
export type Model = Omit<ModelSchema, "base" | "departs" | "lacks" | "operation" | "rates" | "upstream"> & {
  readonly operation: OperationSchema;
  readonly upstream: string;
};
/** Dearer rates of long prompts. */
export type PriceTierFields = PriceTierSchema;
/** The list price, in US dollars. */
export type Price = PriceSchema;
/** When a model came to its end at a provider, who says so, and what replaces it. */
export type Retirement = RetirementSchema;
/** What a provider does with prompts and answers. */
export type DataPolicy = DataPolicySchema;
export type ErrorRule = ErrorRuleSchema;
export type Limit = LimitSchema;
export type Operation = OperationSchema;
/** How the members of a group are ordered for a request. */
export type Strategy = NonNullable<NonNullable<Groups["groups"][string]>["strategy"]>;
export type Tier = ProviderFragment["tier"];
/** A known fault of a provider. */
export type ProviderCondition = NonNullable<ProviderFragment["status"]>;
export type AuthScheme = Exclude<NonNullable<ProviderFragment["auth"]>["scheme"], "none" | undefined>;
export type Capability = NonNullable<Model["capabilities"]>[number];
export type LocalDriver = NonNullable<ProviderFragment["local"]>["driver"];
/** How a local backend is started. */
export type BringUpWay = NonNullable<NonNullable<ProviderFragment["local"]>["bring_up"]>["default"];
