/** List prices, in US dollars, and what a request costs by them. */
import type { Usage } from "./chat.ts";
import type { Operation } from "./fragment.ts";

/** What a million tokens cost. */
export interface TokenRates {
  readonly input: number;
  readonly output: number;
  readonly reasoning?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly inputAudio?: number;
  readonly inputImage?: number;
}

/** The rates of a call whose whole prompt has more tokens than this. */
export interface PriceTier extends TokenRates {
  readonly aboveTokens: number;
}

/** For a million tokens where nothing else is said; what is absent is unknown. */
export interface ModelPrice extends Partial<TokenRates> {
  /** Dearer rates of long prompts, the lowest threshold first. */
  readonly tiers?: readonly PriceTier[];
  readonly outputAudio?: number;
  readonly outputImage?: number;
  /** For one picture. */
  readonly image?: number;
  /** For one picture, by `<quality>` or `<quality>/<width>x<height>`. */
  readonly imageByQuality?: Readonly<Record<string, number>>;
  /** For a minute of sound. */
  readonly minute?: number;
  /** For a million characters that are spoken. */
  readonly millionCharacters?: number;
  /** For one query. */
  readonly query?: number;
}

/** What a request takes besides tokens, as far as its price needs it. */
export interface ChargedUnits {
  readonly images?: number;
  /** Of the pictures, as the client names it; absent: the API's default. */
  readonly quality?: string;
  readonly size?: string;
  /** Characters of text that is spoken. */
  readonly characters?: number;
  /** Bytes of sound, from which a bound on its length follows. */
  readonly soundBytes?: number;
  readonly queries?: number;
}

/** A price by which tokens can be reckoned. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

/** Undefined where tokens are not what is charged, or their price is not known. */
export const tokenPrice = (price: ModelPrice | undefined): TokenPrice | undefined =>
  price?.input === undefined
    ? undefined
    : { input: price.input, output: price.output ?? price.outputImage ?? price.outputAudio ?? 0 };

/** A price is in US dollars for a million tokens, so one token costs that many micro-dollars. */
const NANO_PER_TOKEN = 1_000;
const NANO = 1_000_000_000;

/**
 * A call at list price, in nano-dollars (10⁻⁹ USD), so that sums are exact.
 * @param usage what the upstream counted
 * @returns undefined where a part of the price is not known
 */
export function listNanoUsd(
  price: ModelPrice | undefined,
  usage: Usage | undefined,
  units?: ChargedUnits,
): number | undefined {
  if (price === undefined) return undefined;
  if (usage !== undefined && price.input !== undefined) return tokensNanoUsd(price, usage);
  const usd = unitsUsd(price, usage?.soundS, units);
  return usd === undefined ? undefined : Math.round(usd * NANO);
}

function tokensNanoUsd(price: ModelPrice, usage: Usage): number | undefined {
  const { inputTokens, outputTokens, cachedInputTokens: cached = 0 } = usage;
  const { cacheWriteInputTokens: written = 0, reasoningTokens: thought = 0 } = usage;
  const rates = price.tiers?.findLast(({ aboveTokens }) => inputTokens > aboveTokens) ?? price;
  const { input = 0, output = tokenPrice(price)?.output ?? 0 } = rates;
  const { cacheRead = input, cacheWrite = input, reasoning = output } = rates;
  const { inputAudio = input, inputImage = input } = rates;
  const heard = Math.min(usage.audioInputTokens ?? 0, inputTokens);
  const seen = Math.min(usage.imageInputTokens ?? 0, inputTokens - heard);
  const micro =
    Math.max(0, inputTokens - cached - written - heard - seen) * input +
    cached * cacheRead +
    written * cacheWrite +
    heard * inputAudio +
    seen * inputImage +
    Math.max(0, outputTokens - thought) * output +
    Math.min(outputTokens, thought) * reasoning;
  return Math.round(micro * NANO_PER_TOKEN);
}

/** OpenAI's defaults: https://platform.openai.com/docs/api-reference/images/create */
const DEFAULT_QUALITY = "standard";
const DEFAULT_SIZE = "1024x1024";

function unitsUsd(
  price: ModelPrice,
  soundS: number | undefined,
  units: ChargedUnits | undefined,
): number | undefined {
  const { minute, millionCharacters, query } = price;
  if (minute !== undefined && soundS !== undefined) return (soundS / 60) * minute;
  if (millionCharacters !== undefined && units?.characters !== undefined)
    return (units.characters * millionCharacters) / 1e6;
  if (query !== undefined && units?.queries !== undefined) return units.queries * query;
  const picture = units?.images === undefined ? undefined : pictureUsd(price, units);
  return picture === undefined ? undefined : picture * (units?.images ?? 1);
}

function pictureUsd({ image, imageByQuality = {} }: ModelPrice, units: ChargedUnits): number | undefined {
  const { quality = DEFAULT_QUALITY, size = DEFAULT_SIZE } = units;
  const named = [`${quality}/${size}`, quality].find((kind) => Object.hasOwn(imageByQuality, kind));
  if (named !== undefined) return imageByQuality[named];
  // `auto`, or a kind that the price does not name: only a price of all kinds would tell.
  return Object.keys(imageByQuality).length === 0 || units.quality === undefined ? image : undefined;
}

/** No coding of speech is poorer: 8 kbit/s. */
const LEAST_BYTES_PER_S = 1_000;

/** The most that a request's units can cost, in dollars, for a reservation; 0 where the price has none for them. */
export function mostUnitsUsd(price: ModelPrice | undefined, units: ChargedUnits | undefined): number {
  if (price === undefined || units === undefined) return 0;
  const { soundBytes, images } = units;
  if (images !== undefined) {
    const kinds = [price.image ?? 0, ...Object.values(price.imageByQuality ?? {})];
    return images * (pictureUsd(price, units) ?? Math.max(...kinds));
  }
  const soundS = soundBytes === undefined ? undefined : soundBytes / LEAST_BYTES_PER_S;
  return unitsUsd(price, soundS, units) ?? 0;
}

/** Whether a call of the operation can be reckoned by the price. */
export function isPriced(price: ModelPrice | undefined, operation: Operation): boolean {
  if (price === undefined) return false;
  if (price.input !== undefined) return true;
  switch (operation) {
    case "image":
      return price.image !== undefined || price.imageByQuality !== undefined;
    case "speech":
      return price.millionCharacters !== undefined;
    case "transcription":
      return price.minute !== undefined;
    case "rerank":
      return price.query !== undefined;
    default:
      return false;
  }
}
