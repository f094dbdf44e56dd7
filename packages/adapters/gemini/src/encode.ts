/** A canonical request in Gemini's form: https://ai.google.dev/api/generate-content */
import {
  type EncodedRequest,
  EncodeError,
  lacksSearch,
  searches,
  type Target,
  WEB_SEARCH_FIELD,
} from "@headgate/adapter-kit";
import { type ChatRequest, type JsonObject, present } from "@headgate/contract";
import { encodeConfig } from "./config.ts";
import { readExtras } from "./extras.ts";
import { encodeMessages } from "./messages.ts";
import { type ModelTraits, traitsOf } from "./model.ts";
import { addressRequest } from "./request.ts";
import { encodeToolConfig, encodeTools } from "./tools.ts";

export function encodeChat(request: ChatRequest, target: Target): EncodedRequest {
  const traits = traitsOf(target.deployment.upstream);
  const dropped: string[] = [];
  const extras = readExtras(request.extra, dropped);
  if (request.user !== undefined) dropped.push("user");
  // Gemini may always call several tools at once; to call one at a time is a hint.
  if (request.parallelToolCalls !== undefined) dropped.push("parallel_tool_calls");
  const search = !lacksSearch(request, target) && searches(request, target) && maySearch(request, traits);
  if (request.webSearch !== undefined && !search) dropped.push(WEB_SEARCH_FIELD);
  refuseJsonBesideTools(request, traits);
  const json: JsonObject = present({
    ...encodeMessages(request.messages, traits, dropped),
    tools: encodeTools(request, search),
    toolConfig: encodeToolConfig(request),
    ...extras.carried,
    generationConfig: encodeConfig(request, target, traits, extras.thinking, dropped),
  });
  const native = { bytes: Buffer.from(JSON.stringify(json)), json, stream: request.stream };
  const encoded = addressRequest(native, target);
  return { ...encoded, dropped: [...dropped, ...encoded.dropped] };
}

/** Before Gemini 3 the API answers 400 to its search beside function declarations. */
const maySearch = ({ tools = [] }: ChatRequest, { generation, gemma }: ModelTraits): boolean =>
  !gemma && (tools.length === 0 || generation >= 3);

/** Before Gemini 3 the API answers 400 to JSON mode beside function declarations. */
function refuseJsonBesideTools(request: ChatRequest, { generation, gemma }: ModelTraits): void {
  const format = request.responseFormat?.type ?? "text";
  const tools = request.tools ?? [];
  if (format === "text" || tools.length === 0 || (generation >= 3 && !gemma)) return;
  throw new EncodeError(
    "this Gemini model cannot answer in JSON mode while it has tools: leave out one of the two",
    "response_format",
  );
}
