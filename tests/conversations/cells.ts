/** One conversation through one provider, and through two in turn. */
import type { SurfaceId } from "../support/matrix-surfaces.ts";
import type { Bench, Saying } from "./bench.ts";
import type { Conversation, Heard, ResultSpec, Turn } from "./conversation.ts";
import { type Dice, dice } from "./random.ts";
import type { Target } from "./targets.ts";
import { argumentsFor } from "./tools.ts";

/** What the model answers to a conversation, from its seed. */
export function sayingTo(conversation: Conversation, capabilities: readonly string[], salt: number): Saying {
  const chance = dice(conversation.seed * 31 + salt);
  const { tools, toolChoice, parallel, format } = conversation;
  const reasoning =
    capabilities.includes("reasoning") && chance.once(2) ? `${chance.word("hm")} ${chance.word("so")}` : "";
  const hidden = capabilities.includes("reasoning") && chance.once(4);
  if (format !== undefined) return { text: '{"town":"Graz"}', reasoning, calls: [] };
  const calling = tools.length > 0 && toolChoice !== "none" && (toolChoice === "required" || chance.once(2));
  if (!calling) return { text: `${chance.word("well")} ${chance.word("yes")}`, reasoning, hidden, calls: [] };
  const count = parallel === false ? 1 : Math.min(tools.length, 1 + chance.roll(2));
  const calls = tools.slice(0, count).map((tool, index) => ({
    tool: index,
    arguments: argumentsFor(
      chance,
      tool.custom === true ? { name: tool.name, description: "" } : tool,
      chance.once(3),
    ).text,
  }));
  return { text: chance.once(3) ? chance.word("wait") : "", reasoning, hidden, calls };
}

/** Whether a model can take the conversation at all. */
export const fits = ({ needs }: Conversation, capabilities: readonly string[]): boolean =>
  (!needs.tools || capabilities.includes("tools")) &&
  (!needs.vision || capabilities.includes("vision")) &&
  (!needs.json || capabilities.includes("json"));

/** The conversation after an answer: its calls get results, or the user goes on. */
export function continued(
  conversation: Conversation,
  surface: SurfaceId,
  heard: Heard,
  chance: Dice,
): Conversation {
  const answer: Turn = { kind: "answer", surface, items: heard.items };
  const word = chance.word("next");
  const custom = (name: string): boolean =>
    conversation.tools.some((tool) => tool.name === name && tool.custom === true);
  const results = heard.calls.map(
    ({ name, id = "" }): ResultSpec => ({
      id,
      name,
      form: "text",
      text: `${word} of ${name.slice(0, 8)}`,
      ...(surface === "responses" && custom(name) ? { custom: true as const } : {}),
    }),
  );
  const next: Turn = results.length > 0 ? { kind: "results", results } : { kind: "user", text: word };
  const marks = [...conversation.marks, { word, kind: "text" as const }];
  // What the first model said must reach the second one too.
  for (const said of heard.text.match(/\b(?:well|yes|wait)\d\S*/g) ?? [])
    marks.push({ word: said, kind: "text" });
  for (const thought of heard.reasoning.match(/\b(?:hm|so)\d\S*/g) ?? [])
    marks.push({ word: thought, kind: "reasoning" });
  return { ...conversation, turns: [...conversation.turns, answer, next], marks };
}

/** A conversation of the kind `compaction`, with the gateway's own item in place of what was before its last turn. */
async function compacted(
  bench: Bench,
  conversation: Conversation,
  target: Target,
): Promise<Conversation | string> {
  const { item, problem } = await bench.compact(conversation, target);
  if (problem !== undefined) return problem;
  const last = conversation.turns.at(-1);
  return { ...conversation, turns: [{ kind: "compaction", item }, ...(last === undefined ? [] : [last])] };
}

/** @returns problems, or nothing where the surface or a model has no place for the conversation. */
export async function tryChain(
  bench: Bench,
  surface: SurfaceId,
  conversation: Conversation,
  targets: readonly Target[],
  stream: boolean,
): Promise<readonly string[] | undefined> {
  if (!targets.every((target) => fits(conversation, bench.capabilities(target)))) return undefined;
  let current = conversation;
  for (const [step, target] of targets.entries()) {
    const place = targets.length > 1 ? `${["first", "second", "third"][step] ?? step} turn: ` : "";
    if (step === 0 && conversation.kinds.includes("compaction")) {
      if (surface !== "responses") return undefined;
      const made = await compacted(bench, conversation, target);
      if (typeof made === "string") return [place + made];
      current = made;
    }
    const saying = sayingTo(current, bench.capabilities(target), step + 1);
    const outcome = await bench.ask(surface, current, target, stream, saying);
    if (outcome === undefined) return undefined;
    if (outcome.problems.length > 0 || outcome.heard === undefined) {
      return outcome.problems.map((problem) => place + problem);
    }
    current = continued(current, surface, outcome.heard, dice(conversation.seed + 7 + step));
  }
  return [];
}
