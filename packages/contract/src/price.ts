/** List prices, in US dollars. */

/** For a million tokens where nothing else is said; what is absent is unknown. */
export interface ModelPrice {
  readonly input?: number;
  readonly output?: number;
  readonly reasoning?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly inputAudio?: number;
  readonly inputImage?: number;
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

/** A price by which tokens can be reckoned. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

/** Undefined where tokens are not what is charged, or their price is not known. */
export const tokenPrice = (price: ModelPrice | undefined): TokenPrice | undefined =>
  price?.input === undefined ? undefined : { input: price.input, output: price.output ?? 0 };
