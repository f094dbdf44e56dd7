/** Reads what backends send. Their bytes are untrusted: a wrong type counts as absent. */

export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object; anything else counts as an empty one. */
export const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** `undefined`: not a list. */
export const list = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) ? value : undefined;

/** `undefined`: no text, or an empty one. */
export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** A count or a size. `undefined`: not a whole number from 0 on. */
export const count = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;

const MAX_WORDS = 300;

/**
 * The error that an answer states, fit for a log line: `error`, `error.message`, `detail`, or else the text itself.
 * The token is taken out, should a backend echo it.
 */
export function words(json: unknown, body: string, token: string | undefined): string {
  const { error, detail, message } = fields(json);
  const stated = text(error) ?? text(fields(error).message) ?? text(detail) ?? text(message) ?? body;
  const clean = (token === undefined || token === "" ? stated : stated.replaceAll(token, "***"))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed.
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .trim();
  return clean.length > MAX_WORDS ? `${clean.slice(0, MAX_WORDS)}…` : clean;
}
