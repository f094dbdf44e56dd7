/** Conversations from a seed: histories as real clients make them, with what other providers refuse. */
import type { CallSpec, Conversation, Mark, ResultSpec, ToolSpec, Turn } from "./conversation.ts";
import { type Dice, dice } from "./random.ts";
import { argumentsFor, toolsFor } from "./tools.ts";

export const KINDS = [
  "plain",
  "reasoning turns",
  "parallel tools",
  "images in results",
  "system in the middle",
  "thinking alone",
  "empty results",
  "results in parts",
  "JSON results",
  "tool names",
  "dotted tool names",
  "tools without arguments",
  "custom tools",
  "large integers",
  "lone surrogates",
  "cached prefixes",
  "schemas",
  "loose schemas",
  "structured answer",
  "text after results",
  "unused tools",
  "tool choice",
  "sampling",
  "compaction",
  "200 turns",
] as const;
export type Kind = (typeof KINDS)[number];

/** Ids as the providers write them. */
const ID_FORMS: readonly ((chance: Dice, name: string, at: number) => string)[] = [
  (chance) => `call_${letters(chance, 24)}`,
  (chance) => `toolu_01${letters(chance, 22)}`,
  (chance) => letters(chance, 9),
  (_, name, at) => `functions.${name}:${at}`,
  (chance) => `chatcmpl-tool-${letters(chance, 32).toLowerCase()}`,
  (chance) => `call_-${7_000_000_000 + chance.roll(1_000_000)}`,
  (chance) => `${letters(chance, 8)}-${letters(chance, 4)}|fc_${letters(chance, 50)}`,
  (_, name, at) => `call_function_${name.slice(0, 12)}_${at}`,
];

function letters(chance: Dice, length: number): string {
  const set = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  return Array.from({ length }, () => set[chance.roll(set.length)]).join("");
}

class Draft {
  readonly turns: Turn[] = [];
  readonly marks: Mark[] = [];
  tools: ToolSpec[] = [];
  #calls = 0;
  readonly #idForm: (typeof ID_FORMS)[number];

  readonly chance: Dice;

  constructor(chance: Dice) {
    this.chance = chance;
    this.#idForm = chance.pick(ID_FORMS);
  }

  mark(stem: string, kind: Mark["kind"] = "text"): string {
    const word = this.chance.word(stem);
    this.marks.push({ word, kind });
    return word;
  }

  user(more: { image?: boolean; cached?: boolean; text?: string } = {}): void {
    const { text = this.mark("ask"), ...rest } = more;
    this.turns.push({ kind: "user", text, ...rest });
    if (more.image === true) this.marks.push({ word: PIXEL_MARK, kind: "image" });
  }

  says(more: { reasoning?: boolean } = {}): void {
    const reasoning = more.reasoning === true ? { reasoning: this.mark("think", "reasoning") } : {};
    this.turns.push({ kind: "assistant", text: this.mark("said"), calls: [], ...reasoning });
  }

  /** A turn with calls and the results of them all. */
  round(options: {
    readonly tools?: readonly ToolSpec[];
    readonly form?: ResultSpec["form"];
    readonly large?: boolean;
    readonly reasoning?: boolean;
    readonly text?: boolean;
    readonly after?: boolean;
  }): void {
    const calls: CallSpec[] = (options.tools ?? this.tools.slice(0, 1)).map((tool) => {
      const { text, mark } = argumentsFor(this.chance, tool, options.large === true);
      if (mark !== undefined) this.marks.push({ word: mark, kind: "text" });
      this.#calls += 1;
      const id = this.#idForm(this.chance, tool.name, this.#calls);
      return {
        id,
        name: tool.name,
        arguments: text,
        ...(tool.custom === true ? { custom: true as const } : {}),
      };
    });
    this.turns.push({
      kind: "assistant",
      calls,
      ...(options.reasoning === true ? { reasoning: this.mark("think", "reasoning") } : {}),
      ...(options.text === true ? { text: this.mark("said") } : {}),
    });
    const results = calls.map(({ id, name, custom }): ResultSpec => {
      const form = custom === true ? "text" : (options.form ?? "text");
      const word = form === "empty" ? "" : this.mark("got");
      if (form === "image") this.marks.push({ word: PIXEL_MARK, kind: "image" });
      const text = form === "json" ? JSON.stringify({ value: word, list: [1, 2], none: null }) : word;
      return { id, name, form, text, ...(custom === true ? { custom } : {}) };
    });
    const after = options.after === true ? { after: this.mark("remind") } : {};
    this.turns.push({ kind: "results", results, ...after });
  }
}

/** The first characters of the one image. */
const PIXEL_MARK = "iVBORw0KGgoAAAANSUhEUg";

type Extras = Partial<Omit<Conversation, "seed" | "kinds" | "turns" | "tools" | "marks" | "needs">>;
const PLAIN = { names: "plain", schemas: "plain", custom: false } as const;

