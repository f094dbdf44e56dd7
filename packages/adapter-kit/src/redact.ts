/** Makes an upstream's message safe to show: one bounded line without anything that looks like a key. */

/** Longest message that leaves the gateway, in characters. */
export const MAX_MESSAGE_CHARS = 300;

const MASK = "[redacted]";

/** Prefixes that providers give their keys, and the words before one. */
const KNOWN =
  /\b(?:sk|pk|rk|gsk|csk|xai|hf|r8|nvapi|ghp|gho|github_pat|AIza|tgp|fw|sess)[-_][A-Za-z0-9._*-]{4,}/g;
const GOOGLE = /\bAIza[A-Za-z0-9_-]{6,}/g;
const AFTER_WORD =
  /\b(bearer|authorization:?|x-api-key:?|api[ _-]?key(?: provided)?:|token:)\s+(?:bearer\s+)?["']?[A-Za-z0-9._~+/=*-]{4,}/gi;
/** A long run of letters and digits mixed; words, dotted model names and paths have no such run. */
const LONG = /[A-Za-z0-9_+/=-]{20,}/g;

const looksRandom = (run: string): boolean => {
  const digits = run.replace(/[^0-9]/g, "").length;
  const letters = run.replace(/[^A-Za-z]/g, "").length;
  if (run.length >= 32 && digits >= 4 && letters >= 4 && !/[-/]/.test(run)) return true;
  const words = run.split(/[-_/]/);
  return words.some((word) => word.length >= 16 && /[0-9]/.test(word) && /[A-Za-z]/.test(word));
};

/** Before an id of a request, and what such ids begin with. */
const REQUEST_ID = /request[ _-]?id\W{0,4}$/i;
const ID = /^(?:req|resp|msg|chatcmpl|gen|run|call|toolu)[-_]/;

/** @param known ids of requests, models and providers, which are no secrets however random they look */
export function redact(text: string, known: readonly string[] = []): string {
  const isId = (run: string, at: number, whole: string): boolean =>
    ID.test(run) ||
    known.some((id) => id.includes(run)) ||
    REQUEST_ID.test(whole.slice(Math.max(0, at - 16), at));
  return text
    .replace(AFTER_WORD, (_match, word: string) => `${word} ${MASK}`)
    .replace(KNOWN, MASK)
    .replace(GOOGLE, MASK)
    .replace(LONG, (run, at: number, whole: string) =>
      looksRandom(run) && !isId(run, at, whole) ? MASK : run,
    );
}

/** One line of at most `MAX_MESSAGE_CHARS`, redacted. */
export function tidyMessage(text: string, known?: readonly string[]): string {
  // Cut before the patterns run, so that a hostile body costs little; cut again because masks differ in length.
  const bounded = text.slice(0, 4 * MAX_MESSAGE_CHARS);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters.
  const line = redact(bounded.replace(/[\s\u0000-\u001f\u007f]+/g, " ").trim(), known);
  return line.length <= MAX_MESSAGE_CHARS ? line : `${line.slice(0, MAX_MESSAGE_CHARS - 1)}…`;
}

const MAX_CODE_CHARS = 100;

/** An upstream's name of an error; undefined for one that may hold a key. */
export function tidyCode(code: string | undefined, known?: readonly string[]): string | undefined {
  if (code === undefined) return undefined;
  const line = tidyMessage(code.slice(0, MAX_CODE_CHARS), known);
  return line === "" || line.includes(MASK) ? undefined : line;
}
