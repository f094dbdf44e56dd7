/**
 * Load options in a request's `options`: with others than the residency has, Ollama reloads the model. The runtime gets
 * those that the client chose, so that the residency is loaded, and its memory counted, before the request is sent.
 */
import { dialectOf, EncodeError, isObject, type LoadOptions, type Target } from "@headgate/adapter-kit";
import {
  type Dialect,
  type JsonObject,
  type JsonValue,
  type LoadOption,
  loadOptionLack,
  OLLAMA_LOAD_OPTIONS,
} from "@headgate/contract";

/**
 * The options to send, and the load options among them that the client chose. The fragment's override the client's.
 * @throws {EncodeError} for a load option of the client's that no residency can be loaded with
 */
export function withLoadOptions(
  own: JsonObject,
  { deployment: { memory } }: Target,
): { readonly options: JsonObject; readonly chosen: LoadOptions | undefined } {
  // Headgate does not load this model, so the client's options pass.
  if (memory === undefined) return { options: own, chosen: undefined };
  let chosen: Record<string, number | boolean> | undefined;
  for (const name in own) {
    const kind = Object.hasOwn(OLLAMA_LOAD_OPTIONS, name) ? OLLAMA_LOAD_OPTIONS[name] : undefined;
    const value = own[name];
    // Null means absent, as in Ollama.
    if (kind === undefined || value === null || Object.hasOwn(memory.options, name)) continue;
    chosen ??= {};
    chosen[name] = checked(name, value, kind);
  }
  return { options: { ...own, ...memory.options }, chosen };
}

function checked(name: string, value: JsonValue | undefined, kind: LoadOption): number | boolean {
  const lack = loadOptionLack(kind, value);
  if (lack === undefined) return value as number | boolean;
  const at = `options.${name}`;
  const without = kind === "flag" ? "" : "; without it the model is loaded as it is configured";
  throw new EncodeError(`${at} must be ${lack}, not ${shown(value)}${without}`, at);
}

const shown = (value: JsonValue | undefined): string => (JSON.stringify(value) ?? "nothing").slice(0, 40);

/**
 * The provider's dialect for this body. A client cannot set how long a model that Headgate loads stays: with a
 * `keep_alive` of 0 Ollama would unload it while others use it.
 */
export function dialectFor(target: Target, json: JsonObject): Dialect {
  const dialect = dialectOf(target);
  return target.deployment.memory === undefined || !Object.hasOwn(json, KEEP_ALIVE)
    ? dialect
    : { ...dialect, drop: [...dialect.drop, KEEP_ALIVE] };
}

const KEEP_ALIVE = "keep_alive";

/** Go ignores the case of field names, and these fields decide what is loaded. */
const DECIDING = ["model", "options", KEEP_ALIVE] as const;
const DECIDES = new RegExp(`^(?:${DECIDING.join("|")})$`, "iu");

/**
 * `options` of a body that passes through: undefined where it passes unchanged.
 * @throws {EncodeError} for options that Ollama would read differently
 */
export function nativeOptions(
  json: JsonObject,
  target: Target,
): ReturnType<typeof withLoadOptions> | undefined {
  const { memory } = target.deployment;
  if (memory === undefined) return undefined;
  for (const name in json) {
    if (!DECIDES.test(name) || DECIDING.some((meant) => meant === name)) continue;
    const meant = DECIDING.find((one) => one[0] === name[0]?.toLowerCase()) ?? name;
    throw new EncodeError(`${name} must be written ${meant}: Ollama takes it for that`, name);
  }
  const { options } = json;
  if (options !== undefined && options !== null && !isObject(options))
    throw new EncodeError(`options must be an object, not ${shown(options)}`, "options");
  // Set again where present: of two members of one name Ollama merges both, and only the last was read here.
  if (options === undefined && Object.keys(memory.options).length === 0) return undefined;
  return withLoadOptions(options ?? {}, target);
}
