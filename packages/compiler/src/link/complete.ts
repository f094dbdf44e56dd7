/** What a fragment need not write because it follows from the folder's name. */
import type { ProviderFragment } from "@headgate/contract";
import type { ValidFragment } from "../validate/index.ts";

type Auth = NonNullable<ProviderFragment["auth"]>;
type Scheme = Exclude<NonNullable<Auth["scheme"]>, "none">;

/** A fragment's fields without its models, with everything that it leaves to the defaults. */
export interface FullFields
  extends Omit<ProviderFragment, "models" | "flag" | "adapter" | "base_url" | "auth"> {
  readonly flag: string;
  readonly adapter: string;
  readonly base_url?: { readonly default?: string; readonly env: string };
  /** Absent: no key at all. */
  readonly auth?: Omit<Auth, "scheme" | "env"> & { readonly scheme: Scheme; readonly env: string };
}

export const DEFAULT_ADAPTER = "openai-compatible";

/** `ollama-cloud` → `OLLAMA_CLOUD` */
export const flagOf = (id: string): string => id.toUpperCase().replaceAll("-", "_");

/**
 * @param inProcess tells whether an adapter answers without an address and a key
 * @returns the fields that the schema accepts, with defaults for those that are not written
 */
export function complete(
  { id, fields, refused }: Pick<ValidFragment, "id" | "fields" | "refused">,
  inProcess: (adapter: string) => boolean,
): Partial<FullFields> {
  // Of a file that cannot be read nothing is known.
  if (Object.keys(fields).length === 0) return {};
  const { flag, adapter, base_url: address, auth, ...rest } = fields;
  const usual = flagOf(id);
  const named = adapter ?? (refused.has("adapter") ? undefined : DEFAULT_ADAPTER);
  const keyless =
    fields.instances !== undefined || refused.has("auth") || (named !== undefined && inProcess(named));
  return {
    ...rest,
    ...(flag === undefined && refused.has("flag") ? {} : { flag: flag ?? usual }),
    ...(named === undefined ? {} : { adapter: named }),
    ...(address === undefined ? {} : { base_url: addressOf(address, usual) }),
    ...authOf(auth ?? (keyless || fields.tier === "local" ? { scheme: "none" } : {}), usual),
  };
}

const addressOf = (
  address: NonNullable<ProviderFragment["base_url"]>,
  usual: string,
): NonNullable<FullFields["base_url"]> => {
  const env = `${usual}_BASE_URL`;
  if (typeof address === "string") return { default: address, env };
  const { default: official, env: own } = address;
  return { ...(official === undefined ? {} : { default: official }), env: own ?? env };
};

function authOf({ scheme = "bearer", env, ...auth }: Auth, usual: string): Pick<FullFields, "auth"> {
  return scheme === "none" ? {} : { auth: { ...auth, scheme, env: env ?? `${usual}_API_KEY` } };
}
