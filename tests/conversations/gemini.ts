/** Gemini's own API, as Gemini CLI writes and reads it. */
import { PIXEL } from "../support/matrix-samples.ts";
import { TOWN } from "./chat.ts";
import type { Heard, Json, ResultSpec, Turn, Writer } from "./conversation.ts";
import { parseExact } from "./exact.ts";
import { eventsOf, list, object, text } from "./reading.ts";

const image = { inlineData: { mimeType: "image/png", data: PIXEL } };

function response({ form, text: words }: ResultSpec): Json {
  if (form === "json") return object(parseExact(words));
  return form === "parts" ? { output: [words, "end"] } : { output: words };
}

function contentOf(turn: Turn): Json[] {
  switch (turn.kind) {
    // This wire has system text at its beginning alone: clients write later rules as the user.
    case "system":
      return [{ role: "user", parts: [{ text: turn.text }] }];
    case "user":
      return [{ role: "user", parts: [{ text: turn.text }, ...(turn.image === true ? [image] : [])] }];
    case "assistant": {
      const parts = [
        ...(turn.reasoning === undefined ? [] : [{ text: turn.reasoning, thought: true }]),
        ...(turn.text === undefined ? [] : [{ text: turn.text }]),
        ...turn.calls.map(({ id, name, arguments: args, custom }) => ({
          functionCall: { id, name, args: custom === true ? { input: args } : parseExact(args) },
        })),
      ];
      return [{ role: "model", parts }];
    }
    case "results":
      return [
        {
          role: "user",
          parts: [
            ...turn.results.map((result) => ({
              functionResponse: {
                id: result.id,
                name: result.name,
                response: response(result),
                ...(result.form === "image" ? { parts: [image] } : {}),
              },
            })),
            ...(turn.after === undefined ? [] : [{ text: turn.after }]),
          ],
        },
      ];
    case "answer":
      return [{ role: "model", parts: turn.items }];
    case "compaction":
      return [];
  }
}

const CUSTOM = { type: "object", properties: { input: { type: "string" } }, required: ["input"] };

export const gemini: Writer = {
  write(conversation, model, stream) {
    const { turns, tools, effort, format, temperature, topP, stop, maxTokens } = conversation;
    const first = turns[0];
    const body: Json = {};
    if (first?.kind === "system") body.systemInstruction = { parts: [{ text: first.text }] };
    body.contents = (first?.kind === "system" ? turns.slice(1) : turns).flatMap(contentOf);
    if (tools.length > 0) {
      const functionDeclarations = tools.map(({ name, description, schema, custom }) => ({
        name,
        description,
        ...(custom === true ? { parametersJsonSchema: CUSTOM } : schema && { parametersJsonSchema: schema }),
      }));
      body.tools = [{ functionDeclarations }];
      const mode = { auto: "AUTO", required: "ANY", none: "NONE" }[conversation.toolChoice ?? "auto"];
      if (conversation.toolChoice !== undefined) body.toolConfig = { functionCallingConfig: { mode } };
    }
    body.generationConfig = {
      ...(effort === undefined ? {} : { thinkingConfig: { includeThoughts: true, thinkingLevel: effort } }),
      ...(format === undefined ? {} : { responseMimeType: "application/json" }),
      ...(format === "schema" ? { responseJsonSchema: TOWN } : {}),
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { topP }),
      ...(stop === undefined ? {} : { stopSequences: stop }),
      ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
    };
    const method = stream ? "streamGenerateContent?alt=sse" : "generateContent";
    return { path: `/v1beta/models/${encodeURIComponent(model)}:${method}`, body };
  },
  read(raw, stream) {
    const documents = stream ? eventsOf(raw) : [object(parseExact(raw))];
    const candidates = documents.map((one) => object(list(one.candidates)[0]));
    const parts = candidates.flatMap((one) => list(object(one.content).parts));
    return heard(merged(parts), candidates.at(-1)?.finishReason);
  },
};

/** Neighbouring pieces of text become one part, as Gemini CLI keeps them. */
function merged(parts: readonly Json[]): Json[] {
  const whole: Json[] = [];
  for (const part of parts) {
    const before = whole.at(-1);
    const joins =
      typeof before?.text === "string" &&
      typeof part.text === "string" &&
      before.thought === part.thought &&
      before.thoughtSignature === undefined;
    if (joins && before !== undefined)
      whole.splice(-1, 1, { ...before, ...part, text: text(before.text) + text(part.text) });
    else whole.push(part);
  }
  return whole;
}

function heard(parts: readonly Json[], finish: unknown): Heard {
  const said = (thought: boolean): string =>
    parts
      .filter((part) => (part.thought === true) === thought)
      .map((part) => text(part.text))
      .join("");
  return {
    text: said(false),
    reasoning: said(true),
    calls: parts
      .map((part) => object(part.functionCall))
      .filter((call) => call.name !== undefined)
      .map((call) => ({
        id: text(call.id),
        name: text(call.name),
        arguments: JSON.stringify(call.args ?? {}),
      })),
    whole: finish === "STOP",
    items: parts,
  };
}
