/** A canonical request in OpenAI's form: https://platform.openai.com/docs/api-reference/chat/create */
import {
  type EncodedRequest,
  lacksSearch,
  type NativeBody,
  searches,
  type Target,
  WEB_SEARCH_FIELD,
} from "@headgate/adapter-kit";
import { type ChatRequest, type JsonObject, present, type ResponseFormat } from "@headgate/contract";
import { MessageEncoder, marked } from "./messages.ts";
import { addressRequest } from "./request.ts";

export function encodeChat(received: ChatRequest, target: Target): EncodedRequest {
  const dropped: string[] = [];
  const request = withoutVainEffort(received, target, dropped);
  const search = searches(request, target) ? (target.provider.webSearch?.set ?? {}) : {};
  if (lacksSearch(request, target)) dropped.push(WEB_SEARCH_FIELD);
  const json = { ...requestBody(request, target, dropped), ...search };
  const encoded = addressRequest({ bytes: Buffer.from(JSON.stringify(json)), json }, target);
  return dropped.length === 0 ? encoded : { ...encoded, dropped: [...encoded.dropped, ...dropped] };
}

/** On other wires an effort is a hint for any model; here a model without reasoning mostly answers 400 to it. */
function withoutVainEffort(request: ChatRequest, { deployment }: Target, dropped: string[]): ChatRequest {
  const { reasoningEffort, ...rest } = request;
  if (reasoningEffort === undefined || deployment.capabilities.includes("reasoning")) return request;
  dropped.push("reasoning_effort");
  return rest;
}

/** A client's own body with the messages and tools of its ruled form; its other members stay byte for byte. */
export function encodeRuled(body: NativeBody, ruled: ChatRequest, target: Target): EncodedRequest {
  const dropped: string[] = [];
  const json = { ...body.json, ...conversation(ruled, target, dropped) };
  const encoded = addressRequest({ ...body, json }, target, ["messages", "tools", "tool_choice"]);
  return dropped.length === 0 ? encoded : { ...encoded, dropped: [...encoded.dropped, ...dropped] };
}

/** Messages, tools and the choice among them. @param dropped gets what this provider does not take */
function conversation(request: ChatRequest, target: Target, dropped: string[]): JsonObject {
  const { toolChoice } = request;
  const encoder = new MessageEncoder(target);
  const messages = request.messages.map((message, index) => encoder.encode(message, index));
  // Few providers accept their own thinking, and most refuse unknown fields.
  if (encoder.lostReasoning) dropped.push("messages[].reasoning");
  return present({
    messages,
    tools: request.tools?.map(({ name, description, parameters, strict, cache }) => ({
      type: "function",
      function: present({ name, description, parameters, strict }),
      ...marked(cache),
    })),
    tool_choice:
      typeof toolChoice === "object" ? { type: "function", function: { name: toolChoice.name } } : toolChoice,
  });
}

function requestBody(request: ChatRequest, target: Target, dropped: string[]): JsonObject {
  const { messages, tools, tool_choice } = conversation(request, target, dropped);
  const fields = present({
    model: target.deployment.upstream,
    messages,
    stream: request.stream,
    stream_options: request.stream && request.includeUsage ? { include_usage: true } : undefined,
    tools,
    tool_choice,
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

function encodeFormat(format: ResponseFormat): JsonObject {
  if (format.type === "text") return { type: "text" };
  if (format.type === "json") return { type: "json_object" };
  const { name, schema, strict } = format;
  return { type: "json_schema", json_schema: present({ name, schema, strict }) };
}
