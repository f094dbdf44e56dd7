/** Items as canonical messages. Neighbouring items of the model's (reasoning, text, calls) are one assistant turn. */
import {
  type ChatMessage,
  type ContentPart,
  type JsonObject,
  present,
  type ReasoningPart,
  type ToolCall,
} from "@headgate/contract";
import type { Sealer } from "../../../codec/sealer.ts";
import { badRequest, quoted } from "../../../http/client-error.ts";
import { isArray } from "../../../http/json-body.ts";
import { readCompaction } from "./compaction-item.ts";
import { decodeContent } from "./content.ts";
import { argumentsOfInput } from "./custom-tools.ts";
import { givenText, requiredText, unsupported } from "./fields.ts";
import { readSeal, type Seal } from "./seal.ts";
import type { ToolNames } from "./tool-names.ts";

export interface Item {
  readonly json: JsonObject;
  /** Such as `input[3]`; what an error names. */
  readonly path: string;
}

/** The model's turn, and the results of its calls. They follow it directly, whatever came between. */
interface Turn {
  readonly content: ContentPart[];
  readonly toolCalls: ToolCall[];
  readonly reasoning: ReasoningPart[];
  readonly results: {
    readonly toolCallId: string;
    readonly content: readonly ContentPart[];
    readonly path: string;
  }[];
}

type Entry = { readonly message: ChatMessage } | { readonly turn: Turn };

export interface DecodedItems {
  readonly messages: readonly ChatMessage[];
  /** By message: the path of its parts, such as `input[2].output`; of a whole turn that of its first item. */
  readonly paths: readonly string[];
  readonly callIds: ReadonlySet<string>;
  /** Paths of items that are left out. */
  readonly leftOut: readonly string[];
}

/** @throws {ClientError} 400 with the path of the item that has no meaning. */
export function decodeItems(items: readonly Item[], names: ToolNames, sealer: Sealer): DecodedItems {
  return new ItemReader(names, sealer).read(items);
}

class ItemReader {
  readonly #names: ToolNames;
  readonly #sealer: Sealer;
  readonly #entries: { readonly entry: Entry; readonly path: string }[] = [];
  /** Calls that have no output yet. */
  readonly #waiting = new Map<string, { readonly turn: Turn; readonly path: string }>();
  readonly #callIds = new Set<string>();
  /** Paths of items without a meaning for other models. */
  readonly leftOut: string[] = [];

  constructor(names: ToolNames, sealer: Sealer) {
    this.#names = names;
    this.#sealer = sealer;
  }

