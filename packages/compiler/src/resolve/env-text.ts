/** What a reader of .env makes of a line that its writer did not mean. Values are looked at and never returned. */

export interface OddLine {
  readonly kind: "cut" | "unclosed" | "duplicate" | "placeholder";
  readonly name: string;
}

const LINE = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*[=:][ \t]*(.*)$/;
/** Names of variables that hold secrets. */
const SECRET_NAME = /_(API_)?(KEY|TOKEN|SECRET)(_[0-9]{1,2})?$/;
/** What examples write where a key belongs. */
const PLACEHOLDER =
  /^(<.*>|\.{3}|…|x{3,}|changeme|replace[-_ ]?me|todo|none|null|(api[-_ ]?)?(key|token)([-_ ]?here)?|(your|my)[-_ ]?.*(key|token).*|(sk|gsk|pk)-?(\.{3}|…|x{3,}))$/i;

/**
 * @param text of the file
 * @param values as it was read; a value in them is what is used
 */
export function oddLines(text: string, values: Readonly<Record<string, string>>): OddLine[] {
  const odd: OddLine[] = [];
  const seen = new Set<string>();
  let open: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (open !== undefined) {
      if (line.includes(open)) open = undefined;
      continue;
    }
    const [, name, raw = ""] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    if (seen.has(name)) odd.push({ kind: "duplicate", name });
    seen.add(name);
    const [quote = ""] = raw;
    if (`"'\``.includes(quote) && quote !== "") {
      if (raw.indexOf(quote, 1) >= 0) continue;
      // A value in quotes may go on over lines; the reader found its end, or took the quote for a character.
      if (values[name]?.startsWith(quote) === true) odd.push({ kind: "unclosed", name });
      else open = quote;
    } else if (/[^ \t]#/.test(raw) && !/^[^#]*[ \t]#/.test(raw)) odd.push({ kind: "cut", name });
  }
  for (const [name, value] of Object.entries(values))
    if (SECRET_NAME.test(name) && PLACEHOLDER.test(value.trim())) odd.push({ kind: "placeholder", name });
  return odd;
}
