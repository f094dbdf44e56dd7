/** A canonical message in OpenAI's form, with what the provider's dialect says about content and reasoning. */
import {
  DETAILS_WIRE,
  dialectOf,
  EncodeError,
  imageUrl,
  joinText,
  parseJson,
  type Target,
} from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ContentPart,
  type Dialect,
  type JsonObject,
  type JsonValue,
  present,
  type Sealed,
  type ToolCall,
} from "@headgate/contract";

type Assistant = Extract<ChatMessage, { role: "assistant" }>;
type Role = ChatMessage["role"];

/** The mark of a cached prompt: https://openrouter.ai/docs/features/prompt-caching */
export const marked = (cache: JsonObject | undefined): JsonObject =>
  cache === undefined ? {} : { cache_control: cache };

export class MessageEncoder {
  readonly #dialect: Dialect;
  readonly #gemini: boolean;
  /** True once a message had reasoning that this provider does not take. */
  lostReasoning = false;

  constructor(target: Target) {
    this.#dialect = dialectOf(target);
    this.#gemini = /gemini/i.test(target.deployment.upstream);
  }

  encode(message: ChatMessage, index: number): JsonObject {
    const at = `messages[${index}]`;
    const own = message.own?.fields ?? {};
    switch (message.role) {
      case "system":
        return {
          ...present({ role: "system", content: this.#text(message, at), name: message.name }),
          ...own,
        };
      case "user":
        return {
          ...present({ role: "user", content: this.#user(message.content, at), name: message.name }),
          ...own,
        };
      case "assistant":
        return { ...this.#assistant(message, at), ...own };
      case "tool":
        return { role: "tool", tool_call_id: message.toolCallId, content: this.#text(message, at), ...own };
    }
  }

  #assistant(message: Assistant, at: string): JsonObject {
    const calls = message.toolCalls.map((call) => this.#call(call));
    const content = withThought(this.#text(message, at), this.#thought(message));
    return present({
      role: "assistant",
      content: content === "" && calls.length > 0 ? this.#noContent() : content,
      name: message.name,
      tool_calls: calls.length > 0 ? calls : undefined,
      ...this.#reasoning(message),
      ...this.#seal(message.content.findLast((part) => part.type === "text")?.sealed),
    });
  }

  #call(call: ToolCall): JsonObject {
    const { id, name, arguments: args } = call;
    return { id, type: "function", function: { name, arguments: args }, ...this.#seal(call.sealed) };
  }

  /** Google's models take their seals on this wire too: https://ai.google.dev/gemini-api/docs/openai */
  #seal(sealed: Sealed | undefined): JsonObject {
    if (!this.#gemini || sealed?.wire !== "gemini") return {};
    return { extra_content: { google: { thought_signature: sealed.data } } };
  }

  #noContent(): JsonValue | undefined {
    const form = this.#dialect.empty?.content;
    return form === "empty" ? "" : form === "absent" ? undefined : null;
  }

  #reasoning(message: Assistant): JsonObject {
    const { reasoning: rule } = this.#dialect;
    const { reasoning, reasoningParts = [] } = message;
    if (reasoning === undefined && reasoningParts.length === 0) return {};
    if (rule?.history !== "keep" && rule?.history !== "require") {
      const own = message.own?.fields ?? {};
      this.lostReasoning ||= own.reasoning_content === undefined && own.reasoning === undefined;
      return {};
    }
    switch (rule.field) {
      case "reasoning_details": {
        const details = reasoningParts.flatMap(({ sealed }) => detailsOf(sealed));
        return details.length === 0 ? {} : { reasoning_details: details };
      }
      case "thinking":
        return {};
      default:
        return { [rule.field ?? "reasoning_content"]: reasoning ?? "" };
    }
  }

  /** Mistral's form: a part of the content. https://docs.mistral.ai/capabilities/reasoning/ */
  #thought({ reasoning = "" }: Assistant): string {
    const { history, field } = this.#dialect.reasoning ?? {};
    return field === "thinking" && history !== "drop" ? reasoning : "";
  }

  /** Only user messages may have other parts at every provider; the others' text is one string where it has no mark. */
  #text({ role, content }: ChatMessage, at: string): JsonValue {
    if (content.some(({ cache }) => cache !== undefined) && !this.#asText(role))
      return content.map((part, index) => encodePart(part, `${at}.content[${index}]`));
    return joinText(content, at, (type) => `only a user message may hold an ${type} part`);
  }

  #user(parts: readonly ContentPart[], at: string): JsonValue {
    const [first, ...rest] = parts;
    if (first === undefined) return "";
    if (first.type === "text" && rest.length === 0 && first.cache === undefined) return first.text;
    if (this.#asText("user") && parts.every(({ type }) => type === "text"))
      return joinText(parts, at, (type) => `text cannot hold an ${type} part`);
    return parts.map((part, index) => encodePart(part, `${at}.content[${index}]`));
  }

  #asText(role: Role): boolean {
    return this.#dialect.content?.text?.includes(role) === true;
  }
}

function withThought(content: JsonValue, thought: string): JsonValue {
  if (thought === "") return content;
  const thinking = { type: "thinking", thinking: [{ type: "text", text: thought }] };
  if (Array.isArray(content)) return [thinking, ...(content as readonly JsonValue[])];
  return content === "" ? [thinking] : [thinking, { type: "text", text: content }];
}

/** What a provider sealed, as it gave it: a list of objects. */
function detailsOf(sealed: Sealed | undefined): readonly JsonValue[] {
  if (sealed?.wire !== DETAILS_WIRE) return [];
  const value = parseJson(sealed.data);
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

function encodePart(part: ContentPart, at: string): JsonObject {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text, ...marked(part.cache) };
    case "image": {
      const image_url = present({ url: imageUrl(part, at), detail: part.detail });
      return { type: "image_url", image_url, ...marked(part.cache) };
    }
    case "file": {
      if (part.data === undefined) throw new EncodeError("a file goes as data, not by its URL", at);
      const file_data = `data:${part.mediaType};base64,${part.data}`;
      return { type: "file", file: { filename: part.name ?? "document", file_data }, ...marked(part.cache) };
    }
    case "audio":
      return {
        type: "input_audio",
        input_audio: { data: part.data, format: part.format },
        ...marked(part.cache),
      };
  }
}
