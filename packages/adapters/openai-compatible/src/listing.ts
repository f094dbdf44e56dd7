/**
 * `GET /models`, in OpenAI's form (https://platform.openai.com/docs/api-reference/models/list) and with the
 * additions of others: OpenRouter and Hugging Face `architecture`, `pricing`, `supported_parameters`; Groq `active`,
 * `context_window`; Mistral `capabilities`, `max_context_length`, `aliases`; Together a bare list with `type`; vLLM
 * `max_model_len`; talkies `modality`. Prices for a token: OpenRouter, Kilo, SambaNova
 * (https://docs.sambanova.ai/cloud/api-reference/endpoints/model-list); for a million: Together
 * (https://docs.together.ai/reference/models-1), DeepInfra under `metadata`, Chutes under `price`.
 */
import {
  asArray,
  asObject,
  asText,
  asTexts,
  capabilitiesOf,
  firstTokens,
  isObject,
  type ListedModel,
  listingRoute,
} from "@headgate/adapter-kit";
import {
  type Capability,
  type JsonObject,
  type JsonValue,
  type Operation,
  present,
} from "@headgate/contract";

export const LISTING = listingRoute({
  route: "models",
  cursor: "after",
  entries: entriesOf,
  // OpenAI's other lists continue in this way; its list of models is one page today.
  next(document) {
    const page = asObject(document);
    if (page?.has_more !== true) return undefined;
    return asText(page.last_id) ?? asText(asObject(entriesOf(document)?.at(-1))?.id);
  },
  retired: (entry) => entry.active === false,
  facts: (entry) => ({
    id: asText(entry.id),
    alsoNamed: asTexts(entry.aliases),
    operations: operationsOf(entry),
    price: priceOf(entry.pricing),
    rates: ratesOf(entry),
    contextTokens: firstTokens(
      entry.context_length,
      entry.context_window,
      entry.max_context_length,
      entry.max_model_len,
      entry.max_input_tokens,
      asObject(entry.metadata)?.context_length,
    ),
    maxOutputTokens: firstTokens(
      asObject(entry.top_provider)?.max_completion_tokens,
      entry.max_completion_tokens,
      entry.max_output_tokens,
      asObject(entry.metadata)?.max_tokens,
    ),
    capabilities: claimsOf(entry),
  }),
});

function entriesOf(document: JsonValue | undefined): readonly JsonValue[] | undefined {
  const page = asObject(document);
  return asArray(document) ?? asArray(page?.data) ?? asArray(page?.models);
}

/** A list's name for a kind of model → its operations; empty: the gateway has none for it. */
const KINDS: Readonly<Record<string, readonly Operation[]>> = {
  chat: ["chat"],
  embedding: ["embedding"],
  embeddings: ["embedding"],
  rerank: ["rerank"],
  moderation: ["moderation"],
  image: ["image"],
  image_generation: ["image"],
  stt: ["transcription"],
  transcribe: ["transcription"],
  transcription: ["transcription"],
  audio_transcription: ["transcription"],
  tts: ["speech"],
  speech: ["speech"],
  audio_speech: ["speech"],
  language: [],
  completion: [],
  video: [],
  audio: [],
};

function operationsOf(entry: JsonObject): readonly Operation[] | undefined {
  const outputs = asTexts(asObject(entry.architecture)?.output_modalities);
  if (outputs !== undefined) {
    const [first = ""] = outputs;
    return outputs.includes("text") ? ["chat"] : outputs.length === 1 ? (operationsFor(first) ?? []) : [];
  }
  const chats = asObject(entry.capabilities)?.completion_chat;
  if (typeof chats === "boolean") return chats ? ["chat"] : [];
  return operationsFor(entry.type) ?? operationsFor(entry.mode) ?? operationsFor(entry.modality);
}

const operationsFor = (name: unknown): readonly Operation[] | undefined =>
  typeof name === "string" && Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;

/** OpenRouter's `?free_only=true` is no reliable filter; the fields are. Prices come as texts or as numbers. */
function priceOf(pricing: unknown): ListedModel["price"] {
  if (!isObject(pricing)) return undefined;
  const prices = [pricing.prompt, pricing.completion].map(amountOf);
  if (prices.includes(undefined)) return undefined;
  return prices.every((price) => price === 0) ? "free" : "paid";
}

const MILLION = 1_000_000;
/** Dollars for a million tokens: nothing costs more, so a greater figure has another unit. */
const MOST_USD = 1_000;

function ratesOf(entry: JsonObject): ListedModel["rates"] {
  const perToken = asObject(entry.pricing);
  const perMillion = asObject(asObject(entry.metadata)?.pricing);
  const dollars = asObject(entry.price);
  if (isObject(dollars?.input))
    return ratesIn(
      [dollars.input.usd, asObject(dollars.output)?.usd],
      [asObject(dollars.input_cache_read)?.usd],
      1,
    );
  if (perMillion !== undefined)
    return ratesIn([perMillion.input_tokens, perMillion.output_tokens], [perMillion.cache_read_tokens], 1);
  if (perToken?.prompt !== undefined)
    return ratesIn(
      [perToken.prompt, perToken.completion],
      [perToken.input_cache_read, perToken.input_cache_write],
      MILLION,
    );
  return perToken?.input === undefined
    ? undefined
    : ratesIn([perToken.input, perToken.output], [perToken.cached_input], 1);
}

/** Undefined where one of the two is missing, negative (a price that varies) or of another unit. */
function ratesIn(main: readonly unknown[], cached: readonly unknown[], factor: number): ListedModel["rates"] {
  const rate = (value: unknown): number | undefined => {
    const amount = amountOf(value);
    const usd = amount === undefined ? undefined : Number((amount * factor).toPrecision(10));
    return usd === undefined || usd < 0 || usd > MOST_USD ? undefined : usd;
  };
  const [input, output] = main.map(rate);
  if (input === undefined || output === undefined) return undefined;
  const [cacheRead, cacheWrite] = cached.map((value) => rate(value) || undefined);
  return { input, output, ...present({ cacheRead, cacheWrite }) };
}

function amountOf(price: unknown): number | undefined {
  if (typeof price === "string" && price.trim() === "") return undefined;
  const amount = typeof price === "number" || typeof price === "string" ? Number(price) : Number.NaN;
  return Number.isFinite(amount) ? amount : undefined;
}

function claimsOf(entry: JsonObject): readonly Capability[] | undefined {
  const inputs = asTexts(asObject(entry.architecture)?.input_modalities);
  const parameters = asTexts(entry.supported_parameters);
  if (inputs !== undefined || parameters !== undefined) {
    return capabilitiesOf({
      vision: inputs?.includes("image") === true,
      tools: parameters?.includes("tools") === true,
      json:
        parameters?.includes("response_format") === true ||
        parameters?.includes("structured_outputs") === true,
      reasoning: parameters?.includes("reasoning") === true,
      "audio-input": inputs?.includes("audio") === true,
    });
  }
  const claims = asObject(entry.capabilities);
  if (typeof claims?.completion_chat !== "boolean") return undefined;
  return capabilitiesOf({ vision: claims.vision === true, tools: claims.function_calling === true });
}
