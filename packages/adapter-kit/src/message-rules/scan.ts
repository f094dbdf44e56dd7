/**
 * Which rules a body of OpenAI's chat wire can need, found in one look over its messages. A rule set is compiled to a mask
 * once; a body without any of its traits passes as bytes.
 */
import { type Dialect, type JsonObject, type JsonValue, ownValue } from "@headgate/contract";
import { isObject } from "../json-read.ts";

/** What a body has. Those of the first row always need the rule; of the others the rules themselves decide. */
const TRAIT = {
  developer: 1,
  laterSystem: 1 << 1,
  anySystem: 1 << 2,
  systemList: 1 << 3,
  userList: 1 << 4,
  assistantList: 1 << 5,
  toolList: 1 << 6,
  objectArguments: 1 << 7,
  noContent: 1 << 8,
  nullContent: 1 << 9,
  reasoningContent: 1 << 10,
  reasoning: 1 << 11,
  reasoningDetails: 1 << 12,
  ownField: 1 << 13,
  cacheMark: 1 << 14,
  strictTool: 1 << 15,
  emptyText: 1 << 16,

  calls: 1 << 20,
  tools: 1 << 21,
  media: 1 << 22,
  order: 1 << 23,
  jsonMode: 1 << 24,
} as const;

const CERTAIN = (1 << 20) - 1;

/** `none`: the body passes. `perhaps`: it passes where the rules change nothing. `certain`: it is written anew. */
export type MessageNeed = "none" | "perhaps" | "certain";

