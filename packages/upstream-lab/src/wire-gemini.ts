/** Gemini's wire: GenerateContentResponses, whole or one per event. https://ai.google.dev/api/generate-content */
import type { Answer } from "./answer.ts";
import { argumentsOf } from "./exact-json.ts";
import type { Frame, UsageMode } from "./frame.ts";
import { asList, asObject, asText, isObject, type JsonObject, type JsonValue } from "./json.ts";
import type { LabRequest } from "./lab-request.ts";
import { stable } from "./twins/seal.ts";
import { sse } from "./wire-openai.ts";

const FINISH: Readonly<Record<string, string>> = {
  stop: "STOP",
  length: "MAX_TOKENS",
  tool_calls: "STOP",
  content_filter: "SAFETY",
};

/** https://cloud.google.com/apis/design/errors#handling_errors */
const STATUSES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

export const geminiError = (message: string, code: number): JsonObject => ({
  error: { code, message, status: STATUSES[code] ?? "UNKNOWN" },
});

/** The request in OpenAI's form, as far as the lab's model reads it. */
export function geminiToOpenAi(body: JsonObject): JsonObject {
  const config = asObject(body.generationConfig);
  const calling = asObject(asObject(body.toolConfig).functionCallingConfig);
  const [allowed] = asList(calling.allowedFunctionNames);
  const declarations = asList(body.tools).flatMap((tool) => asList(asObject(tool).functionDeclarations));
  const schema = config.responseJsonSchema ?? config.responseSchema;
  return {
    messages: asList(body.contents).map((content) => messageOf(asObject(content))),
    tools: declarations.map(asObject).map(({ name, parameters, parametersJsonSchema }) => ({
      type: "function",
      function: { name, parameters: parametersJsonSchema ?? parameters },
    })),
    tool_choice:
      calling.mode === "NONE"
        ? "none"
        : allowed !== undefined
          ? { type: "function", function: { name: allowed } }
          : calling.mode === "ANY"
            ? "required"
            : "auto",
    ...(schema !== undefined
      ? { response_format: { type: "json_schema", json_schema: { schema } } }
      : config.responseMimeType === "application/json"
        ? { response_format: { type: "json_object" } }
        : {}),
  };
}

function messageOf(content: JsonObject): JsonObject {
  const parts = asList(content.parts).map(asObject);
  const results = parts.flatMap(({ functionResponse }) =>
    isObject(functionResponse) ? [functionResponse] : [],
  );
  if (results.length > 0) {
    return { role: "tool", content: results.map(({ response }) => JSON.stringify(response)).join(" ") };
  }
  return { role: content.role === "model" ? "assistant" : "user", content: parts.flatMap(partOf) };
}

function partOf({ text, inlineData, fileData }: JsonObject): JsonObject[] {
  if (typeof text === "string") return [{ type: "text", text }];
  const { mimeType, data } = asObject(inlineData);
  const url =
    data === undefined
      ? asText(asObject(fileData).fileUri)
      : `data:${asText(mimeType)};base64,${asText(data)}`;
  return url === "" ? [] : [{ type: "image_url", image_url: { url } }];
}

const response = (
  request: LabRequest,
  parts: readonly JsonValue[],
  more: JsonObject = {},
  usage?: JsonObject,
): JsonObject => ({
  candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
  ...(usage === undefined ? {} : { usageMetadata: usage }),
  modelVersion: request.model,
  responseId: `lab-${request.seq}`,
});

export const geminiPiece = (request: LabRequest, text: string): Buffer => sse(response(request, [{ text }]));

/** The model's seal, which must be sent back with its part. */
const signatureOf = (request: LabRequest, what: string): string =>
  Buffer.from(`lab ${request.seq} ${what}`).toString("base64");

function usageOf({ usage, reasoning }: Answer): JsonObject {
  const { inputTokens, outputTokens, cachedInputTokens } = usage;
  const thoughts = usage.reasoningTokens ?? reasoning.length;
  return {
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens - thoughts,
    ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
    ...(cachedInputTokens === undefined ? {} : { cachedContentTokenCount: cachedInputTokens }),
    totalTokenCount: inputTokens + outputTokens,
  };
}

/** Of parallel calls the first is signed. */
function callsOf(request: LabRequest, answer: Answer): JsonObject[] {
  return answer.toolCalls.map((call, index) => {
    const args = argumentsOf(call.arguments);
    const id = answer.marks?.callId(index, call.name) ?? `call_lab_${request.seq}_${index}`;
    const sealed = answer.marks?.seal(`${call.name} ${stable(args)}`) ?? signatureOf(request, "call");
    return {
      functionCall: { ...(id === "" ? {} : { id }), name: call.name, args },
      ...(index === 0 ? { thoughtSignature: sealed } : {}),
    };
  });
}

/** After thinking, the text is signed after its last piece. */
const seal = (request: LabRequest, answer: Answer): JsonObject[] =>
  answer.reasoning.length > 0 && answer.toolCalls.length === 0
    ? [{ text: "", thoughtSignature: answer.marks?.seal("text") ?? signatureOf(request, "text") }]
    : [];

/** Positions are counted in bytes. */
function grounded({ citations, text }: Answer): JsonObject {
  if (citations.length === 0) return {};
  const words = [...text.join("")];
  const bytes = (to: number): number => Buffer.byteLength(words.slice(0, to).join(""));
  const groundingMetadata = {
    groundingChunks: citations.map(({ url, title }) => ({ web: { uri: url, title } })),
    groundingSupports: citations.map(({ start, end }, at) => ({
      segment: {
        ...(start === 0 ? {} : { startIndex: bytes(start) }),
        endIndex: bytes(end),
        text: words.slice(start, end).join(""),
      },
      groundingChunkIndices: [at],
    })),
  };
  return { groundingMetadata };
}

export function geminiFrames(request: LabRequest, answer: Answer, mode: UsageMode): Frame[] {
  const used = mode === "never" ? undefined : usageOf(answer);
  const sofar = mode === "every-chunk" ? used : undefined;
  const content = (part: JsonObject): Frame => ({
    kind: "content",
    bytes: sse(response(request, [part], {}, sofar)),
  });
  const finishReason = FINISH[answer.finish] ?? "OTHER";
  return [
    ...answer.reasoning.map((text) => content({ text, thought: true })),
    ...answer.text.map((text) => content({ text })),
    ...callsOf(request, answer).map(content),
    {
      kind: "done",
      bytes: sse(response(request, seal(request, answer), { finishReason, ...grounded(answer) }, used)),
    },
  ];
}

export function geminiWhole(request: LabRequest, answer: Answer): JsonObject {
  const thought = answer.reasoning.join("");
  const [sealed = {}] = seal(request, answer);
  const parts = [
    ...(thought === "" ? [] : [{ text: thought, thought: true }]),
    ...(answer.text.length === 0 ? [] : [{ ...sealed, text: answer.text.join("") }]),
    ...callsOf(request, answer),
  ];
  const more = { finishReason: FINISH[answer.finish] ?? "OTHER", ...grounded(answer) };
  return response(request, parts, more, usageOf(answer));
}
