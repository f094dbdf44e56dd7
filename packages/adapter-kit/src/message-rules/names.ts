/** Names one to one in a provider's form: tool names and call ids that it would refuse. */

export interface NameForm {
  /** The greatest length in characters. */
  readonly max: number;
  /** The exact length; overrides `max`. */
  readonly length?: number;
  /** What a name may consist of. */
  readonly chars: RegExp;
  /** The first character, where it is more restricted. */
  readonly start?: RegExp;
  /** In place of a character that is refused; empty: nothing. */
  readonly filler: string;
}

/** Gives each name one of the form, the same for the same name, and another for another. */
export class NameMap {
  readonly #form: NameForm;
  readonly #sent = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #restored = new Map<string, string>();

  /** @param names all that will occur; those that have the form stay as they are */
  constructor(form: NameForm, names: Iterable<string>) {
    this.#form = form;
    const others: string[] = [];
    for (const name of new Set(names)) {
      if (hasForm(name, form)) this.#put(name, name);
      else others.push(name);
    }
    for (const name of others) this.#put(name, this.#free(name));
  }

  get changed(): boolean {
    return this.#restored.size > 0;
  }

  of(name: string): string {
    return this.#sent.get(name) ?? name;
  }

  /** The names that were changed: as sent → the client's. */
  get restored(): ReadonlyMap<string, string> {
    return this.#restored;
  }

  #put(name: string, sent: string): void {
    this.#sent.set(name, sent);
    this.#taken.add(sent);
    if (sent !== name) this.#restored.set(sent, name);
  }

  /** The same name becomes the same one in every request, except where two would become one. */
  #free(name: string): string {
    const { max, length, filler, start } = this.#form;
    const clean = [...name].map((char) => (this.#form.chars.test(char) ? char : filler)).join("");
    const whole = start === undefined || start.test(clean.charAt(0)) ? clean : `t${filler}${clean}`;
    for (let count = 0; ; count += 1) {
      const mark = digest(count === 0 ? name : `${name}\u0000${count}`);
      const sent =
        length === undefined ? cut(whole, max, mark, filler, count) : mark.repeat(8).slice(0, length);
      if (!this.#taken.has(sent)) return sent;
    }
  }
}

/** A name that fits is kept; a longer one is cut, and its mark keeps it apart from others with the same beginning. */
function cut(name: string, max: number, mark: string, filler: string, count: number): string {
  if (name !== "" && name.length <= max && count === 0) return name;
  const tail = `${filler}${mark}`;
  return `${name.slice(0, max - tail.length)}${tail}`;
}

function hasForm(name: string, { max, length, chars, start }: NameForm): boolean {
  if (name === "" || (length === undefined ? name.length > max : name.length !== length)) return false;
  if (start !== undefined && !start.test(name.charAt(0))) return false;
  for (const char of name) if (!chars.test(char)) return false;
  return true;
}

const BASE = 36;
const MARK_CHARS = 8;

/** Eight letters and digits of a text: two runs of FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
function digest(text: string): string {
  let one = 0x811c9dc5;
  let two = 0x01000193;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ (code + at), 0x85ebca6b);
  }
  const parts = [one, two].map((hash) =>
    (hash >>> 0)
      .toString(BASE)
      .padStart(MARK_CHARS, "0")
      .slice(-MARK_CHARS / 2),
  );
  return parts.join("");
}
