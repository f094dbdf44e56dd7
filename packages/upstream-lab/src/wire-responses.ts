/** OpenAI's Responses wire: whole responses and typed events. https://platform.openai.com/docs/api-reference/responses */
import type { Answer } from "./answer.ts";
import type { Frame } from "./frame.ts";
import { asList, asObject, asText, isObject, type JsonObject } from "./json.ts";
import type { LabRequest } from "./lab-request.ts";

const CREATED_S = 1_700_000_000;

/** How an answer's items are named and sealed; a strict twin has its own. */
export interface ResponseMarks {
  callId(index: number): string;
  /** Encrypted reasoning, where the client asked for it. */
  readonly encrypted?: string;
  /** Reasoning in clear, as open models give it, rather than a summary. */
  readonly open?: boolean;
}

const marksOf = (request: LabRequest): ResponseMarks => ({
  callId: (index) => `call_lab_${request.seq}_${index}`,
});

function items(request: LabRequest, answer: Answer, marks: ResponseMarks): JsonObject[] {
  const list: JsonObject[] = [];
  const { seq } = request;
  const thought = answer.reasoning.join("");
  if (thought !== "" || (answer.hidden && marks.open !== true)) {
    list.push({
      id: `rs_lab_${seq}`,
      type: "reasoning",
      summary: marks.open === true || thought === "" ? [] : [{ type: "summary_text", text: thought }],
      ...(marks.open === true ? { content: [{ type: "reasoning_text", text: thought }] } : {}),
      ...(marks.encrypted === undefined ? {} : { encrypted_content: marks.encrypted }),
    });
  }
  if (answer.text.length > 0) {
    const text = answer.text.join("");
    const part = { type: "output_text", text, annotations: answer.citations.map(annotation), logprobs: [] };
    list.push({
      id: `msg_lab_${seq}`,
      type: "message",
      status: "completed",
      role: "assistant",
      content: [part],
    });
  }
  answer.toolCalls.forEach(({ name, arguments: pieces }, index) => {
    const call_id = marks.callId(index);
    const custom = customNames(request.body).has(name);
    list.push(
      custom
        ? {
            id: `ctc_lab_${seq}_${index}`,
            type: "custom_tool_call",
            status: "completed",
            call_id,
            name,
            input: pieces.join(""),
          }
        : {
            id: `fc_lab_${seq}_${index}`,
            type: "function_call",
            status: "completed",
            call_id,
            name,
            arguments: pieces.join(""),
          },
    );
  });
  return list;
}

/** https://platform.openai.com/docs/guides/tools-web-search#output-and-citations */
const annotation = ({ start, end, url, title }: Answer["citations"][number]): JsonObject => ({
  type: "url_citation",
  start_index: start,
  end_index: end,
  url: url ?? "",
  title: title ?? "",
});

const customNames = (body: JsonObject): ReadonlySet<string> =>
  new Set(
    asList(body.tools)
      .map(asObject)
      .filter(({ type }) => type === "custom")
      .map(({ name }) => asText(name)),
  );

function response(
  request: LabRequest,
  answer: Answer,
  output: readonly JsonObject[],
  status: string,
): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens = 0, reasoningTokens = 0 } = answer.usage;
  return {
    id: `resp_lab_${request.seq}`,
    object: "response",
    created_at: CREATED_S,
    status,
    error: null,
    incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
    instructions: null,
    model: request.model,
    output,
    parallel_tool_calls: true,
    store: request.body.store ?? true,
    tool_choice: request.body.tool_choice ?? "auto",
    tools: request.body.tools ?? [],
    usage:
      status === "in_progress"
        ? null
        : {
            input_tokens: inputTokens,
            input_tokens_details: { cached_tokens: cachedInputTokens },
            output_tokens: outputTokens,
            output_tokens_details: { reasoning_tokens: reasoningTokens },
            total_tokens: inputTokens + outputTokens,
          },
    metadata: {},
  };
}

const endOf = ({ finish }: Answer): string => (finish === "length" ? "incomplete" : "completed");

export const responsesWhole = (request: LabRequest, answer: Answer, marks = marksOf(request)): JsonObject =>
  response(request, answer, items(request, answer, marks), endOf(answer));

export const responsesEvent = (document: JsonObject): Buffer =>
  Buffer.from(`event: ${asText(document.type)}\ndata: ${JSON.stringify(document)}\n\n`);

