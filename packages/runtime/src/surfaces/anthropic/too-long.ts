/**
 * "The prompt does not fit", in Anthropic's words. Claude Code knows two sentences: after the first it compacts the
 * conversation, after the second it sends the request again with a smaller max_tokens.
 */

const NUMBER = /\d[\d,_]*\d|\d/g;
const INPUT_AND_OUTPUT =
  /(\d[\d,]*) (?:tokens )?(?:from the input(?: messages)?|in the (?:input )?(?:messages|prompt))\D{0,40}?(\d[\d,]*) (?:tokens )?(?:for|in) the (?:completion|output)/i;
/** Where upstreams name the window. */
const LIMITS: readonly RegExp[] = [
  /maximum context length (?:is|of) (\d[\d,]*)/i,
  /(\d[\d,]*) maximum/i,
  /maximum (?:number of tokens|input length|prompt length)\D{0,30}(\d[\d,]*)/i,
  /context (?:size|window|length|limit)[^\d.]{0,30}(\d[\d,]*)/i,
];

const figure = (text: string): number => Number(text.replaceAll(/[,_]/g, ""));

/** @param message the gateway's message, with the upstream's words */
export function tooLongMessage(message: string): string {
  if (/prompt is too long: \d+ tokens > \d+ maximum/.test(message)) return message;
  const limit = LIMITS.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined);
  if (limit === undefined) return `prompt is too long: ${message}`;
  const maximum = figure(limit);
  const both = INPUT_AND_OUTPUT.exec(message);
  if (both?.[1] !== undefined && both[2] !== undefined) {
    const input = figure(both[1]);
    if (input < maximum) {
      return `input length and \`max_tokens\` exceed context limit: ${input} + ${figure(both[2])} > ${maximum}, decrease input length or \`max_tokens\` and try again (${message})`;
    }
  }
  // The size of the prompt is the smallest figure beyond the limit: a sum with the answer would be larger.
  const sizes = (message.match(NUMBER) ?? []).map(figure).filter((size) => size > maximum);
  if (sizes.length === 0) return `prompt is too long: ${message}`;
  return `prompt is too long: ${Math.min(...sizes)} tokens > ${maximum} maximum (${message})`;
}
