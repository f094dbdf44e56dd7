/** An answer of the Responses API as events. https://platform.openai.com/docs/api-reference/responses-streaming */
import {
  asArray,
  asCount,
  asObject,
  asText,
  countCharacters,
  isObject,
  type JsonEventReader,
  jsonEventDecoder,
  parseExact,
  type StreamDecoder,
} from "@headgate/adapter-kit";
import {
  type ChatEvent,
  type FinishReason,
  type JsonObject,
  type JsonValue,
  ownValue,
  present,
} from "@headgate/contract";
import { answerError } from "./inspect.ts";
import { RESPONSES_WIRE } from "./responses-encode.ts";
import { failureOf, readResponseUsage } from "./responses-usage.ts";

const CUT: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: "length",
  content_filter: "content_filter",
};

export function decodeResponse(bytes: Buffer): readonly ChatEvent[] {
  const body = parseExact(bytes.toString("utf8"));
  if (!isObject(body) || !Array.isArray(body.output))
    return [{ type: "error", error: answerError(bytes, "a response") }];
  const reader = new ResponseReader();
  return [...reader.open(body), ...reader.whole(body)];
}

export const decodeResponseStream = (): StreamDecoder => jsonEventDecoder({}, new ResponseReader());

/** What of an item came in pieces already. */
interface Item {
  readonly call: number;
  text: string;
  thought: string;
  args: string;
  /** A part of the reasoning came before: the next one begins a paragraph. */
  parts: number;
}

class ResponseReader implements JsonEventReader {
  readonly #items = new Map<JsonValue | undefined, Item>();
  #calls = 0;
  #started = false;
  #textLength = 0;

  read(event: JsonObject): readonly ChatEvent[] {
    const index = event.output_index;
    switch (event.type) {
      case "response.created":
      case "response.in_progress":
        return this.open(asObject(event.response) ?? {});
      case "response.output_item.added":
        return this.#added(index, asObject(event.item) ?? {});
      case "response.output_text.delta":
        return this.#text(this.#item(index), "text", asText(event.delta));
      case "response.refusal.delta":
        return this.#text(this.#item(index), "refusal", asText(event.delta));
      case "response.output_text.annotation.added":
        return this.#cited([event.annotation ?? null]);
      case "response.reasoning_summary_part.added":
        return this.#newPart(this.#item(index));
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        return this.#thought(this.#item(index), asText(event.delta));
      case "response.function_call_arguments.delta":
        return this.#arguments(this.#item(index), asText(event.delta));
      case "response.output_item.done":
        return this.#done(index, asObject(event.item) ?? {});
      case "response.completed":
      case "response.incomplete":
        return this.#ended(asObject(event.response) ?? {});
      case "response.failed":
        return [{ type: "error", error: failureOf(event.response) }];
      case "error":
        return [
          {
            type: "error",
            error: failureOf(isObject(event.error) ? { error: event.error } : { error: event }),
          },
        ];
      default:
        return [];
    }
  }

  open(response: JsonObject): readonly ChatEvent[] {
    if (this.#started) return [];
    this.#started = true;
    const [id, model, createdAtS] = [
      asText(response.id),
      asText(response.model),
      asCount(response.created_at),
    ];
    return [{ type: "start", ...present({ id, model, createdAtS }) }];
  }

  /** A whole response is the same items at once. */
  whole(response: JsonObject): readonly ChatEvent[] {
    if (response.status === "failed") return [{ type: "error", error: failureOf(response) }];
    const items = (asArray(response.output) ?? []).flatMap((item, index) => {
      const given = asObject(item) ?? {};
      return [...this.#added(index, given), ...this.#done(index, given)];
    });
    return [...items, ...this.#ended(response)];
  }

  #item(index: JsonValue | undefined): Item {
    const known = this.#items.get(index);
    if (known !== undefined) return known;
    const item: Item = { call: -1, text: "", thought: "", args: "", parts: 0 };
    this.#items.set(index, item);
    return item;
  }

  #added(index: JsonValue | undefined, given: JsonObject): readonly ChatEvent[] {
    if (given.type !== "function_call") return [];
    const call = this.#calls;
    this.#calls += 1;
    this.#items.set(index, { call, text: "", thought: "", args: "", parts: 0 });
    return [
      {
        type: "tool-call",
        index: call,
        id: asText(given.call_id) ?? `call_${call}`,
        name: asText(given.name) ?? "",
      },
    ];
  }

  #text(item: Item, type: "text" | "refusal", words: string | undefined): readonly ChatEvent[] {
    if (words === undefined) return [];
    item.text += words;
    if (type === "text") this.#textLength += countCharacters(words);
    return [{ type, text: words }];
  }

