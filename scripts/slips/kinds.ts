/** Slips that people make in a catalogue's files: each changes the meaning of one place. */
/** Draws a whole number below `n`. */
export type Draw = (n: number) => number;

export interface SlipFile {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
}

export interface Slip {
  readonly kind: string;
  readonly path: string;
  /** The whole file as it is after the slip. */
  readonly text: string;
  /** What was written, and what it became. */
  readonly was: string;
  readonly now: string;
}

interface Kind {
  readonly name: string;
  readonly files: RegExp;
  /** Finds places; each is replaced by what `change` makes of it. */
  readonly places: RegExp;
  /** @returns undefined where nothing can be changed so */
  readonly change: (match: RegExpExecArray, draw: Draw, file: SlipFile) => string | undefined;
}

const FRAGMENT = /^providers\/[^/]+\/provider\.yaml$/;
const BASE = /^models\/.+\.yaml$/;
const CHAINS = /^fallbacks\/fallbacks\.json$/;
const GROUPS = /^fallbacks\/groups\.json$/;

/** One letter is missing, doubled, or in the place of its neighbour. */
export function misspell(word: string, draw: Draw): string {
  const at = 1 + draw(Math.max(1, word.length - 2));
  const [head, one = "", two = "", tail] = [word.slice(0, at), word[at], word[at + 1], word.slice(at + 2)];
  const kinds = [head + two + tail, head + one + one + two + tail, head + two + one + tail];
  const first = draw(3);
  return (
    [0, 1, 2].map((step) => kinds[(first + step) % 3] ?? "").find((text) => text !== word && text !== "") ??
    `${word}x`
  );
}

/** `key: value` → the same with another value. */
const value =
  (change: (text: string, draw: Draw, file: SlipFile) => string | undefined): Kind["change"] =>
  ([, lead = "", text = ""], draw, file) => {
    const changed = change(text, draw, file);
    return changed === undefined || changed === text ? undefined : lead + changed;
  };

const misspelt = value((text, draw) => misspell(text, draw));