export function responsesFrames(request: LabRequest, answer: Answer, marks = marksOf(request)): Frame[] {
  const frames: Frame[] = [];
  let sequence_number = -1;
  const add = (kind: Frame["kind"], type: string, fields: JsonObject): void => {
    sequence_number += 1;
    frames.push({ kind, bytes: responsesEvent({ type, sequence_number, ...fields }) });
  };
  const output = items(request, answer, marks);
  const begun = response(request, answer, [], "in_progress");
  add("role", "response.created", { response: begun });
  add("role", "response.in_progress", { response: begun });
  output.forEach((item, output_index) => {
    const at = { item_id: item.id, output_index };
    add("role", "response.output_item.added", { output_index, item: opened(item) });
    if (item.type === "reasoning" && marks.open === true) {
      const part = { ...at, content_index: 0 };
      for (const delta of answer.reasoning)
        add("content", "response.reasoning_text.delta", { ...part, delta });
      add("role", "response.reasoning_text.done", { ...part, text: answer.reasoning.join("") });
    } else if (item.type === "reasoning" && answer.reasoning.length > 0) {
      const part = { ...at, summary_index: 0 };
      const text = answer.reasoning.join("");
      add("role", "response.reasoning_summary_part.added", {
        ...part,
        part: { type: "summary_text", text: "" },
      });
      for (const delta of answer.reasoning) {
        add("content", "response.reasoning_summary_text.delta", { ...part, delta });
      }
      add("role", "response.reasoning_summary_text.done", { ...part, text });
      add("role", "response.reasoning_summary_part.done", { ...part, part: { type: "summary_text", text } });
    } else if (item.type === "message") {
      const part = { ...at, content_index: 0 };
      const whole = asObject(asList(item.content)[0]);
      add("role", "response.content_part.added", { ...part, part: { ...whole, text: "" } });
      for (const delta of answer.text)
        add("content", "response.output_text.delta", { ...part, delta, logprobs: [] });
      for (const [annotation_index, cited] of answer.citations.entries())
        add("content", "response.output_text.annotation.added", {
          ...part,
          annotation_index,
          annotation: annotation(cited),
        });
      add("role", "response.output_text.done", { ...part, text: answer.text.join(""), logprobs: [] });
      add("role", "response.content_part.done", { ...part, part: whole });
    } else if (item.type !== "reasoning") {
      const custom = item.type === "custom_tool_call";
      const event = custom ? "response.custom_tool_call_input" : "response.function_call_arguments";
      const call = answer.toolCalls.find(
        ({ name }, index) => name === item.name && marks.callId(index) === item.call_id,
      );
      for (const delta of call?.arguments ?? []) add("content", `${event}.delta`, { ...at, delta });
      const said = custom ? { input: item.input } : { arguments: item.arguments };
      add("role", `${event}.done`, { ...at, ...said });
    }
    add("role", "response.output_item.done", { output_index, item });
  });
  const status = endOf(answer);
  add("done", `response.${status}`, { response: response(request, answer, output, status) });
  return frames;
}

/** An item as it begins. */
function opened(item: JsonObject): JsonObject {
  if (item.type === "message") return { ...item, status: "in_progress", content: [] };
  if (item.type === "reasoning") return { id: item.id, type: item.type, summary: [] };
  return { ...item, status: "in_progress", [item.type === "custom_tool_call" ? "input" : "arguments"]: "" };
}

/** The request in OpenAI's chat form, as far as the lab's model reads it. */
export function responsesToOpenAi(body: JsonObject): JsonObject {
  const last = asObject(asList(body.input).at(-1));
  const result = asText(last.type).endsWith("_output");
  const content = result ? last.output : typeof body.input === "string" ? body.input : last.content;
  const format = asObject(asObject(body.text).format);
  const choice = body.tool_choice;
  return {
    messages: [
      {
        role: result ? "tool" : "user",
        content:
          typeof content === "string" ? content : asList(content).map((part) => partOf(asObject(part))),
      },
    ],
    tools: asList(body.tools)
      .map(asObject)
      .filter(({ type }) => type === "function" || type === "custom")
      .map((tool) => ({ type: "function", function: { name: tool.name, parameters: tool.parameters } })),
    tool_choice: isObject(choice)
      ? { type: "function", function: { name: choice.name } }
      : (choice ?? "auto"),
    ...(format.type === "json_schema"
      ? { response_format: { type: "json_schema", json_schema: { schema: format.schema } } }
      : format.type === "json_object"
        ? { response_format: { type: "json_object" } }
        : {}),
  };
}

const partOf = (part: JsonObject): JsonObject =>
  part.type === "input_image"
    ? { type: "image_url", image_url: { url: part.image_url } }
    : { type: "text", text: part.text };