  read(items: readonly Item[]): DecodedItems {
    for (const item of items) this.#take(item);
    for (const [callId, { path }] of this.#waiting) {
      throw badRequest(`No tool output found for function call ${quoted(callId)}.`, path);
    }
    const messages: ChatMessage[] = [];
    const paths: string[] = [];
    for (const { entry, path } of this.#entries) {
      messages.push("turn" in entry ? assistantOf(entry.turn) : entry.message);
      paths.push(path);
      for (const { path: at, ...result } of "turn" in entry ? entry.turn.results : []) {
        messages.push({ role: "tool", ...result });
        paths.push(at);
      }
    }
    return { messages, paths, callIds: this.#callIds, leftOut: this.leftOut };
  }

  #take({ json, path }: Item): void {
    switch (json.type) {
      case "message":
        this.#message(json, path);
        break;
      case "function_call":
        this.#call(json, path);
        break;
      case "custom_tool_call":
        this.#call({ ...json, arguments: argumentsOfInput(givenText(json, "input", `${path}.`)) }, path);
        break;
      case "custom_tool_call_output":
      case "function_call_output":
        this.#result(json, path);
        break;
      case "reasoning":
        this.#reasoning(json, path);
        break;
      case "web_search_call":
        // A search that OpenAI ran: its findings are in the text behind it.
        this.leftOut.push(path);
        break;
      case "compaction": {
        const content = [readCompaction(json, path, this.#sealer)];
        this.#entries.push({ entry: { message: { role: "user", content } }, path });
        break;
      }
      default:
        throw unsupported(
          `Input items of the type ${quoted(json.type)} are not understood; use message, function_call, function_call_output, custom_tool_call, custom_tool_call_output, reasoning, compaction or item_reference.`,
          `${path}.type`,
        );
    }
  }

  #message(json: JsonObject, path: string): void {
    const content = decodeContent(json.content, `${path}.content`);
    switch (json.role) {
      case "user":
        this.#entries.push({ entry: { message: { role: "user", content } }, path: `${path}.content` });
        break;
      case "system":
      case "developer":
        this.#entries.push({ entry: { message: { role: "system", content } }, path: `${path}.content` });
        break;
      case "assistant":
        this.#turn(path).content.push(...content);
        break;
      default:
        throw badRequest(
          `A message's \`role\` must be user, assistant, system or developer, not ${quoted(json.role)}.`,
          `${path}.role`,
        );
    }
  }

  #call(json: JsonObject, path: string): void {
    const id = requiredText(json, "call_id", `${path}.`);
    const name = requiredText(json, "name", `${path}.`);
    const { namespace, arguments: args } = json;
    if (typeof args !== "string") throw badRequest("`arguments` must be JSON text.", `${path}.arguments`);
    if (this.#waiting.has(id))
      throw badRequest(`Two function calls have the id ${quoted(id)}.`, `${path}.call_id`);
    const turn = this.#turn(path);
    const named = typeof namespace === "string" ? { name, namespace } : { name };
    turn.toolCalls.push({ id, name: this.#names.flat(named), arguments: args });
    this.#waiting.set(id, { turn, path });
    this.#callIds.add(id);
  }

  #result(json: JsonObject, path: string): void {
    const toolCallId = requiredText(json, "call_id", `${path}.`);
    const call = this.#waiting.get(toolCallId);
    if (call === undefined)
      throw badRequest(
        `No tool call found for function call output with call_id ${quoted(toolCallId)}.`,
        `${path}.call_id`,
      );
    if (json.output === undefined || json.output === null)
      throw badRequest("A function_call_output needs an `output`.", `${path}.output`);
    this.#waiting.delete(toolCallId);
    const at = `${path}.output`;
    call.turn.results.push({ toolCallId, content: decodeContent(json.output, at), path: at });
  }

  /** The raw words where there are any, else the summary. */
  #reasoning(json: JsonObject, path: string): void {
    const { summary, content } = json;
    if (!isArray(summary) && !isArray(content) && summary !== undefined && summary !== null)
      throw badRequest("`summary` must be an array of parts.", `${path}.summary`);
    const raw = isArray(content) ? textOf(decodeContent(content, `${path}.content`)) : "";
    const text = raw === "" && isArray(summary) ? textOf(decodeContent(summary, `${path}.summary`)) : raw;
    const seal = readSeal(json.encrypted_content);
    const turn = this.#turn(path);
    if (seal?.of !== undefined) applySeal(turn, seal);
    else if (text !== "" || seal !== undefined) turn.reasoning.push(reasoningPart(text, seal));
  }

  /** The open turn; a new one after another role's item or after a result of its calls. */
  #turn(path: string): Turn {
    const last = this.#entries.at(-1)?.entry;
    if (last !== undefined && "turn" in last && last.turn.results.length === 0) return last.turn;
    const turn: Turn = { content: [], toolCalls: [], reasoning: [], results: [] };
    this.#entries.push({ entry: { turn }, path });
    return turn;
  }
}

const textOf = (parts: readonly ContentPart[]): string =>
  parts.map((part) => (part.type === "text" ? part.text : "")).join("\n\n");

const reasoningPart = (text: string, seal: Seal | undefined): ReasoningPart => ({
  text,
  ...present({ sealed: seal && { wire: seal.wire, data: seal.data } }),
  ...(seal?.redacted === true ? { redacted: true } : {}),
});

/** A seal of a text or a call goes back to it, where it is still in the conversation. */
function applySeal({ content, toolCalls }: Turn, { of, wire, data }: Seal): void {
  const sealed = { wire, data };
  if (typeof of === "object") {
    const at = toolCalls.findIndex((call) => call.id === of.callId);
    const call = toolCalls[at];
    if (call !== undefined) toolCalls[at] = { ...call, sealed };
    return;
  }
  const at = content.findLastIndex((part) => part.type === "text");
  const part = content[at];
  if (part?.type === "text") content[at] = { ...part, sealed };
}

function assistantOf({ content, toolCalls, reasoning }: Turn): ChatMessage {
  const words = reasoning.map(({ text }) => text).filter((text) => text !== "");
  const sealed = reasoning.some((part) => part.sealed !== undefined);
  return {
    role: "assistant",
    content,
    toolCalls,
    ...(words.length === 0 ? {} : { reasoning: words.join("\n\n") }),
    ...(sealed ? { reasoningParts: reasoning } : {}),
  };
}
