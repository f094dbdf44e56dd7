/**
 * Load options in a request's `options`: with others than the residency has, Ollama reloads the model. The runtime gets
 * those that the client chose, so that the residency is loaded, and its memory counted, before the request is sent.
 */
import { dialectOf, EncodeError, isObject, type LoadOptions, type Target } from "@headgate/adapter-kit";
import {
  type Dialect,
  DRIVERS,
  type JsonObject,
  type JsonValue,
  type LoadOption,
  loadOptionLack,
  OLLAMA_LOAD_OPTIONS,
} from "@headgate/contract";

export interface LoadedWith {
  /** What is sent. */
  readonly options: JsonObject;
  /** The load options in it that the fragment does not fix; undefined: none. */
  readonly chosen: LoadOptions | undefined;
  /** Its context is the gateway's choice. */
  readonly grown: boolean;
}

/**
 * The options to send. The fragment's override the client's, and where neither names a context, one that holds the prompt
 * is chosen if the usual one does not.
 * @throws {EncodeError} for a load option of the client's that no residency can be loaded with, and for a prompt that does
 * not fit a context that is fixed
 */
export function withLoadOptions(own: JsonObject, target: Target): LoadedWith {
  const { memory } = target.deployment;
  // Headgate does not load this model, so the client's options pass.
  if (memory === undefined) return { options: own, chosen: undefined, grown: false };
  let chosen: Record<string, number | boolean> | undefined;
  for (const name in own) {
    const kind = Object.hasOwn(OLLAMA_LOAD_OPTIONS, name) ? OLLAMA_LOAD_OPTIONS[name] : undefined;
    const value = own[name];
    // Null means absent, as in Ollama.
    if (kind === undefined || value === null || Object.hasOwn(memory.options, name)) continue;
    chosen ??= {};
    chosen[name] = checked(name, value, kind);
  }
  const options = { ...own, ...memory.options };
  const num_ctx = contextFor(options.num_ctx ?? undefined, target);
  if (num_ctx === undefined) return { options, chosen, grown: false };
  return { options: { ...options, num_ctx }, chosen: { ...chosen, num_ctx }, grown: true };
}

/** The tokens of a context without `num_ctx`. */
const USUAL_TOKENS = DRIVERS.ollama.contextTokens ?? 4096;
/** Room for an answer whose length the client did not limit. */
const ANSWER_TOKENS = 1024;
/** The prompt's tokens are an estimate, which may be too low by this part. */
const MARGIN = 1.15;

/**
 * The context that the gateway chooses, a power of two so that few residencies come of it; undefined: none.
 * @throws {EncodeError} where the prompt does not fit one that is fixed: Ollama would cut it without a word
 */
function contextFor(fixed: JsonValue | undefined, { size, deployment }: Target): number | undefined {
  if (size === undefined) return undefined;
  const { promptTokens, answerTokens = ANSWER_TOKENS, grownTokens } = size;
  if (typeof fixed === "number") {
    if (promptTokens <= fixed * MARGIN) return undefined;
    const message = `about ${Math.ceil(promptTokens)} tokens do not fit the context of ${fixed} (num_ctx)`;
    throw new EncodeError(message, "options.num_ctx", true);
  }
  const { contextTokens } = deployment;
  if (fixed !== undefined || contextTokens === undefined || contextTokens <= USUAL_TOKENS) return undefined;
  const needed = promptTokens * MARGIN + Math.min(answerTokens, USUAL_TOKENS);
  if (needed <= USUAL_TOKENS && grownTokens === 0) return undefined;
  const step = 2 ** Math.ceil(Math.log2(Math.max(needed, USUAL_TOKENS)));
  return Math.min(Math.max(step, grownTokens), contextTokens);
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
export function nativeOptions(json: JsonObject, target: Target): LoadedWith | undefined {
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
  const loaded = withLoadOptions(options ?? {}, target);
  return options === undefined && Object.keys(loaded.options).length === 0 ? undefined : loaded;
}
