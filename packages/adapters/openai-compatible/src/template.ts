/**
 * Recognises the chunks of one stream that differ only in their piece of text, without parsing them.
 *
 * Chunks of a stream mostly repeat everything (id, model, time) except one string. Once a parsed chunk has shown the
 * position of that string, a chunk with the same bytes before and after it, and a plain string between, is valid JSON of
 * the same kind.
 */
import type { JsonObject } from "@headgate/contract";
import { TEXT_FIELDS } from "./chunk.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;
/** After this many chunks without a stable template, a stream varies elsewhere too, and the search stops. */
const MAX_LESSONS = 8;

export class ContentTemplate {
  #before = "";
  #after = "";
  #lessons = 0;

  /** @param text latin1, of which `start` to `end` is the chunk. */
  matches(text: string, start: number, end: number): boolean {
    const { length } = this.#before;
    if (length === 0) return false;
    const from = start + length;
    const to = end - this.#after.length;
    if (to < from || text.slice(start, from) !== this.#before || text.slice(to, end) !== this.#after)
      return false;
    for (let at = from; at < to; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE || code === BACKSLASH || code < SPACE) return false;
    }
    this.#lessons = 0;
    return true;
  }

  /** @param chunk latin1 text of a chunk that parsed to one unfinished choice with this delta. */
  learn(chunk: string, delta: JsonObject): void {
    if (this.#lessons >= MAX_LESSONS) return;
    this.#lessons += 1;
    const field = TEXT_FIELDS.find((name) => typeof delta[name] === "string" && delta[name] !== "");
    if (field === undefined) return;
    const name = `"${field}"`;
    const at = chunk.indexOf(name);
    if (at < 0) return;
    const open = /:\s*"/y;
    open.lastIndex = at + name.length;
    if (!open.test(chunk)) return;
    const from = open.lastIndex;
    const to = chunk.indexOf('"', from);
    // The chunk was parsed as latin1, so the value compares unchanged; one with escapes does not, and gives no template.
    if (to < 0 || chunk.slice(from, to) !== delta[field]) return;
    this.#before = flat(chunk.slice(0, from));
    this.#after = flat(chunk.slice(to));
  }
}

/** A copy of its own: comparing with a slice of a slice costs several times more, and holds the whole chunk. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1");
