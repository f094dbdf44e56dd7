/** The Responses API's published shapes as JSON Schemas: https://platform.openai.com/docs/api-reference/responses */
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { withoutLastComment } from "./stream.ts";

type Schema = Record<string, unknown>;

const text = { type: "string" };
const count = { type: "integer", minimum: 0 };
const status = { enum: ["in_progress", "completed", "incomplete"] };
const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
const one = (value: string): Schema => ({ const: value });
const list = (items: Schema): Schema => ({ type: "array", items });

/** Strict: a field that is not named is an error. */
const object = (required: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema => ({
  type: "object",
  required: Object.keys(required),
  properties: { ...required, ...optional },
  additionalProperties: false,
});

const annotation = {
  anyOf: [
    object({ type: one("url_citation"), url: text, title: text, start_index: count, end_index: count }),
    object({ type: one("file_citation"), file_id: text, filename: text, index: count }),
  ],
};
const outputText = object({
  type: one("output_text"),
  text,
  annotations: list(annotation),
  logprobs: list({}),
});
const refusal = object({ type: one("refusal"), refusal: text });
const reasoningText = object({ type: one("reasoning_text"), text });
const summaryText = object({ type: one("summary_text"), text });

const message = object({
  id: text,
  type: one("message"),
  status,
  role: one("assistant"),
  content: list({ anyOf: [outputText, refusal] }),
});
const call = object(
  { id: text, type: one("function_call"), status, call_id: text, name: text, arguments: text },
  { namespace: text },
);
const reasoning = object(
  { id: text, type: one("reasoning"), summary: list(summaryText) },
  { status, content: list(reasoningText), encrypted_content: text },
);
const item = { anyOf: [message, call, reasoning] };

const usage = object({
  input_tokens: count,
  input_tokens_details: object({ cached_tokens: count, cache_write_tokens: count }),
  output_tokens: count,
  output_tokens_details: object({ reasoning_tokens: count }),
  total_tokens: count,
});

const response = object({
  id: { type: "string", pattern: "^resp_" },
  object: one("response"),
  created_at: count,
  status: { enum: ["in_progress", "completed", "incomplete", "failed"] },
  error: nullable(object({ code: text, message: text })),
  incomplete_details: nullable(object({ reason: { enum: ["max_output_tokens", "content_filter"] } })),
  instructions: nullable(text),
  max_output_tokens: nullable(count),
  metadata: { type: "object", additionalProperties: text },
  model: text,
  output: list(item),
  parallel_tool_calls: { type: "boolean" },
  previous_response_id: nullable(text),
  reasoning: object({ effort: nullable(text), summary: nullable(text) }),
  store: { type: "boolean" },
  frequency_penalty: { type: "number" },
  presence_penalty: { type: "number" },
  temperature: { type: "number" },
  text: object({ format: { type: "object", required: ["type"] } }, { verbosity: text }),
  tool_choice: { anyOf: [text, { type: "object" }] },
  tools: list({
    type: "object",
    required: ["type"],
    if: { properties: { type: one("function") } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { required: ["name", "parameters", "strict"] },
  }),
  top_p: { type: "number" },
  truncation: { enum: ["auto", "disabled"] },
  usage: nullable(usage),
  completed_at: nullable(count),
  access_programs: { type: "null" },
  background: { const: false },
  max_tool_calls: nullable(count),
  prompt_cache_key: nullable(text),
  safety_identifier: nullable(text),
  service_tier: text,
  top_logprobs: { const: 0 },
  user: nullable(text),
});

const event = (type: string, fields: Record<string, Schema>): Schema =>
  object({ type: one(type), sequence_number: count, ...fields });
const ofItem = { item_id: text, output_index: count };
const ofPart = { ...ofItem, content_index: count };
const ofSummary = { ...ofItem, summary_index: count };

const events: Schema[] = [
  ...["created", "in_progress", "completed", "incomplete", "failed"].map((name) =>
    event(`response.${name}`, { response }),
  ),
  ...["added", "done"].map((name) => event(`response.output_item.${name}`, { output_index: count, item })),
  ...["added", "done"].map((name) =>
    event(`response.content_part.${name}`, {
      ...ofPart,
      part: { anyOf: [outputText, refusal, reasoningText] },
    }),
  ),
  event("response.output_text.delta", { ...ofPart, delta: text, logprobs: list({}) }),
  event("response.output_text.done", { ...ofPart, text, logprobs: list({}) }),
  event("response.output_text.annotation.added", { ...ofPart, annotation_index: count, annotation }),
  event("response.refusal.delta", { ...ofPart, delta: text }),
  event("response.refusal.done", { ...ofPart, refusal: text }),
  event("response.function_call_arguments.delta", { ...ofItem, delta: text }),
  event("response.function_call_arguments.done", { ...ofItem, arguments: text }),
  event("response.reasoning_text.delta", { ...ofPart, delta: text }),
  event("response.reasoning_text.done", { ...ofPart, text }),
  ...["added", "done"].map((name) =>
    event(`response.reasoning_summary_part.${name}`, { ...ofSummary, part: summaryText }),
  ),
  event("response.reasoning_summary_text.delta", { ...ofSummary, delta: text }),
  event("response.reasoning_summary_text.done", { ...ofSummary, text }),
  event("error", {
    error: object({ type: text, code: nullable(text), message: text, param: nullable(text) }),
  }),
];

const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
const validResponse = ajv.compile(response);
const validators = new Map(
  events.map((schema) => [
    (schema.properties as { type: { const: string } }).type.const,
    ajv.compile(schema),
  ]),
);

export function expectResponse(value: unknown): void {
  validResponse(value);
  expect(validResponse.errors).toBeNull();
}

export interface WireEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly [field: string]: unknown;
}

/**
 * The events of a stream, checked: each block is one `event:` and one `data:` line that agree, each fits its schema,
 * numbers grow by one from zero, everything that is opened is closed, and deltas join to the content of `done`.
 */
export function readEvents(raw: string): WireEvent[] {
  const read = withoutLastComment(raw)
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block): WireEvent => {
      const [name, data, ...rest] = block.split("\n");
      expect(rest).toEqual([]);
      const value = JSON.parse((data ?? "").replace(/^data: /, "")) as WireEvent;
      expect(name).toBe(`event: ${value.type}`);
      const validate = validators.get(value.type);
      if (validate === undefined) throw new Error(`no schema for ${value.type}`);
      validate(value);
      expect([value.type, validate.errors]).toEqual([value.type, null]);
      return value;
    });
  expect(read.map((one) => one.sequence_number)).toEqual(read.map((_, at) => at));
  expect(read.slice(0, 2).map(({ type }) => type)).toEqual(["response.created", "response.in_progress"]);
  return read;
}

/** The content of the deltas, compared with the `done` events and the Response. */
export function expectConsistent(read: readonly WireEvent[]): void {
  const deltas = new Map<string, string>();
  const opened = new Map<string, number>();
  const bump = (key: string, by: number) => opened.set(key, (opened.get(key) ?? 0) + by);
  const items: unknown[] = [];
  for (const one of read) {
    const [, family, what] = /^response\.(\w+)\.(\w+)$/.exec(one.type) ?? [];
    if (family === undefined) continue;
    const at = `${one.output_index}/${one.content_index ?? one.summary_index ?? ""}`;
    const key = `${family} ${at}`;
    if (what === "added") bump(key, 1);
    if (what === "delta") deltas.set(key, (deltas.get(key) ?? "") + one.delta);
    if (what !== "done") continue;
    if (family === "output_item") items[Number(one.output_index)] = one.item;
    if (/item|part/.test(family)) bump(key, -1);
    else expect(one.text ?? one.refusal ?? one.arguments).toBe(deltas.get(key));
  }
  expect([...opened.values()].every((open) => open === 0)).toBe(true);
  const last = read.at(-1) as { response?: { output?: unknown } } | undefined;
  expect(last?.response?.output).toEqual(items);
}