/** One row per kind: what it adds to the draft, and the fields of the request. */
const PARTS: Readonly<Record<Kind, (draft: Draft) => Extras | undefined>> = {
  plain: (draft) => {
    draft.says();
    draft.user();
    return undefined;
  },
  "reasoning turns": (draft) => {
    draft.says({ reasoning: true });
    draft.user();
    withTools(draft);
    draft.round({ reasoning: true, text: draft.chance.once(2) });
    return { effort: "low" };
  },
  "parallel tools": (draft) => {
    draft.tools = toolsFor(draft.chance, 3, PLAIN);
    draft.round({ tools: draft.tools, text: draft.chance.once(2) });
    draft.round({ tools: draft.tools.slice(0, 2) });
    return { parallel: draft.chance.once(2) };
  },
  "images in results": (draft) => {
    withTools(draft);
    draft.round({ form: "image" });
    return undefined;
  },
  "system in the middle": (draft) => {
    draft.says();
    draft.turns.push({
      kind: "system",
      role: draft.chance.once(2) ? "system" : "developer",
      text: draft.mark("rule"),
    });
    draft.user();
    return undefined;
  },
  "thinking alone": (draft) => {
    draft.turns.push({ kind: "assistant", reasoning: draft.mark("think", "reasoning"), calls: [] });
    draft.user();
    return undefined;
  },
  "empty results": (draft) => {
    withTools(draft);
    draft.round({ form: "empty" });
    return undefined;
  },
  "results in parts": (draft) => {
    withTools(draft);
    draft.round({ form: "parts" });
    return undefined;
  },
  "JSON results": (draft) => {
    withTools(draft);
    draft.round({ form: "json" });
    return undefined;
  },
  "tool names": (draft) => {
    draft.tools = toolsFor(draft.chance, 2, { ...PLAIN, names: "odd" });
    draft.round({});
    return undefined;
  },
  "dotted tool names": (draft) => {
    draft.tools = toolsFor(draft.chance, 2, { ...PLAIN, names: "dotted" });
    draft.round({});
    return undefined;
  },
  "tools without arguments": (draft) => {
    draft.tools = toolsFor(draft.chance, 2, { ...PLAIN, schemas: "none" });
    draft.round({});
    return undefined;
  },
  "custom tools": (draft) => {
    draft.tools = toolsFor(draft.chance, 1, { ...PLAIN, custom: true });
    draft.round({ tools: draft.tools });
    return undefined;
  },
  "large integers": (draft) => {
    withTools(draft);
    draft.round({ large: true });
    return undefined;
  },
  "lone surrogates": (draft) => {
    withTools(draft);
    draft.turns.push({
      kind: "assistant",
      text: `${draft.mark("cut")} \ud83d ${draft.mark("cut")}`,
      calls: [],
    });
    draft.user({ text: `${draft.mark("cut")} \ude00 ${draft.mark("cut")}` });
    return undefined;
  },
  "cached prefixes": (draft) => {
    draft.user({ cached: true });
    draft.says();
    draft.user({ cached: true });
    return undefined;
  },
  schemas: (draft) => {
    draft.tools = toolsFor(draft.chance, 3, { ...PLAIN, schemas: "any" });
    if (draft.chance.once(2)) draft.round({});
    return undefined;
  },
  "loose schemas": (draft) => {
    draft.tools = toolsFor(draft.chance, 2, { ...PLAIN, schemas: "loose" });
    return undefined;
  },
  "structured answer": (draft) => ({ format: draft.chance.pick(["object", "schema"] as const) }),
  "text after results": (draft) => {
    draft.tools = toolsFor(draft.chance, 2, PLAIN);
    draft.round({ tools: draft.tools, after: true });
    return undefined;
  },
  "unused tools": (draft) => {
    withTools(draft);
    draft.round({});
    draft.says();
    draft.user();
    draft.tools = [];
    return undefined;
  },
  "tool choice": (draft) => {
    withTools(draft);
    return { toolChoice: draft.chance.pick(["auto", "required", "none"] as const) };
  },
  sampling: (draft) => ({
    temperature: draft.chance.pick([0, 0.2, 1, 1.3]),
    ...(draft.chance.once(3) ? { topP: 0.9 } : {}),
    ...(draft.chance.once(2) ? { stop: draft.chance.pick([["END"], ["\n", "END"]]) } : {}),
    maxTokens: 4096,
    ...(draft.chance.once(2) ? { effort: "high" as const } : {}),
  }),
  // The runner replaces what is before it by the gateway's own item.
  compaction: (draft) => {
    draft.says();
    draft.user();
    return undefined;
  },
  "200 turns": (draft) => {
    withTools(draft);
    for (let turn = 0; turn < 66; turn += 1) {
      draft.round({});
      draft.says();
      draft.user();
    }
    return undefined;
  },
};

function withTools(draft: Draft): void {
  if (draft.tools.length === 0) draft.tools = toolsFor(draft.chance, 1, PLAIN);
}

/** @param kind Leaves the choice of the kind to the seed where it is absent. */
export function conversationOf(seed: number, kind?: Kind): Conversation {
  const chance = dice(seed);
  const draft = new Draft(chance);
  // The longest kind is seldom: it costs as much as fifty others.
  const first = kind ?? (chance.once(60) ? "200 turns" : KINDS[chance.roll(KINDS.length - 1)]);
  if (first === undefined) throw new Error("no kind");
  const kinds: Kind[] = [first];
  if (chance.once(2)) {
    draft.turns.push({
      kind: "system",
      role: chance.once(3) ? "developer" : "system",
      text: draft.mark("rule"),
    });
  }
  draft.user();
  const extras = PARTS[first](draft) ?? {};
  const needs = {
    tools: draft.turns.some((turn) => turn.kind === "results") || draft.tools.length > 0,
    vision: draft.marks.some((mark) => mark.kind === "image"),
    json: extras.format !== undefined,
  };
  return { seed, kinds, turns: draft.turns, tools: draft.tools, marks: draft.marks, needs, ...extras };
}