const KINDS: readonly Kind[] = [
  { name: "a key misspelt", files: FRAGMENT, places: /^( *(?:- )?)([a-z_]{4,})(?=:)/gm, change: misspelt },
  { name: "a key of a model misspelt", files: BASE, places: /^()([a-z_]{4,})(?=:)/gm, change: misspelt },
  { name: "a tier misspelt", files: FRAGMENT, places: /^(tier: )(\w+)/gm, change: misspelt },
  { name: "an adapter misspelt", files: FRAGMENT, places: /^(adapter: )([\w-]+)/gm, change: misspelt },
  { name: "a base misspelt", files: FRAGMENT, places: /^( +base: )(\S+)/gm, change: misspelt },
  {
    name: "a capability misspelt",
    files: /yaml$/,
    places: /^( *capabilities: \[)([a-z]+)/gm,
    change: misspelt,
  },
  { name: "an operation misspelt", files: BASE, places: /^(operation: )(\w+)/gm, change: misspelt },
  { name: "a class of errors misspelt", files: FRAGMENT, places: /(class: )([a-z_]+)/g, change: misspelt },
  { name: "a unit of a limit misspelt", files: FRAGMENT, places: /(unit: )([a-z]+)/g, change: misspelt },
  { name: "a window of a limit misspelt", files: FRAGMENT, places: /(window: )([a-z]+)/g, change: misspelt },
  {
    name: "an alias renamed in its fragment alone",
    files: FRAGMENT,
    places: /^( +- alias: )(\S+)/gm,
    change: value((text) => `${text}-new`),
  },
  {
    name: "an alias of a chain misspelt",
    files: CHAINS,
    places: /(")([a-z][a-z0-9.-]{6,})(?=")(?!": \{)/g,
    change: value((text, draw) =>
      /^(ladders|default|chains|context_window|embedding|transcription|subscription|moderation|schemas)/.test(
        text,
      )
        ? undefined
        : misspell(text, draw),
    ),
  },
  { name: "a ladder misspelt", files: CHAINS, places: /("@)([a-z0-9.-]+)(?=")/g, change: misspelt },
  {
    name: "a member of a group misspelt",
    files: GROUPS,
    places: /^( {8}")([a-z0-9.-]{6,})(?=",?$)/gm,
    change: misspelt,
  },
  {
    name: "an alias that falls back to itself",
    files: CHAINS,
    places: /^( {4}"([a-z0-9.-]+)": \[)(?=")/gm,
    change: ([whole, , alias]) => `${whole}"${alias}", `,
  },
  {
    name: "the endpoint pasted into a base URL",
    files: FRAGMENT,
    places: /^(base_url: )(https:\S+)/gm,
    change: value(
      (text, draw) => text + (["/chat/completions", "/models", "/embeddings", "/responses"][draw(4)] ?? ""),
    ),
  },
  {
    name: "the version of a base URL written twice",
    files: FRAGMENT,
    places: /^(base_url: )(https:\S+\/v[0-9]\S*)/gm,
    change: value((text) => text.replace(/\/v[0-9][a-z0-9]*/, "$&$&")),
  },
  {
    name: "a base URL with a slash too many",
    files: FRAGMENT,
    places: /^(base_url: )(https:\S+)/gm,
    change: value((text) => text.replace("://", ":///")),
  },
  {
    name: "a base URL without its host's encryption",
    files: FRAGMENT,
    places: /^(base_url: )(https:\S+)/gm,
    change: value((text) => text.replace("https:", "http:")),
  },
  {
    name: "the base URL of another provider",
    files: FRAGMENT,
    places: /^(base_url: )(https:\S+)/gm,
    change: value((_, draw, { path }) => {
      const hosts = [
        "https://api.groq.com/openai/v1",
        "https://api.cerebras.ai/v1",
        "https://api.mistral.ai/v1",
      ];
      const host = hosts[draw(hosts.length)] ?? "";
      return ["groq", "cerebras", "mistral"].some((id) => path.includes(`/${id}/`)) ? undefined : host;
    }),
  },
  {
    name: "the upstream id of the model above",
    files: FRAGMENT,
    places: /( +upstream: (\S+)\n(?:(?! +upstream:).*\n){1,12}?)( +upstream: )(\S+)/g,
    change: ([, above = "", id, lead = ""]) => `${above}${lead}${id}`,
  },
  {
    name: "a window in thousands",
    files: /yaml$/,
    places: /^( *context_tokens: )(\d+)/gm,
    change: value((text) => String(Math.round(Number(text) / 1000))),
  },
  {
    name: "a window a thousand times too large",
    files: /yaml$/,
    places: /^( *context_tokens: )(\d{4,})/gm,
    change: value((text) => `${text}000`),
  },
  {
    name: "memory in MB where GB is meant",
    files: FRAGMENT,
    places: /(bytes: )([\d.]+ GB)/g,
    change: value((text) => text.replace("GB", "MB")),
  },
  {
    name: "memory in GB where MB is meant",
    files: FRAGMENT,
    places: /(bytes: )([\d.]+ MB)/g,
    change: value((text) => text.replace("MB", "GB")),
  },
  {
    name: "a source of next year",
    files: FRAGMENT,
    places: /(date: )(20\d\d-\d\d-\d\d)/g,
    change: value((text) => `${Number(text.slice(0, 4)) + 10}${text.slice(4)}`),
  },
  {
    name: "a day that no month has",
    files: FRAGMENT,
    places: /(date: )(20\d\d-\d\d-\d\d)/g,
    change: value((text) => `${text.slice(0, 5)}02-30`),
  },
  {
    name: "a required line deleted",
    files: FRAGMENT,
    places: /^(name|summary|tier|base_url): .*\n/gm,
    change: () => "",
  },
  {
    name: "an operation deleted",
    files: BASE,
    places: /^operation: .*\n/gm,
    change: () => "",
  },
  {
    name: "a limit without its window",
    files: FRAGMENT,
    places: /, window: [a-z]+/g,
    change: () => "",
  },
  {
    name: "an amount as text",
    files: FRAGMENT,
    places: /(amount: )(\d+)/g,
    change: value((text) => `${text}k`),
  },
  {
    name: "a limit of a day below that of a minute",
    files: FRAGMENT,
    places: /(window: day, amount: )(\d+)/g,
    change: ([, lead = ""], _, { text }) => (text.includes("window: minute") ? `${lead}1` : undefined),
  },
  {
    name: "a key written twice",
    files: FRAGMENT,
    places: /^(tier: \w+\n)/gm,
    change: ([line = ""]) => line + line,
  },
  { name: "a tab for spaces", files: FRAGMENT, places: /^ {4}(?=\w)/gm, change: () => "\t" },
  { name: "a comma lost", files: CHAINS, places: /",$/gm, change: () => '"' },
  {
    name: "another provider's flag",
    files: FRAGMENT,
    places: /^(tier: \w+\n)/gm,
    change: ([line = ""], _, { path }) => (path.includes("/groq/") ? undefined : `flag: GROQ\n${line}`),
  },
  {
    name: "an output larger than the window",
    files: BASE,
    places: /^(context_tokens: (\d+)\n)(max_output_tokens: )\d+/gm,
    change: ([, window = "", tokens, lead = ""]) => `${window}${lead}${Number(tokens) * 2}`,
  },
  {
    name: "a key of .env pasted into the notes",
    files: FRAGMENT,
    places: /^(summary: )(.*)/gm,
    change: ([, lead = "", text = ""]) => `${lead}${text} gsk_${"a1B2".repeat(12)}`,
  },
];

/** At most one slip of a kind in a file; every kind that fits some file occurs. */
export function slipsIn(files: readonly SlipFile[], count: number, draw: Draw): Slip[] {
  const made: Slip[] = [];
  const seen = new Set<string>();
  for (let round = 0; made.length < count && round < count; round += 1) {
    for (const kind of KINDS) {
      const fitting = files.filter(({ path }) => kind.files.test(path));
      const file = fitting[draw(fitting.length)];
      if (file === undefined) continue;
      const slip = slipOf(kind, file, draw);
      if (slip === undefined || seen.has(`${slip.path} ${slip.was} ${slip.now}`)) continue;
      seen.add(`${slip.path} ${slip.was} ${slip.now}`);
      made.push(slip);
    }
  }
  return made.slice(0, count);
}

function slipOf({ name, places, change }: Kind, file: SlipFile, draw: Draw): Slip | undefined {
  const matches = [...file.text.matchAll(new RegExp(places))];
  const match = matches[draw(Math.max(1, matches.length))];
  if (match === undefined) return undefined;
  const now = change(match, draw, file);
  const [was] = match;
  if (now === undefined || now === was) return undefined;
  const text = file.text.slice(0, match.index) + now + file.text.slice(match.index + was.length);
  return { kind: name, path: file.path, text, was, now };
}
