/** A canonical request in Cohere's form: https://docs.cohere.com/reference/chat */
import {
  applyDialect,
  dialectOf,
  type EncodedRequest,
  EncodeError,
  lacksSearch,
  type Target,
  WEB_SEARCH_FIELD,
} from "@headgate/adapter-kit";
import {
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  present,
  type ResponseFormat,
} from "@headgate/contract";
import { readExtras } from "./extras.ts";
import { encodeMessages } from "./messages.ts";
import { encodeTools } from "./tools.ts";

const CHAT_PATH = "/chat";

/** Cohere refuses a `p` outside of these; 0 and 1, valid elsewhere, mean nearly the same. */
const P_MIN = 0.01;
const P_MAX = 0.99;

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

export function encodeChat(request: ChatRequest, target: Target): EncodedRequest {
  const { deployment } = target;
  const dialect = dialectOf(target);
  const dropped = new Set<string>();
  const thinks = deployment.capabilities.includes("reasoning");
  if (request.user !== undefined) dropped.add("user");
  // Cohere's models may always call several tools at once; to call one at a time is a hint.
  if (request.parallelToolCalls === false) dropped.add("parallel_tool_calls");
  if (lacksSearch(request, target)) dropped.add(WEB_SEARCH_FIELD);
  const json = present({
    ...readExtras(request.extra, dialect.drop, dropped),
    ...present({
      model: deployment.upstream,
      messages: encodeMessages(request.messages, thinks, dropped),
      stream: request.stream,
      ...encodeTools(request, dropped),
      response_format:
        request.responseFormat === undefined ? undefined : encodeFormat(request.responseFormat),
      thinking: encodeThinking(request, thinks, dropped),
      max_tokens: request.maxOutputTokens,
      temperature: request.temperature,
      p: request.topP === undefined ? undefined : Math.min(P_MAX, Math.max(P_MIN, request.topP)),
      k: request.topK,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
      seed: request.seed,
      stop_sequences: request.stop,
    }),
  });
  const body = applyDialect({ bytes: Buffer.from(JSON.stringify(json)), json }, dialect, {
    model: JSON.stringify(deployment.upstream),
  });
  return {
    path: dialect.chatPath ?? CHAT_PATH,
    headers: {
      "content-type": "application/json",
      accept: request.stream ? "text/event-stream" : "application/json",
    },
    body: body.bytes,
    dropped: [...new Set([...dropped, ...body.dropped])],
  };
}

function encodeFormat(format: ResponseFormat): JsonObject | undefined {
  if (format.type === "text") return undefined;
  if (format.type === "json") return { type: "json_object" };
  return { type: "json_object", json_schema: format.schema };
}

/** Models with reasoning use it unless it is disabled; there are no levels of effort. https://docs.cohere.com/docs/reasoning */
function encodeThinking(
  { reasoningEffort }: ChatRequest,
  thinks: boolean,
  dropped: Set<string>,
): JsonValue | undefined {
  if (reasoningEffort === undefined) return undefined;
  if (!EFFORTS.includes(reasoningEffort)) {
    throw new EncodeError(`reasoning_effort must be one of ${EFFORTS.join(", ")}`, "reasoning_effort");
  }
  if (thinks) return { type: reasoningEffort === "none" ? "disabled" : "enabled" };
  if (reasoningEffort !== "none") dropped.add("reasoning_effort");
  return undefined;
}
