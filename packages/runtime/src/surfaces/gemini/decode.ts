/** A generateContent body in canonical form. https://ai.google.dev/api/generate-content */
import { type ChatRequest, type JsonObject, ownValue } from "@headgate/contract";
import { NEED } from "@headgate/router";
import { decodeConfig } from "./decode-config.ts";
import { decodeContents } from "./decode-contents.ts";
import { decodeTools } from "./decode-tools.ts";
import { message, Notes } from "./fields.ts";

const PLACED: ReadonlySet<string> = new Set([
  // The path names the model. Google's clients may repeat it in the body.
  "model",
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
]);
/** Google's filters, bookkeeping and speed: an answer without them is still correct. */
const HINTS: ReadonlySet<string> = new Set(["safetySettings", "labels", "serviceTier", "store"]);

export interface Decoded {
  /** What a model must be able to do. */
  readonly needs: number;
  readonly request: ChatRequest;
  readonly showThoughts: boolean;
  readonly notes: Notes;
  readonly paths: readonly string[];
}

/**
 * Reads everything. What only Gemini's wire can express is noted, and refused only when the request is translated.
 * @throws {ClientError} 400 with the path of the first field that is wrong.
 */
export function decodeGenerate(json: JsonObject, stream: boolean): Decoded {
  const body = message(json, "");
  const notes = new Notes();
  for (const [name, value] of Object.entries(body)) {
    if (PLACED.has(name) || value === "") continue;
    if (HINTS.has(name)) notes.leftOut.add(name);
    else notes.refuse(`The field ${name}`, name);
  }
  const { messages, paths } = decodeContents(body, notes);
  const tools = decodeTools(body, notes);
  const { settings, showThoughts } = decodeConfig(body, notes);
  const request: ChatRequest = {
    messages,
    stream,
    // This wire ends every stream with usage.
    includeUsage: true,
    extra: {},
    ...tools,
    ...settings,
  };
  return { needs: needsOf(request), request, showThoughts, notes, paths };
}

function needsOf({ messages, tools, responseFormat, webSearch }: ChatRequest): number {
  let needs =
    // Beside functions the search is one of the model's ways; alone, the request depends on it.
    (webSearch !== undefined && tools === undefined ? NEED.search : 0) |
    (tools === undefined ? 0 : NEED.tools) |
    (responseFormat?.type === "json-schema" ? NEED.json : 0);
  for (const { content } of messages) {
    for (const { type } of content) {
      if (type === "image") needs |= NEED.vision;
      else if (type === "audio") needs |= NEED["audio-input"];
    }
  }
  return needs;
}

/** Canonical fields by this wire's names. */
const NAMES: Readonly<Record<string, string>> = {
  "messages[].reasoning": "contents.parts.thought",
  frequency_penalty: "generationConfig.frequencyPenalty",
  max_completion_tokens: "generationConfig.maxOutputTokens",
  max_tokens: "generationConfig.maxOutputTokens",
  presence_penalty: "generationConfig.presencePenalty",
  reasoning_effort: "generationConfig.thinkingConfig",
  response_format: "generationConfig.responseSchema",
  seed: "generationConfig.seed",
  stop: "generationConfig.stopSequences",
  temperature: "generationConfig.temperature",
  tool_choice: "toolConfig.functionCallingConfig",
  top_k: "generationConfig.topK",
  top_p: "generationConfig.topP",
  web_search_options: "tools.googleSearch",
};

/** From an adapter's name of a field to the client's path. */
export function fieldName(canonical: string, paths: readonly string[]): string {
  const at = /^messages\[(\d+)\]/.exec(canonical)?.[1];
  return (at === undefined ? undefined : paths[Number(at)]) ?? ownValue(NAMES, canonical) ?? canonical;
}
