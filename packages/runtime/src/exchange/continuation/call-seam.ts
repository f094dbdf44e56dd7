/**
 * The seam of tool calls. What the client has of a call cannot be taken back, so the next upstream's calls must begin with
 * it, in the same order: then only what follows is sent, and the call is as whole as the next upstream made it.
 */
import { isObject, parseJson } from "@headgate/adapter-kit";
import type { ChatEvent } from "@headgate/contract";

export type CallPiece = Extract<ChatEvent, { type: "tool-call" }>;

/** A call, as far as the client has it. */
export interface SentCall {
  readonly index: number;
  readonly id: string;
  name: string;
  arguments: string;
}

/** True where the arguments are a whole JSON object. */
export const isWholeCall = (call: SentCall): boolean => isObject(parseJson(call.arguments));

interface Joined {
  /** The client's index of the call. */
  readonly index: number;
  /** Absent for a call that the client does not have. */
  readonly sent?: { readonly call: SentCall; readonly whole: boolean; readonly prefix: JsonPrefix };
}

export class CallSeam {
  readonly #sent: readonly SentCall[];
  readonly #ids: Set<string>;
  /** By the upstream's index. */
  readonly #joined = new Map<number, Joined>();
  readonly #next: number;

  constructor(sent: readonly SentCall[]) {
    this.#sent = [...sent];
    this.#ids = new Set(sent.map(({ id }) => id));
    this.#next = Math.max(-1, ...sent.map(({ index }) => index)) + 1;
  }

  /** True once each call of the client's was begun by this upstream too. */
  get joined(): boolean {
    if (this.#joined.size < this.#sent.length) return false;
    for (const { sent } of this.#joined.values()) if (sent !== undefined && !sent.prefix.over) return false;
    return true;
  }

  /** @returns what the client does not have yet, which may be nothing; `differs` where the two calls are not the same */
  push(piece: CallPiece): CallPiece | undefined | "differs" {
    const known = this.#joined.get(piece.index);
    const { index, sent } = known ?? this.#begin(piece.index);
    if (sent === undefined)
      return { ...piece, index, ...(piece.id === undefined ? {} : { id: this.#unique(piece.id) }) };
    if (known === undefined && piece.name !== undefined && piece.name !== sent.call.name) return "differs";
    const more = sent.prefix.push(piece.arguments ?? "");
    if (more === undefined) return "differs";
    // White space after a whole call.
    if (more === "" || sent.whole) return undefined;
    return { type: "tool-call", index, arguments: more };
  }

  #begin(upstreamIndex: number): Joined {
    const position = this.#joined.size;
    const call = this.#sent[position];
    const joined: Joined =
      call === undefined
        ? { index: this.#next + position - this.#sent.length }
        : {
            index: call.index,
            sent: { call, whole: isWholeCall(call), prefix: new JsonPrefix(call.arguments) },
          };
    this.#joined.set(upstreamIndex, joined);
    return joined;
  }

  /** Some upstreams count the ids of their calls from zero in each answer. */
  #unique(id: string): string {
    let unique = id;
    for (let at = 1; this.#ids.has(unique); at += 1) unique = `${id}_${at}`;
    this.#ids.add(unique);
    return unique;
  }
}

/** Compares a JSON text with the beginning that the client has, without white space between tokens. */
class JsonPrefix {
  readonly #expected: string;
  /** True where the beginning ends behind a number or a word, and white space: it cannot grow. */
  readonly #apart: boolean;
  readonly #scan = new StringScan();
  #at = 0;
  #checked = false;

  constructor(sent: string) {
    const scan = new StringScan();
    let expected = "";
    for (const char of sent) if (scan.counts(char)) expected += char;
    this.#expected = expected;
    this.#apart = !scan.inString && /[^\s[\]{},:"]\s+$/.test(sent);
  }

  /** True once all of the beginning has come. */
  get over(): boolean {
    return this.#at === this.#expected.length;
  }

  /** @returns what follows the beginning; undefined where the text differs from it */
  push(text: string): string | undefined {
    let from = 0;
    while (from < text.length && !this.over) {
      const char = text[from] ?? "";
      from += 1;
      if (!this.#scan.counts(char)) continue;
      if (!this.#expected.startsWith(char, this.#at)) return undefined;
      this.#at += char.length;
    }
    const more = text.slice(from);
    if (this.#checked || !this.over || more.trim() === "") return more;
    this.#checked = true;
    return this.#apart && !/^\s*[\]},]/.test(more) ? undefined : more;
  }
}

/** Follows a JSON text from character to character. */
class StringScan {
  inString = false;
  #escaped = false;

  /** False for white space between tokens. */
  counts(char: string): boolean {
    if (!this.inString) {
      if (char === '"') this.inString = true;
      return char !== " " && char !== "\n" && char !== "\r" && char !== "\t";
    }
    if (this.#escaped) this.#escaped = false;
    else if (char === "\\") this.#escaped = true;
    else if (char === '"') this.inString = false;
    return true;
  }
}
