/** A canonical request in OpenAI's form: https://platform.openai.com/docs/api-reference/chat/create */
import { type EncodedRequest, EncodeError, imageUrl, joinText, type Target } from "@headgate/adapter-kit";
import {
  type ChatMessage,
  type ChatRequest,
  type ContentPart,
  type JsonObject,
  type JsonValue,
  present,
  type ResponseFormat,
} from "@headgate/contract";
import { addressRequest } from "./request.ts";

export function encodeChat(received: ChatRequest, target: Target): EncodedRequest {
  const dropped: string[] = [];
  const request = withoutVainEffort(received, target, dropped);
  const json = requestBody(request, target.deployment.upstream);
  const encoded = addressRequest({ bytes: Buffer.from(JSON.stringify(json)), json }, target);
  // Few providers accept their own thinking, and most refuse unknown fields.
  if (request.messages.some((message) => message.role === "assistant" && message.reasoning !== undefined))
    dropped.push("messages[].reasoning");
  return dropped.length === 0 ? encoded : { ...encoded, dropped: [...encoded.dropped, ...dropped] };
}

/** On other wires an effort is a hint for any model; here a model without reasoning mostly answers 400 to it. */
function withoutVainEffort(request: ChatRequest, { deployment }: Target, dropped: string[]): ChatRequest {
  const { reasoningEffort, ...rest } = request;
  if (reasoningEffort === undefined || deployment.capabilities.includes("reasoning")) return request;
  dropped.push("reasoning_effort");
  return rest;
}

function requestBody(request: ChatRequest, model: string): JsonObject {
  const { toolChoice } = request;
  const fields = present({
    model,
    messages: request.messages.map(encodeMessage),
    stream: request.stream,
    stream_options: request.stream && request.includeUsage ? { include_usage: true } : undefined,
    tools: request.tools?.map(({ name, description, parameters, strict }) => ({
      type: "function",
      function: present({ name, description, parameters, strict }),
    })),
    tool_choice:
      typeof toolChoice === "object" ? { type: "function", function: { name: toolChoice.name } } : toolChoice,
    parallel_tool_calls: request.parallelToolCalls,
    max_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    seed: request.seed,
    stop: request.stop,
    response_format: request.responseFormat === undefined ? undefined : encodeFormat(request.responseFormat),
    reasoning_effort: request.reasoningEffort,
    user: request.user,
  });
  return { ...request.extra, ...fields };
}

function encodeMessage(message: ChatMessage, index: number): JsonObject {
  const at = `messages[${index}]`;
  switch (message.role) {
    case "system":
      return present({ role: "system", content: textOf(message.content, at), name: message.name });
    case "user":
      return present({ role: "user", content: encodeContent(message.content, at), name: message.name });
    case "assistant": {
      const text = textOf(message.content, at);
      const calls = message.toolCalls.map(({ id, name, arguments: args }) => ({
        id,
        type: "function",
        function: { name, arguments: args },
      }));
      return present({
        role: "assistant",
        content: text === "" && calls.length > 0 ? null : text,
        name: message.name,
        tool_calls: calls.length > 0 ? calls : undefined,
      });
    }
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: textOf(message.content, at) };
  }
}

/** Only user messages may have parts at every provider; the others' text is one string. */
const textOf = (parts: readonly ContentPart[], at: string): string =>
  joinText(parts, at, (type) => `only a user message may hold an ${type} part`);

function encodeContent(parts: readonly ContentPart[], at: string): JsonValue {
  const [first, ...rest] = parts;
  if (first === undefined) return "";
  if (first.type === "text" && rest.length === 0) return first.text;
  return parts.map((part, index) => encodePart(part, `${at}.content[${index}]`));
}

function encodePart(part: ContentPart, at: string): JsonObject {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image": {
      return { type: "image_url", image_url: present({ url: imageUrl(part, at), detail: part.detail }) };
    }
    case "file": {
      if (part.data === undefined) throw new EncodeError("a file goes as data, not by its URL", at);
      const file_data = `data:${part.mediaType};base64,${part.data}`;
      return { type: "file", file: { filename: part.name ?? "document", file_data } };
    }
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } };
  }
}

function encodeFormat(format: ResponseFormat): JsonObject {
  if (format.type === "text") return { type: "text" };
  if (format.type === "json") return { type: "json_object" };
  const { name, schema, strict } = format;
  return { type: "json_schema", json_schema: present({ name, schema, strict }) };
}
