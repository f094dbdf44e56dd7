/** Anthropic's Messages wire: named events and whole messages. https://platform.claude.com/docs/en/build-with-claude/streaming */
import type { Answer } from "./answer.ts";
import { argumentsOf } from "./exact-json.ts";
import type { Frame } from "./frame.ts";
import { asList, asObject, asText, type JsonObject, type JsonValue } from "./json.ts";
import type { LabRequest } from "./lab-request.ts";

const STOP_REASONS: Readonly<Record<string, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
};

/** https://platform.claude.com/docs/en/api/errors */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};

/** An event's name is in its line and in its data. */
export function anthropicEvent(type: string, fields: JsonObject = {}): Buffer {
  return Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
}

/** The envelope of an error with this status. */
export const anthropicError = (request: LabRequest, message: string, status: number): JsonObject => ({
  type: "error",
  error: { type: ERROR_TYPES[status] ?? "api_error", message },
  request_id: `req_lab_${request.seq}`,
});

export const contentDelta = (index: number, delta: JsonObject): Buffer =>
  anthropicEvent("content_block_delta", { index, delta });

/** The signature of the thinking, which must be sent back with it. */
const signatureOf = (request: LabRequest): string => `sig_lab_${request.seq}`;
const callId = (request: LabRequest, index: number): string => `toolu_lab_${request.seq}_${index}`;

function promptUsage({ usage }: Answer): JsonObject {
  const cached = usage.cachedInputTokens ?? 0;
  return {
    input_tokens: usage.inputTokens - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
  };
}

function message(request: LabRequest, content: readonly JsonObject[], more: JsonObject): JsonObject {
  return {
    id: `msg_lab_${request.seq}`,
    type: "message",
    role: "assistant",
    model: request.model,
    content,
    ...more,
  };
}

/** A block's start, its final form, and the deltas between. */
interface Block {
  readonly empty: JsonObject;
  readonly whole: JsonObject;
  readonly deltas: readonly JsonObject[];
}

function blocksOf(request: LabRequest, answer: Answer): Block[] {
  const blocks: Block[] = [];
  const thinking = answer.reasoning.join("");
  const signature = answer.marks?.seal(thinking) ?? signatureOf(request);
  if (answer.reasoning.length > 0) {
    blocks.push({
      empty: { type: "thinking", thinking: "", signature: "" },
      whole: { type: "thinking", thinking, signature },
      deltas: [
        ...answer.reasoning.map((piece) => ({ type: "thinking_delta", thinking: piece })),
        { type: "signature_delta", signature },
      ],
    });
  }
  if (answer.hidden) {
    const redacted = { type: "redacted_thinking", data: answer.marks?.seal("redacted") ?? signature };
    blocks.push({ empty: redacted, whole: redacted, deltas: [] });
  }
  blocks.push(...textBlocks(answer));
  answer.toolCalls.forEach(({ name, arguments: pieces }, index) => {
    const call = { type: "tool_use", id: answer.marks?.callId(index, name) ?? callId(request, index), name };
    blocks.push({
      empty: { ...call, input: {} },
      whole: { ...call, input: argumentsOf(pieces) },
      deltas: ["", ...pieces].map((partial_json) => ({ type: "input_json_delta", partial_json })),
    });
  });
  return blocks;
}

/** Cited text is a block of its own. */
function textBlocks({ text, citations }: Answer): Block[] {
  if (text.length === 0) return [];
  if (citations.length === 0) return [textBlock(text, [])];
  const words = [...text.join("")];
  const blocks: Block[] = [];
  let done = 0;
  for (const { start, end, url, title } of citations) {
    if (start > done) blocks.push(textBlock([words.slice(done, start).join("")], []));
    const cited = { type: "web_search_result_location", url, title, cited_text: "", encrypted_index: "lab" };
    blocks.push(textBlock([words.slice(start, end).join("")], [cited]));
    done = end;
  }
  if (done < words.length) blocks.push(textBlock([words.slice(done).join("")], []));
  return blocks;
}

function textBlock(pieces: readonly string[], citations: readonly JsonObject[]): Block {
  const text = { type: "text", text: pieces.join("") };
  return {
    empty: { type: "text", text: "" },
    whole: citations.length === 0 ? text : { ...text, citations },
    deltas: [
      ...pieces.map((piece) => ({ type: "text_delta", text: piece })),
      ...citations.map((citation) => ({ type: "citations_delta", citation })),
    ],
  };
}

export function anthropicFrames(request: LabRequest, answer: Answer): Frame[] {
  const frames: Frame[] = [];
  const add = (kind: Frame["kind"], bytes: Buffer): void => void frames.push({ kind, bytes });
  const begun = {
    stop_reason: null,
    stop_sequence: null,
    usage: { ...promptUsage(answer), output_tokens: 1 },
  };
  add("role", anthropicEvent("message_start", { message: message(request, [], begun) }));
  blocksOf(request, answer).forEach(({ empty, deltas }, index) => {
    add("role", anthropicEvent("content_block_start", { index, content_block: empty }));
    if (index === 0) add("role", anthropicEvent("ping"));
    for (const delta of deltas) add("content", contentDelta(index, delta));
    add("role", anthropicEvent("content_block_stop", { index }));
  });
  const delta = { stop_reason: STOP_REASONS[answer.finish] ?? answer.finish, stop_sequence: null };
  const usage = { output_tokens: answer.usage.outputTokens };
  add("finish", anthropicEvent("message_delta", { delta, usage }));
  add("done", anthropicEvent("message_stop"));
  return frames;
}

export function anthropicWhole(request: LabRequest, answer: Answer): JsonObject {
  const content = blocksOf(request, answer).map(({ whole }) => whole);
  const usage = { ...promptUsage(answer), output_tokens: answer.usage.outputTokens };
  return message(request, content, {
    stop_reason: STOP_REASONS[answer.finish] ?? answer.finish,
    stop_sequence: null,
    usage,
  });
}

/** The request in OpenAI's form, which the lab's model reads. */
export function anthropicToOpenAi(body: JsonObject): JsonObject {
  const last = asObject(asList(body.messages).at(-1));
  const blocks = asList(last.content).map(asObject);
  const result = blocks.some(({ type }) => type === "tool_result");
  const turn = {
    role: result ? "tool" : "user",
    content: typeof last.content === "string" ? last.content : blocks.map(partOf),
  };
  const { format = undefined } = asObject(body.output_config);
  const { type: choice, name } = asObject(body.tool_choice);
  const words: Readonly<Record<string, JsonValue>> = {
    any: "required",
    none: "none",
    tool: { function: { name: name ?? "" } },
  };
  return {
    ...body,
    messages: [...asList(body.messages).slice(0, -1), turn],
    tools: asList(body.tools)
      .map(asObject)
      .map((tool) => ({ function: { name: asText(tool.name), parameters: asObject(tool.input_schema) } })),
    tool_choice: words[asText(choice)] ?? "auto",
    ...(format === undefined
      ? {}
      : { response_format: { type: "json_schema", json_schema: { schema: asObject(format).schema ?? {} } } }),
  };
}

function partOf(block: JsonObject): JsonObject {
  if (block.type === "tool_result") return { type: "text", text: textOf(block.content) };
  if (block.type !== "image") return block;
  const { type, url, media_type, data } = asObject(block.source);
  const address = type === "url" ? asText(url) : `data:${asText(media_type)};base64,${asText(data)}`;
  return { type: "image_url", image_url: { url: address } };
}

const textOf = (content: JsonValue | undefined): string =>
  typeof content === "string"
    ? content
    : asList(content)
        .map((part) => asText(asObject(part).text))
        .join(" ");
