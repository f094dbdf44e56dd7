/** OpenAI's Responses API, as Codex and the Agents SDK write and read it: items, nothing stored. */
import { PIXEL } from "../support/matrix-samples.ts";
import { TOWN } from "./chat.ts";
import type { Heard, Json, ResultSpec, Turn, Writer } from "./conversation.ts";
import { parseExact } from "./exact.ts";
import { eventsOf, list, object, text } from "./reading.ts";

const image = { type: "input_image", image_url: `data:image/png;base64,${PIXEL}` };
const words = (said: string): Json => ({ type: "input_text", text: said });

function output({ form, text: said }: ResultSpec): unknown {
  if (form === "parts") return [words(said), words("end")];
  return form === "image" ? [words(said), image] : said;
}

function itemsOf(turn: Turn): unknown[] {
  switch (turn.kind) {
    case "system":
      return [{ type: "message", role: turn.role, content: [words(turn.text)] }];
    case "user":
      return [
        {
          type: "message",
          role: "user",
          content: [words(turn.text), ...(turn.image === true ? [image] : [])],
        },
      ];
    case "assistant":
      return [
        ...(turn.reasoning === undefined
          ? []
          : [{ type: "reasoning", summary: [{ type: "summary_text", text: turn.reasoning }] }]),
        ...(turn.text === undefined
          ? []
          : [{ type: "message", role: "assistant", content: [{ type: "output_text", text: turn.text }] }]),
        ...turn.calls.map(({ id, name, arguments: args, custom }) =>
          custom === true
            ? { type: "custom_tool_call", call_id: id, name, input: args }
            : { type: "function_call", call_id: id, name, arguments: args },
        ),
      ];
    case "results":
      return [
        ...turn.results.map((result) => ({
          type: result.custom === true ? "custom_tool_call_output" : "function_call_output",
          call_id: result.id,
          output: output(result),
        })),
        ...(turn.after === undefined ? [] : itemsOf({ kind: "user", text: turn.after })),
      ];
    case "answer":
      return [...turn.items];
    case "compaction":
      return [turn.item];
  }
}

export const responses: Writer = {
  write(conversation, model, stream) {
    const { tools, turns, effort, format, temperature, topP, maxTokens } = conversation;
    const body: Json = {
      model,
      stream,
      store: false,
      include: ["reasoning.encrypted_content"],
      input: turns.flatMap(itemsOf),
    };
    // Codex sends these whether it has tools or not.
    body.tools = tools.map(({ name, description, schema, custom }) =>
      custom === true
        ? { type: "custom", name, description }
        : { type: "function", name, description, parameters: schema ?? null, strict: false },
    );
    body.tool_choice = conversation.toolChoice ?? "auto";
    body.parallel_tool_calls = conversation.parallel ?? true;
    if (effort !== undefined) body.reasoning = { effort };
    if (format === "schema")
      body.text = { format: { type: "json_schema", name: "town", strict: true, schema: TOWN } };
    if (format === "object") body.text = { format: { type: "json_object" } };
    if (temperature !== undefined) body.temperature = temperature;
    if (topP !== undefined) body.top_p = topP;
    if (maxTokens !== undefined) body.max_output_tokens = maxTokens;
    return { path: "/v1/responses", body };
  },
  read(raw, stream) {
    const events = stream ? eventsOf(raw) : [];
    const last = stream ? object(events.at(-1)?.response) : object(parseExact(raw));
    const growing = events.every((event, at) => event.sequence_number === at);
    return heard(last, growing && (!stream || events.at(-1)?.type === "response.completed"));
  },
};

function heard(response: Json, ended: boolean): Heard {
  const items = list(response.output);
  const parts = (type: string, field: string): string =>
    items
      .filter((item) => item.type === type)
      .flatMap((item) => list(item[field]))
      .map((part) => text(part.text))
      .join("");
  return {
    text: parts("message", "content"),
    reasoning: parts("reasoning", "summary") + parts("reasoning", "content"),
    calls: items
      .filter(({ type }) => type === "function_call" || type === "custom_tool_call")
      .map((item) => ({
        id: text(item.call_id),
        name: text(item.name),
        arguments: text(item.input ?? item.arguments),
      })),
    whole: ended && response.status === "completed",
    items,
  };
}
