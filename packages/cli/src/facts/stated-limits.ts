/** The window or the longest answer that a refusal names, in tokens. */

/** How providers word the longest answer: OpenAI, Groq, Anthropic, DeepSeek, Gemini, Together. */
const ANSWER: readonly RegExp[] = [
  /supports at most (\d[\d,]*) (?:completion|output) tokens/i,
  /max_(?:completion_|output_|new_)?tokens[`'"]?\s*(?:must be|should be)?\s*(?:<=|less than or equal to|at most)\s*[`'"]?(\d[\d,]*)/i,
  /> (\d[\d,]*), which is the maximum allowed number of output tokens/i,
  /valid range of max_tokens is \[\d+, ?(\d[\d,]*)\]/i,
  /max(?:imum)?[ _]output[ _]tokens\D{0,40}(\d[\d,]*)/i,
];
/** From 1 (inclusive) to 65537 (exclusive). */
const EXCLUSIVE = /range is from \d+ \(inclusive\) to (\d[\d,]*) \(exclusive\)/i;
const WINDOW: readonly RegExp[] = [
  /maximum context length (?:is|of) (\d[\d,]*)/i,
  /`inputs` tokens \+ `max_new_tokens` must be <= (\d[\d,]*)/i,
  /context (?:size|window|length|limit)\D{0,30}(\d[\d,]*)/i,
];

export interface StatedLimits {
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
}

export function statedLimits(text: string): StatedLimits {
  const window = firstOf(WINDOW, text);
  if (window !== undefined) return { contextTokens: window };
  const exclusive = EXCLUSIVE.exec(text)?.[1];
  if (exclusive !== undefined) return { maxOutputTokens: numberOf(exclusive) - 1 };
  const answer = firstOf(ANSWER, text);
  return answer === undefined ? {} : { maxOutputTokens: answer };
}

function firstOf(patterns: readonly RegExp[], text: string): number | undefined {
  const found = patterns.map((pattern) => pattern.exec(text)?.[1]).find((figure) => figure !== undefined);
  return found === undefined ? undefined : numberOf(found);
}

const numberOf = (figure: string): number => Number(figure.replaceAll(",", ""));
