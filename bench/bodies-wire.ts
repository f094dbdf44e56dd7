/** Agent-sized bodies on each surface, and the upstream's answers to them. */

const sentence =
  "Runs the thing and returns what it printed. Use it when a thing must be done in the workspace. ";

const schema = {
  type: "object",
  properties: {
    path: { type: "string", description: "Absolute path of the file" },
    pattern: { type: "string", description: "A regular expression" },
    model: { type: "string", description: "Which model reads it" },
    limit: { type: "integer", minimum: 0, description: "The most lines" },
    flags: { type: "array", items: { type: "string", enum: ["a", "b", "c"] } },
  },
  required: ["path", "pattern"],
  additionalProperties: false,
};
const TOOLS = Array.from({ length: 16 }, (_, at) => ({
  name: `tool_${at}`,
  description: sentence.repeat(4),
}));
const printed = 'line: const x = {"a": [1,2,3]};\n\tif (x) return y; // \\ back\n'.repeat(12);
const call = JSON.stringify({ path: "/src/a.ts", pattern: 'foo"bar' });
const system = "You are a coding agent.\nBe brief. ".repeat(100);

/** Turns until the body has about so many bytes. */
function grown(bytes: number, make: (turns: number) => object): string {
  const small = JSON.stringify(make(1)).length;
  const each = JSON.stringify(make(2)).length - small;
  return JSON.stringify(make(Math.max(1, Math.round((bytes - small) / each))));
}

const turns = <T>(count: number, one: (id: string, tool: string) => readonly T[]): T[] =>
  Array.from({ length: count }, (_, at) => one(`call_${at}`, `tool_${at % 16}`)).flat();

export const chatBody = (model: string, bytes: number): string =>
  grown(bytes, (count) => ({
    model,
    messages: [
      { role: "system", content: system },
      { role: "user", content: "Mend it." },
      ...turns<object>(count, (id, name) => [
        {
          role: "assistant",
          content: "I look.",
          tool_calls: [{ id, type: "function", function: { name, arguments: call } }],
        },
        { role: "tool", tool_call_id: id, content: printed },
      ]),
    ],
    tools: TOOLS.map((tool) => ({ type: "function", function: { ...tool, parameters: schema } })),
    max_tokens: 1_000,
  }));

export const messagesBody = (model: string, bytes: number): string =>
  grown(bytes, (count) => ({
    model,
    max_tokens: 1_000,
    system,
    messages: [
      { role: "user", content: "Mend it." },
      ...turns<object>(count, (id, name) => [
        {
          role: "assistant",
          content: [
            { type: "text", text: "I look." },
            { type: "tool_use", id, name, input: JSON.parse(call) },
          ],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: printed }] },
      ]),
    ],
    tools: TOOLS.map((tool) => ({ ...tool, input_schema: schema })),
  }));

export const responsesBody = (model: string, bytes: number): string =>
  grown(bytes, (count) => ({
    model,
    instructions: system,
    input: [
      { role: "user", content: "Mend it." },
      ...turns<object>(count, (call_id, name) => [
        { type: "function_call", call_id, name, arguments: call },
        { type: "function_call_output", call_id, output: printed },
      ]),
    ],
    tools: TOOLS.map((tool) => ({ type: "function", ...tool, parameters: schema })),
    store: false,
  }));

export const embeddingsBody = (model: string, format: "float" | "base64"): string =>
  JSON.stringify({
    model,
    encoding_format: format,
    input: Array.from({ length: 100 }, (_, at) => `${at} ${sentence.repeat(5)}`),
  });

export const BOUNDARY = "bench-boundary";
export const uploadBody = (model: string, bytes: number): Buffer =>
  Buffer.concat([
    Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}\r\n` +
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n`,
    ),
    Buffer.alloc(bytes, 0xa5),
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);

const text = "The file holds a slip in its third line; I mend it and run the tests again.";
const vector = Array.from({ length: 1_536 }, (_, at) => Math.sin(at) / 40);

/** The upstream's whole answers by path. */
export const ANSWERS: Readonly<Record<string, string>> = {
  "/v1/messages": JSON.stringify({
    id: "msg_bench",
    type: "message",
    role: "assistant",
    model: "bench-claude",
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 152, output_tokens: 49 },
  }),
  "/v1/responses": JSON.stringify({
    id: "resp_bench",
    object: "response",
    created_at: 1_760_000_000,
    status: "completed",
    model: "bench-chat",
    output: [
      {
        type: "message",
        id: "msg_1",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text, annotations: [] }],
      },
    ],
    usage: { input_tokens: 152, output_tokens: 49, total_tokens: 201 },
  }),
  "/v1/embeddings": JSON.stringify({
    object: "list",
    data: Array.from({ length: 100 }, (_, index) => ({ object: "embedding", index, embedding: vector })),
    model: "bench-vectors",
    usage: { prompt_tokens: 152, total_tokens: 152 },
  }),
  "/v1/audio/transcriptions": JSON.stringify({ text }),
};
