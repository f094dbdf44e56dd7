/** Contents in canonical form. https://ai.google.dev/api/caching#Content */
import { isObject } from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ContentPart,
  type JsonObject,
  type JsonValue,
  present,
  type ReasoningPart,
  type ToolCall,
} from "@headgate/contract";
import { badRequest } from "../../http/client-error.ts";
import { textField } from "../field-readers.ts";
import { listOf, message, type Notes, requiredText } from "./fields.ts";
import { decodeBlob, decodeFile } from "./media.ts";
import { readSeal } from "./seals.ts";

export interface Conversation {
  readonly messages: readonly ChatMessage[];
  /** By canonical message: its path in the body. */
  readonly paths: readonly string[];
}

/** The fields of which a part has one: https://ai.google.dev/api/caching#Part */
const KINDS = ["text", "inlineData", "fileData", "functionCall", "functionResponse"] as const;
type Kind = (typeof KINDS)[number];
/** Hints on how media is read; an answer without them is still correct. */
const HINTS: ReadonlySet<string> = new Set(["videoMetadata", "mediaResolution", "partMetadata"]);
const BESIDE: ReadonlySet<string> = new Set<string>([...KINDS, ...HINTS, "thought", "thoughtSignature"]);

/** Calls that no result has answered yet, oldest first. */
interface Calls {
  made: number;
  readonly open: ToolCall[];
}

interface PlacedPart {
  readonly part: JsonObject;
  /** Its path, and its content's. */
  readonly where: string;
  readonly content: string;
}

export function decodeContents(body: JsonObject, notes: Notes): Conversation {
  const contents = listOf(body.contents);
  if (contents.length === 0) throw badRequest("`contents` must hold at least one content.", "contents");
  const messages: ChatMessage[] = [];
  const paths: string[] = [];
  const add = (path: string, ...decoded: readonly ChatMessage[]): void => {
    messages.push(...decoded);
    paths.push(...decoded.map(() => path));
  };
  if (body.systemInstruction !== undefined) add("systemInstruction", ...decodeSystem(body, notes));
  const calls: Calls = { made: 0, open: [] };
  // Google's chat clients send each piece of a streamed answer back as a separate content. Together they are one turn.
  let turn: PlacedPart[] = [];
  const endTurn = (): void => {
    const [first] = turn;
    const message = decodeModelTurn(turn, calls, notes);
    if (first !== undefined && message !== undefined) add(first.content, message);
    turn = [];
  };
  contents.forEach((value, at) => {
    const path = `contents[${at}]`;
    const content = message(value, path);
    const role = textField(content, "role", `${path}.role`) ?? "user";
    const parts = listOf(content.parts).map((part, index): PlacedPart => {
      const where = `${path}.parts[${index}]`;
      return { part: message(part, where), where, content: path };
    });
    if (role === "model") {
      turn.push(...parts);
      return;
    }
    // `function` is the role of results in the first version of the API.
    if (role !== "user" && role !== "function" && role !== "")
      throw badRequest("A content's `role` must be user or model.", `${path}.role`);
    endTurn();
    add(path, ...decodeUserTurn(parts, calls, notes));
  });
  endTurn();
  return { messages, paths };
}

function decodeSystem({ systemInstruction }: JsonObject, notes: Notes): readonly ChatMessage[] {
  const path = "systemInstruction";
  const parts =
    typeof systemInstruction === "string" ? [{ text: systemInstruction }] : partsIn(systemInstruction, path);
  const content = parts.flatMap((part, at): ContentPart[] => {
    const where = `${path}.parts[${at}]`;
    const kind = kindOf(part, where, notes);
    if (kind === "text") return words(part, where);
    if (kind !== undefined) throw badRequest("A system instruction holds text only.", where);
    return [];
  });
  return content.length === 0 ? [] : [{ role: "system", content }];
}

const partsIn = (value: JsonValue | undefined, path: string): readonly JsonObject[] =>
  listOf(message(value, path).parts).map((part, at) => message(part, `${path}.parts[${at}]`));

function words(part: JsonObject, path: string): ContentPart[] {
  const words = textField(part, "text", `${path}.text`) ?? "";
  return words === "" ? [] : [{ type: "text", text: words }];
}

/** The kind of a part; undefined for one that only Gemini knows, which is noted. */
function kindOf(part: JsonObject, path: string, notes: Notes): Kind | undefined {
  for (const name of Object.keys(part)) {
    if (HINTS.has(name)) notes.leftOut.add(`contents.parts.${name}`);
    else if (!BESIDE.has(name)) notes.refuse(`The part ${name}`, `${path}.${name}`);
  }
  const kinds = KINDS.filter((name) => part[name] !== undefined);
  if (kinds.length > 1) throw badRequest(`A part holds one of ${kinds.join(", ")}, not several.`, path);
  const [kind] = kinds;
  if (kind !== undefined) return kind;
  if (part.thoughtSignature !== undefined) return "text";
  if (Object.keys(part).every((name) => BESIDE.has(name)))
    throw badRequest(`A part must hold one of ${KINDS.join(", ")}.`, path);
  return undefined;
}

/** Results first, each as a message; other content follows. */
function decodeUserTurn(parts: readonly PlacedPart[], calls: Calls, notes: Notes): readonly ChatMessage[] {
  const results: ChatMessage[] = [];
  const content: ContentPart[] = [];
  parts.forEach(({ part, where }) => {
    const kind = kindOf(part, where, notes);
    if (kind === "functionResponse")
      results.push(decodeResult(part, `${where}.functionResponse`, calls, notes));
    else if (kind === "functionCall")
      throw badRequest("Functions are called by the model, not the user.", where);
    else if (kind === "text") content.push(...words(part, where));
    else if (kind !== undefined) content.push(...decodeMedia(part, kind, where, notes));
  });
  if (results.length > 0 && content.length === 0) return results;
  return [...results, { role: "user", content }];
}

