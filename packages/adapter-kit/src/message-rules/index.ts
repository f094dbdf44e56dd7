/**
 * The rules for messages and tools, applied to the canonical form before it is encoded for an upstream. A family of rules
 * is one file; each returns the same object where it changes nothing, so an unchanged request is the same request.
 */
import type { ChatMessage, ChatRequest, Dialect } from "@headgate/contract";
import { ruleCache } from "./cache.ts";
import { ruleArguments, ruleEmpty } from "./content.ts";
import { mapCallIds, mapToolNames } from "./identifiers.ts";
import { jsonWord } from "./json-word.ts";
import { ruleMedia } from "./media.ts";
import { Notes } from "./notes.ts";
import { ruleOwnFields } from "./own-fields.ts";
import { repairPairs, splitCalls } from "./pairs.ts";
import { ruleReasoning } from "./reasoning.ts";
import { ruleStops } from "./stops.ts";
import { placeSystem } from "./system.ts";
import { ruleTools } from "./tools.ts";
import { alternating, orderTurns } from "./turns.ts";

export { callIdMap, toolNameMap } from "./identifiers.ts";
export type { NameMap } from "./names.ts";
export { Notes } from "./notes.ts";
export { DETAILS_WIRE } from "./reasoning.ts";
export { restoreNames, restoringDecoder } from "./restore.ts";
export { type MessageNeed, messageNeed } from "./scan.ts";
export { fixSchema } from "./schema.ts";

export interface RuledRequest {
  /** The same object where no rule changes it. */
  readonly request: ChatRequest;
  /** What is left out, moved or replaced, by the canonical form's names. */
  readonly dropped: readonly string[];
  /** Tool names that were changed: as sent → the client's. */
  readonly names: ReadonlyMap<string, string>;
}

export interface Wires {
  readonly client: string;
  readonly upstream: string;
}

/** @throws {EncodeError} where the provider has no faithful form for the request */
export function applyMessageRules(received: ChatRequest, dialect: Dialect, wires: Wires): RuledRequest {
  const wire = wires.upstream;
  const notes = new Notes();
  const { pairs, tools } = dialect;
  let messages = ruleReasoning(received.messages, dialect.reasoning, wire, notes);
  messages = ruleOwnFields(messages, wire, dialect.fields, notes);
  messages = ruleMedia(messages, mediaOf(dialect, wires), notes);
  /** @param field names what a rule moves, merges or leaves out, where it changes anything */
  const apply = (field: string, changed: readonly ChatMessage[]): void => {
    if (changed !== messages) notes.name(field);
    messages = changed;
  };
  apply("messages[].tool_calls[].function.arguments", ruleArguments(messages, dialect.arguments));
  if (pairs?.results === "repair") apply("messages[].tool_calls", repairPairs(messages));
  const most = pairs?.single === true ? 1 : tools?.max_calls;
  if (most !== undefined) messages = splitCalls(messages, most);
  messages = jsonWord(messages, received.responseFormat, dialect.format);
  apply("messages[].role", placeSystem(messages, dialect.system));
  apply("messages[].content", ruleEmpty(messages, dialect.empty, notes));
  if (dialect.turns?.alternate === true) apply("messages[].role", alternating(messages));
  messages = orderTurns(messages, dialect.turns);
  messages = mapCallIds(messages, dialect.call_ids);
  let request = messages === received.messages ? received : { ...received, messages };
  // OpenAI's wire has its own rules for this field, which keep the client's bytes.
  if (wire !== "openai-chat") request = ruleStops(request, dialect.params?.stop, notes);
  request = ruleTools(request, dialect, notes);
  request = ruleCache(request, dialect.cache ?? cacheOf(wires), notes);
  const renamed = mapToolNames(request, dialect.tool_names);
  return { request: renamed.request, dropped: notes.all, names: renamed.names };
}

/** Anthropic's bound on marks: https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
const ANTHROPIC_CACHE = { marks: 4 };
const NO_CACHE = { marks: 0 };

/** Where the fragment says nothing: the client's own wire keeps its marks, and of the others only Anthropic's has them. */
const cacheOf = ({ client, upstream }: Wires): Dialect["cache"] => {
  if (upstream === "anthropic-messages") return ANTHROPIC_CACHE;
  return client === upstream ? undefined : NO_CACHE;
};

/** On OpenAI's wire results of tools hold text alone. */
const mediaOf = ({ media }: Dialect, { client, upstream }: Wires): Dialect["media"] =>
  client !== upstream && upstream === "openai-chat" ? { results: "move", ...media } : media;
