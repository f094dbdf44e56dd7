/** A conversation as Gemini's contents: two roles, each turn a list of parts. */
import { EncodeError, isObject, parseExact } from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ContentPart,
  type JsonObject,
  type JsonValue,
  present,
  type Sealed,
  type ToolCall,
} from "@headgate/contract";
import type { ModelTraits } from "./model.ts";
import { encodePart } from "./parts.ts";
import { WIRE } from "./wire.ts";

/**
 * Gemini 3 answers 400 to a step whose first call has no signature, as calls of other models have none, and accepts this
 * instead: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export const SKIP_SIGNATURE = "skip_thought_signature_validator";

interface Content {
  readonly role: "user" | "model";
  readonly parts: JsonObject[];
  /** Whether it holds the results of one step's calls, which belong in one turn. */
  readonly results: boolean;
}

export interface Conversation {
  readonly systemInstruction?: JsonObject;
  readonly contents: JsonValue;
}

/**
 * @param dropped gets the fields of messages that Gemini lacks.
 * @throws {EncodeError} for a result without its call, arguments that are no object, and unsupported parts.
 */
export function encodeMessages(
  messages: readonly ChatMessage[],
  traits: ModelTraits,
  dropped: string[],
): Conversation {
  const system: JsonObject[] = [];
  const contents: Content[] = [];
  // Results name their function, not only their call; ids may repeat over turns, and the latest call counts.
  const names = new Map<string, string>();
  const omit = (name: string, present: boolean): void => {
    if (present && !dropped.includes(name)) dropped.push(name);
  };
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}]`;
    omit("messages[].name", message.role !== "tool" && message.name !== undefined);
    omit("messages[].content[].image_url.detail", message.content.some(wantsDetail));
    if (message.role === "system") system.push(...encodeSystem(message.content, at));
    else if (message.role === "user") {
      contents.push({ role: "user", parts: encodeParts(message.content, traits, at), results: false });
    } else if (message.role === "assistant") {
      omit("messages[].reasoning", (message.reasoning ?? "") !== "");
      for (const { id, name } of message.toolCalls) names.set(id, name);
      const calls = message.toolCalls.map((call, position) => encodeCall(call, position, traits, at));
      const parts = [...encodeParts(message.content, traits, at), ...calls];
      if (parts.length > 0) contents.push({ role: "model", parts, results: false });
    } else {
      const name = names.get(message.toolCallId);
      if (name === undefined) {
        throw new EncodeError("no earlier message calls a tool under this id", `${at}.tool_call_id`);
      }
      const part = encodeResult(message.toolCallId, name, message.content, traits, at);
      const last = contents.at(-1);
      if (last?.results === true) last.parts.push(part);
      else contents.push({ role: "user", parts: [part], results: true });
    }
  }
  return assemble(system, contents, traits);
}

function assemble(system: JsonObject[], contents: readonly Content[], { gemma }: ModelTraits): Conversation {
  const turns = contents.map(({ role, parts }): JsonObject => ({ role, parts }));
  if (system.length === 0) return { contents: turns };
  if (!gemma && turns.length > 0) return { systemInstruction: { parts: system }, contents: turns };
  const at = contents.findIndex(({ role, results }) => role === "user" && !results);
  const first = contents[at];
  if (first === undefined) return { contents: [{ role: "user", parts: system }, ...turns] };
  const folded: JsonObject = { role: "user", parts: [...system, ...first.parts] };
  return { contents: turns.with(at, folded) };
}

function encodeSystem(content: readonly ContentPart[], at: string): JsonObject[] {
  return content.map((part, index) => {
    if (part.type === "text") return { text: part.text };
    throw new EncodeError(`a system message may hold no ${part.type} part`, `${at}.content[${index}]`);
  });
}

/** The API refuses an empty text without a seal. */
function encodeParts(content: readonly ContentPart[], traits: ModelTraits, at: string): JsonObject[] {
  return content.flatMap((part, index) => {
    if (part.type !== "text") return [encodePart(part, traits, `${at}.content[${index}]`)];
    const thoughtSignature = ownSeal(part.sealed);
    if (part.text === "" && thoughtSignature === undefined) return [];
    return [present({ text: part.text, thoughtSignature })];
  });
}

function encodeCall(call: ToolCall, position: number, traits: ModelTraits, at: string): JsonObject {
  const path = `${at}.tool_calls[${position}].function.arguments`;
  const args = call.arguments.trim() === "" ? {} : parseExact(call.arguments);
  if (!isObject(args)) throw new EncodeError("a tool call's arguments must be a JSON object", path);
  // Of parallel calls only the first is signed.
  const foreign = position === 0 && traits.generation >= 3 && !traits.gemma ? SKIP_SIGNATURE : undefined;
  return present({
    functionCall: { id: call.id, name: call.name, args },
    thoughtSignature: ownSeal(call.sealed) ?? foreign,
  });
}

/** A result is an object; anything else is put under the key that the API documents for it. */
function encodeResult(
  id: string,
  name: string,
  content: readonly ContentPart[],
  traits: ModelTraits,
  at: string,
): JsonObject {
  const texts: string[] = [];
  const parts: JsonObject[] = [];
  for (const [index, part] of content.entries()) {
    const path = `${at}.content[${index}]`;
    if (part.type === "text") texts.push(part.text);
    else if (traits.generation >= 3 && !traits.gemma) parts.push(encodePart(part, traits, path));
    else throw new EncodeError(`this Gemini model takes no ${part.type} in a tool's result`, path);
  }
  const text = texts.join("\n");
  const value = parseExact(text);
  const response = isObject(value) ? value : { output: text };
  return {
    functionResponse: present({ id, name, response, parts: parts.length > 0 ? parts : undefined }),
  };
}

const wantsDetail = (part: ContentPart): boolean =>
  part.type === "image" && (part.detail ?? "auto") !== "auto";

const ownSeal = (sealed: Sealed | undefined): string | undefined =>
  sealed?.wire === WIRE ? sealed.data : undefined;