function decodeMedia(
  part: JsonObject,
  kind: "inlineData" | "fileData",
  path: string,
  notes: Notes,
): ContentPart[] {
  const where = `${path}.${kind}`;
  const media = message(part[kind], where);
  return kind === "inlineData" ? decodeBlob(media, where, notes) : decodeFile(media, where, notes);
}

/** A result names its function, and its call by id where the call has one. Without an id it answers the oldest call of that name. */
function decodeResult(part: JsonObject, path: string, { open }: Calls, notes: Notes): ChatMessage {
  const result = message(part.functionResponse, path);
  const name = requiredText(result, "name", `${path}.name`);
  const id = textField(result, "id", `${path}.id`);
  const byId = id === undefined ? -1 : open.findIndex((call) => call.id === id);
  const at = byId === -1 ? open.findIndex((call) => call.name === name) : byId;
  const [call] = at === -1 ? [] : open.splice(at, 1);
  if (call === undefined) throw badRequest("This result answers no functionCall that came before it.", path);
  const response = result.response ?? {};
  if (!isObject(response)) throw badRequest("`response` must be an object.", `${path}.response`);
  if (result.willContinue === true) notes.refuse("A result in pieces", `${path}.willContinue`);
  const media = listOf(result.parts).flatMap((value, index) => {
    const where = `${path}.parts[${index}]`;
    const held = message(value, where);
    if (held.inlineData !== undefined) return decodeMedia(held, "inlineData", where, notes);
    if (held.fileData !== undefined) return decodeMedia(held, "fileData", where, notes);
    throw badRequest("A result's part must hold inlineData or fileData.", where);
  });
  return {
    role: "tool",
    toolCallId: call.id,
    content: [{ type: "text", text: resultText(response) }, ...media],
  };
}

/** Google's clients wrap a plain text result as `{"output": "…"}`. */
function resultText(response: JsonObject): string {
  const { output, ...others } = response;
  if (typeof output === "string" && Object.keys(others).length === 0) return output;
  return JSON.stringify(response);
}

/** Undefined for an empty turn. */
function decodeModelTurn(parts: readonly PlacedPart[], calls: Calls, notes: Notes): ChatMessage | undefined {
  const content: ContentPart[] = [];
  const toolCalls: ToolCall[] = [];
  const thoughts: ReasoningPart[] = [];
  parts.forEach(({ part, where }) => {
    const kind = kindOf(part, where, notes);
    const seal = readSeal(textField(part, "thoughtSignature", `${where}.thoughtSignature`));
    if (kind === "text") {
      const words = textField(part, "text", `${where}.text`) ?? "";
      if (part.thought === true) addThought(thoughts, { text: words, ...seal });
      else addWords(content, words, seal);
    } else if (kind === "functionCall") {
      const call = { ...decodeCall(part, `${where}.functionCall`, calls), ...sealOf(seal) };
      toolCalls.push(call);
      calls.open.push(call);
    } else if (kind === "functionResponse")
      throw badRequest("Results come from the user, not the model.", where);
    // Images that a model made while thinking are no part of its answer.
    else if (kind !== undefined && part.thought !== true)
      content.push(...decodeMedia(part, kind, where, notes));
  });
  if (content.length + toolCalls.length + thoughts.length === 0) return undefined;
  const reasoning = thoughts.map((thought) => thought.text).join("");
  const sealed = thoughts.some((thought) => thought.sealed !== undefined);
  return {
    role: "assistant",
    content,
    toolCalls,
    ...(reasoning === "" ? {} : { reasoning }),
    ...(sealed ? { reasoningParts: thoughts } : {}),
  };
}

const sealOf = ({ sealed }: Pick<ReasoningPart, "sealed">): Pick<ReasoningPart, "sealed"> =>
  present({ sealed });

/** The pieces of a stream come back as parts; a seal ends its part. */
function addThought(thoughts: ReasoningPart[], piece: ReasoningPart): void {
  const last = thoughts.at(-1);
  if (last === undefined || last.sealed !== undefined || piece.redacted === true) {
    if (piece.text !== "" || piece.sealed !== undefined) thoughts.push(piece);
  } else thoughts.splice(-1, 1, { ...piece, text: last.text + piece.text });
}

function addWords(content: ContentPart[], words: string, seal: Pick<ReasoningPart, "sealed">): void {
  const sealed = sealOf(seal);
  const last = content.at(-1);
  if (words === "" && sealed.sealed === undefined) return;
  if (last?.type === "text" && last.sealed === undefined)
    content.splice(-1, 1, { type: "text", text: last.text + words, ...sealed });
  else content.push({ type: "text", text: words, ...sealed });
}

function decodeCall(part: JsonObject, path: string, calls: Calls): ToolCall {
  const call = message(part.functionCall, path);
  const args = call.args ?? {};
  if (!isObject(args)) throw badRequest("`args` must be an object.", `${path}.args`);
  const made = `call_part_${calls.made}`;
  calls.made += 1;
  const id = textField(call, "id", `${path}.id`) ?? "";
  return {
    id: id === "" ? made : id,
    name: requiredText(call, "name", `${path}.name`),
    arguments: JSON.stringify(args),
  };
}