  #newPart(item: Item): readonly ChatEvent[] {
    item.parts += 1;
    return item.parts > 1 ? this.#thought(item, "\n\n") : [];
  }

  #thought(item: Item, words: string | undefined): readonly ChatEvent[] {
    if (words === undefined) return [];
    item.thought += words;
    return [{ type: "reasoning", text: words }];
  }

  #arguments(item: Item, words: string | undefined): readonly ChatEvent[] {
    if (words === undefined || item.call < 0) return [];
    item.args += words;
    return [{ type: "tool-call", index: item.call, arguments: words }];
  }

  /** What did not come in pieces, and the seal over the reasoning. */
  #done(index: JsonValue | undefined, given: JsonObject): readonly ChatEvent[] {
    const item = this.#item(index);
    switch (given.type) {
      case "function_call":
        return item.args === "" ? this.#arguments(item, asText(given.arguments) ?? "{}") : [];
      case "message":
        return item.text === "" ? this.#message(item, given) : [];
      case "reasoning": {
        const words = item.thought === "" ? this.#thought(item, thoughtIn(given)) : [];
        const data = asText(given.encrypted_content);
        return data === undefined
          ? words
          : [...words, { type: "reasoning", text: "", sealed: { wire: RESPONSES_WIRE, data } }];
      }
      default:
        return [];
    }
  }

  #message(item: Item, given: JsonObject): readonly ChatEvent[] {
    return (asArray(given.content) ?? []).flatMap((value) => {
      const part = asObject(value) ?? {};
      if (part.type === "refusal") return this.#text(item, "refusal", asText(part.refusal));
      return [
        ...this.#text(item, "text", asText(part.text)),
        ...this.#cited(asArray(part.annotations) ?? []),
      ];
    });
  }

  #cited(annotations: readonly JsonValue[]): readonly ChatEvent[] {
    return annotations.flatMap((value): ChatEvent[] => {
      const cited = asObject(value);
      const url = asText(cited?.url);
      if (cited?.type !== "url_citation" || url === undefined) return [];
      const start = asCount(cited.start_index) ?? 0;
      const end = asCount(cited.end_index) ?? this.#textLength;
      const title = asText(cited.title);
      return [{ type: "citation", citation: { start, end, url, ...present({ title }) } }];
    });
  }

  #ended(response: JsonObject): readonly ChatEvent[] {
    const cut = ownValue(CUT, asText(asObject(response.incomplete_details)?.reason) ?? "");
    const reason =
      cut ?? (response.status === "incomplete" ? "length" : this.#calls > 0 ? "tool_calls" : "stop");
    const usage = readResponseUsage(response.usage);
    return [
      { type: "finish", reason },
      ...(usage === undefined ? [] : [{ type: "usage", usage } as const]),
      { type: "end" },
    ];
  }
}

/** Raw reasoning where there is any, else the summary. */
function thoughtIn({ content, summary }: JsonObject): string | undefined {
  const textOf = (parts: JsonValue | undefined): string =>
    (asArray(parts) ?? []).map((part) => asText(asObject(part)?.text) ?? "").join("\n\n");
  return asText(textOf(content)) ?? asText(textOf(summary));
}
