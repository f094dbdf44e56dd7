/**
 * The seam between a text and its continuation. Models tend to repeat the last words, and to leave out or double the space
 * between. What is repeated is removed; nothing is added.
 */

/** How far back a repetition may begin, in UTF-16 units: several lines, and cheap to compare. */
const MAX_REPEATED = 600;
/** A repetition of this many units is no coincidence. */
const MIN_REPEATED = 16;
/** It also has at least so many letters or digits: dashes and indentation repeat by themselves. */
const MIN_WORD_CHARS = 8;
/** The longest last word that a model must begin with, in UTF-16 units. */
const MAX_WORD = 24;

const WORD_CHAR = /[\p{L}\p{N}]/gu;
const SPACE = /^\s+/;

/** The last word of a text, or its last part where words are long or not separated by spaces; empty without a word. */
export function lastWord(text: string): string {
  const trimmed = text.trimEnd();
  const word = /\S+$/.exec(trimmed.slice(-MAX_WORD * 4))?.[0] ?? "";
  if (word.length <= MAX_WORD) return word;
  const cut = word.slice(-MAX_WORD);
  return isLow(cut.charCodeAt(0)) ? cut.slice(1) : cut;
}

/** Takes a continuation's text piece by piece, and returns what the client has not seen yet. */
export class Seam {
  /** The end of what the client has, without the white space behind it. */
  readonly #tail: string;
  readonly #space: string;
  readonly #word: string;
  #held = "";
  #joined = false;

  /** @param beginsWithWord whether the request told the model to begin with the last word */
  constructor(before: string, beginsWithWord: boolean) {
    const trimmed = before.trimEnd();
    this.#tail = trimmed.slice(-MAX_REPEATED);
    this.#space = before.slice(trimmed.length);
    this.#word = beginsWithWord ? lastWord(before) : "";
  }

  push(text: string): string {
    if (this.#joined) return text;
    this.#held += text;
    return this.#mayGrow() ? "" : this.flush();
  }

  /** Returns what was held back: nothing more comes, or the repetition is known. */
  flush(): string {
    if (this.#joined) return "";
    this.#joined = true;
    const lead = SPACE.exec(this.#held)?.[0] ?? "";
    const words = this.#held.slice(lead.length);
    const repeated = this.#repeatedIn(words);
    // Space before a repetition is dropped. Space behind it belongs to the text.
    return repeated > 0 ? this.#spaced(words.slice(repeated)) : this.#spaced(this.#held);
  }

  /** True while the next piece could still change what is repeated. */
  #mayGrow(): boolean {
    const words = this.#held.trimStart();
    if (words === "") return this.#held.length < MAX_REPEATED;
    const tail = this.#tail;
    for (let at = 0; at <= tail.length - words.length; at += 1) if (tail.startsWith(words, at)) return true;
    // The white space behind a repetition decides how much of it is new.
    return this.#repeatedIn(words) === words.trimEnd().length && words.length < MAX_REPEATED;
  }

  /** How many units at the beginning of `words` repeat the tail's end. */
  #repeatedIn(words: string): number {
    const tail = this.#tail;
    for (let length = Math.min(tail.length, words.length); length > 0; length -= 1) {
      if (tail.endsWith(words.slice(0, length)) && this.#counts(words, length)) return length;
    }
    return 0;
  }

  #counts(words: string, length: number): boolean {
    const repeated = words.slice(0, length);
    if (repeated === this.#word) return true;
    if (length >= MIN_REPEATED) return (repeated.match(WORD_CHAR)?.length ?? 0) >= MIN_WORD_CHARS;
    // A cut word that is repeated whole: "The quick bro" and "brown".
    const before = this.#tail.charAt(this.#tail.length - length - 1);
    const next = words.charAt(length);
    return (
      length > 1 &&
      this.#space === "" &&
      isWord(repeated) &&
      isWord(next) &&
      (before === "" || /\s/.test(before))
    );
  }

  /** Without the white space that the client has already. */
  #spaced(text: string): string {
    const lead = SPACE.exec(text)?.[0] ?? "";
    if (lead === "" || this.#space === "") return text;
    if (lead.startsWith(this.#space)) return text.slice(this.#space.length);
    return this.#space.startsWith(lead) || this.#space.endsWith(lead) ? text.slice(lead.length) : text;
  }
}

const isWord = (text: string): boolean => /^[\p{L}\p{N}_]+$/u.test(text);

export const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