interface Traits {
  readonly bits: number;
  /** Names of fields of messages that are not the wire's usual ones. */
  readonly own: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();
const USUAL: ReadonlySet<string> = new Set(["role", "content", "tool_calls", "tool_call_id"]);

const masks = new WeakMap<Dialect, number>();
const found = new WeakMap<JsonObject, Traits>();

export function messageNeed(json: JsonObject, dialect: Dialect): MessageNeed {
  let mask = masks.get(dialect);
  if (mask === undefined) {
    mask = maskOf(dialect);
    masks.set(dialect, mask);
  }
  if (mask === 0) return "none";
  let traits = found.get(json);
  if (traits === undefined) {
    traits = readTraits(json);
    found.set(json, traits);
  }
  const hit = traits.bits & mask;
  if ((hit & TRAIT.ownField) !== 0 && !hasUnknown(traits.own, dialect)) return needOf(hit & ~TRAIT.ownField);
  return needOf(hit);
}

const needOf = (hit: number): MessageNeed =>
  hit === 0 ? "none" : (hit & CERTAIN) !== 0 ? "certain" : "perhaps";

function hasUnknown(own: ReadonlySet<string>, { fields }: Dialect): boolean {
  for (const name of own) if (fields?.message?.includes(name) === false) return true;
  return false;
}

function maskOf(dialect: Dialect): number {
  const { system, content, reasoning, fields, cache, tool_names, call_ids, pairs, tools, schema } = dialect;
  const { turns, empty, media, format } = dialect;
  let mask = 0;
  const when = (holds: boolean, traits: number): void => {
    if (holds) mask |= traits;
  };
  when(system?.developer === false, TRAIT.developer);
  when(system?.place === "first", TRAIT.laterSystem);
  when(system?.place === "user", TRAIT.anySystem);
  for (const role of content?.text ?? []) mask |= LISTS[role];
  when(dialect.arguments !== undefined, TRAIT.calls | TRAIT.objectArguments);
  when(empty?.content !== undefined, TRAIT.noContent);
  when(empty?.content === "empty", TRAIT.nullContent);
  when(empty?.messages !== undefined || empty?.parts !== undefined, TRAIT.emptyText);
  when(reasoning?.history === "require", TRAIT.calls);
  if (reasoning?.history !== undefined) {
    const all = TRAIT.reasoningContent | TRAIT.reasoning | TRAIT.reasoningDetails;
    mask |= all & ~(reasoning.history === "drop" ? 0 : keptBits(reasoning.field));
  }
  when(fields?.message !== undefined, TRAIT.ownField);
  when(fields?.tool !== undefined, TRAIT.strictTool);
  when(cache !== undefined, TRAIT.cacheMark);
  when(tool_names !== undefined, TRAIT.tools | TRAIT.calls);
  when(call_ids !== undefined || pairs !== undefined, TRAIT.calls);
  when(tools?.max !== undefined || tools?.parameters !== undefined || schema !== undefined, TRAIT.tools);
  when(tools?.max_calls !== undefined, TRAIT.calls);
  when(turns !== undefined, TRAIT.order);
  when(media !== undefined, TRAIT.media);
  when(format?.json_word === true, TRAIT.jsonMode);
  return mask;
}

const LISTS = {
  system: TRAIT.systemList,
  user: TRAIT.userList,
  assistant: TRAIT.assistantList,
  tool: TRAIT.toolList,
} as const;

const REASONING_BITS: Readonly<Record<string, number>> = {
  reasoning_content: TRAIT.reasoningContent,
  reasoning: TRAIT.reasoning,
  reasoning_details: TRAIT.reasoningDetails,
};

/** The fields that may stay as the client sends them. */
const keptBits = (field: string | undefined): number =>
  field === "reasoning_details"
    ? TRAIT.reasoning | TRAIT.reasoningDetails
    : (ownValue(REASONING_BITS, field ?? "") ?? 0);

function readTraits(json: JsonObject): Traits {
  const messages = Array.isArray(json.messages) ? (json.messages as readonly JsonValue[]) : [];
  const own = new Set<string>();
  let bits = toolTraits(json.tools);
  if (isObject(json.response_format) && json.response_format.type === "json_object") bits |= TRAIT.jsonMode;
  let before: JsonValue | undefined;
  let user = false;
  for (let at = 0; at < messages.length; at += 1) {
    const message = messages[at];
    if (!isObject(message)) continue;
    const { role } = message;
    if (role === "developer") bits |= TRAIT.developer;
    if (role === "system" || role === "developer")
      bits |= at > 0 ? TRAIT.anySystem | TRAIT.laterSystem : TRAIT.anySystem;
    else if (role === before || (role === "user" && before === "tool")) bits |= TRAIT.order;
    if (role === "user") user = true;
    if (role === "tool") bits |= TRAIT.calls;
    before = role;
    bits |= contentTraits(message) | callTraits(message.tool_calls);
    for (const name in message) {
      if (USUAL.has(name)) continue;
      // A closed list refuses a field without a value too.
      own.add(name);
      if (message[name] !== null) bits |= ownValue(REASONING_BITS, name) ?? 0;
    }
  }
  if (own.size > 0) bits |= TRAIT.ownField;
  if (before === "assistant" || !user) bits |= TRAIT.order;
  return { bits, own: own.size === 0 ? NONE : own };
}

function contentTraits({ role, content, tool_calls: calls }: JsonObject): number {
  if (typeof content === "string") return content.trim() === "" && role !== "tool" ? TRAIT.emptyText : 0;
  if (!Array.isArray(content)) {
    if (role !== "assistant") return 0;
    if (calls === undefined || calls === null) return TRAIT.emptyText;
    return content === null ? TRAIT.nullContent : TRAIT.noContent | TRAIT.nullContent;
  }
  let bits = 0;
  let texts = true;
  for (const part of content as readonly JsonValue[]) {
    if (!isObject(part)) continue;
    if (part.type !== "text") texts = false;
    else if (typeof part.text === "string" && part.text.trim() === "") bits |= TRAIT.emptyText;
    if (part.cache_control !== undefined) bits |= TRAIT.cacheMark;
  }
  if (!texts) return bits | TRAIT.media;
  if (content.length === 0) bits |= TRAIT.emptyText;
  if (role === "user") return bits | TRAIT.userList;
  if (role === "assistant") return bits | TRAIT.assistantList;
  return bits | (role === "tool" ? TRAIT.toolList : TRAIT.systemList);
}

function callTraits(calls: JsonValue | undefined): number {
  if (!Array.isArray(calls) || calls.length === 0) return 0;
  for (const call of calls as readonly JsonValue[]) {
    const called = isObject(call) ? call.function : undefined;
    if (isObject(called) && typeof called.arguments !== "string") return TRAIT.calls | TRAIT.objectArguments;
  }
  return TRAIT.calls;
}

function toolTraits(tools: JsonValue | undefined): number {
  if (!Array.isArray(tools) || tools.length === 0) return 0;
  let bits: number = TRAIT.tools;
  for (const tool of tools as readonly JsonValue[]) {
    if (!isObject(tool)) continue;
    if (tool.cache_control !== undefined) bits |= TRAIT.cacheMark;
    if (isObject(tool.function) && tool.function.strict !== undefined) bits |= TRAIT.strictTool;
  }
  return bits;
}
