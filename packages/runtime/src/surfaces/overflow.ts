/**
 * "The prompt does not fit", in the words of each surface's own provider: clients recognise an overflow by these words
 * alone, and then shorten the conversation. Each keeps the gateway's message, with the upstream's words, in brackets.
 */
import type { ClientError } from "../http/client-error.ts";

const NUMBER = /\d[\d,_]*\d|\d/g;
const INPUT_AND_OUTPUT =
  /(\d[\d,]*) (?:tokens )?(?:from the input(?: messages)?|in the (?:input )?(?:messages|prompt))\D{0,40}?(\d[\d,]*) (?:tokens )?(?:for|in) the (?:completion|output)/i;
/** Where upstreams name the window. */
const LIMITS: readonly RegExp[] = [
  /maximum context length (?:is|of) (\d[\d,]*)/i,
  /(\d[\d,]*) maximum/i,
  /maximum (?:number of tokens|input length|prompt length)\D{0,30}(\d[\d,]*)/i,
  /token limit\D{0,5}(\d[\d,]*)/i,
  /max_new_tokens`? must be <= (\d[\d,]*)/i,
  /window of (\d[\d,]*)/i,
  /context (?:size|window|length|limit)[^\d.]{0,30}(\d[\d,]*)/i,
];

const figure = (text: string): number => Number(text.replaceAll(/[,_]/g, ""));

interface Overflow {
  /** The model's window, in tokens. */
  readonly limit?: number;
  /** The prompt's size, in tokens. */
  readonly size?: number;
  /** Set where prompt and answer do not fit together, though the prompt alone does. */
  readonly together?: { readonly input: number; readonly output: number };
}

/** The figures in a message; the deployment's window where the words have none. */
function overflowIn({ message, contextTokens }: Pick<ClientError, "message" | "contextTokens">): Overflow {
  const named = LIMITS.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined);
  const limit = named === undefined ? contextTokens : figure(named);
  if (limit === undefined) return {};
  const both = INPUT_AND_OUTPUT.exec(message);
  if (both?.[1] !== undefined && both[2] !== undefined && figure(both[1]) < limit)
    return { limit, together: { input: figure(both[1]), output: figure(both[2]) } };
  // The size of the prompt is the smallest figure beyond the limit: a sum with the answer would be larger.
  const sizes = (message.match(NUMBER) ?? []).map(figure).filter((size) => size > limit);
  return sizes.length === 0 ? { limit } : { limit, size: Math.min(...sizes) };
}

type OverflowError = Pick<ClientError, "message" | "contextTokens">;

/** Claude Code knows two sentences: after the first it compacts, after the second it lowers max_tokens. */
export function anthropicOverflow(error: OverflowError): string {
  const { message } = error;
  if (/prompt is too long: \d+ tokens > \d+ maximum/.test(message)) return message;
  const { limit, size, together } = overflowIn(error);
  if (together !== undefined)
    return `input length and \`max_tokens\` exceed context limit: ${together.input} + ${together.output} > ${limit}, decrease input length or \`max_tokens\` and try again (${message})`;
  if (size === undefined) return `prompt is too long: ${message}`;
  return `prompt is too long: ${size} tokens > ${limit} maximum (${message})`;
}

export function openAiOverflow(error: OverflowError): string {
  const { message } = error;
  if (/This model's maximum context length is \d+ tokens/.test(message)) return message;
  const { limit, size, together } = overflowIn(error);
  if (limit === undefined) return `This model's maximum context length is exceeded. (${message})`;
  const sum = together === undefined ? size : together.input + together.output;
  const resulted = sum === undefined ? "your messages are longer" : `your messages resulted in ${sum} tokens`;
  return `This model's maximum context length is ${limit} tokens. However, ${resulted}. Please reduce the length of the messages. (${message})`;
}

export function geminiOverflow(error: OverflowError): string {
  const { message } = error;
  if (/exceeds the maximum number of tokens allowed \(\d+\)/.test(message)) return message;
  const { limit, size } = overflowIn(error);
  const count = size === undefined ? "The input token count" : `The input token count (${size})`;
  const allowed = limit === undefined ? "" : ` (${limit})`;
  return `${count} exceeds the maximum number of tokens allowed${allowed}. (${message})`;
}
