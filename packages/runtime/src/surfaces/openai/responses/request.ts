/** POST /v1/responses as a request of the exchange. */
import { EncodeError, exactBody, type NativeBody } from "@headgate/adapter-kit";
import { NEED } from "@headgate/router";
import { SSE_KEEP_ALIVE, type SurfaceRequest, sseComment } from "../../../codec/surface-request.ts";
import { ClientError } from "../../../http/client-error.ts";
import { flag, modelName } from "../chat-facts.ts";
import { type DecodedRequest, decodeRequest } from "./decode.ts";
import { fieldNames } from "./field-names.ts";
import type { ResponsesHost } from "./host.ts";
import { newStem, responseIdOf } from "./ids.ts";
import { passesAsItIs } from "./passing.ts";
import { ResponseEncoder, type ResponseOptions } from "./response.ts";
import { takeOverResponse } from "./take-over.ts";
import { ToolNames } from "./tool-names.ts";

const WIRE = "openai-responses";
const EVENTS = "text/event-stream; charset=utf-8";

/** @throws {ClientError} 400 with the path of the first field that is wrong. */
export function responsesRequest(body: NativeBody, host: ResponsesHost): SurfaceRequest {
  const { json } = body;
  const model = modelName(json);
  const stem = newStem();
  if (!passesAsItIs(json)) return translated(decodeRequest(exactBody(body), stem, host), model, stem, host);
  let decoded: DecodedRequest;
  try {
    decoded = decodeRequest(exactBody(body), stem, host);
  } catch (error) {
    if (error instanceof ClientError) return untranslatable(body, model, error, host);
    throw error;
  }
  // A translated stream ends through its encoder.
  const request = translated(decoded, model, stem, host);
  return {
    ...request,
    // An upstream of this API may search whatever its fragment says; on other wires the search is checked when it is encoded.
    facts: { ...request.facts, needs: request.facts.needs & ~NEED.search },
    native: body,
    errorFrame: (error) => brokenPassing(error, model, host),
  };
}

/** A request that only an upstream of this API may understand: hosted tools, new kinds of items. */
function untranslatable(
  body: NativeBody,
  model: string,
  why: ClientError,
  host: ResponsesHost,
): SurfaceRequest {
  const refuse = (): never => {
    throw new EncodeError(why.message, why.param ?? "");
  };
  return {
    wire: WIRE,
    facts: { model, operation: "chat", needs: 0 },
    stream: body.json.stream === true,
    includeUsage: true,
    native: body,
    mockFallback: flag(body.json, "mock_testing_fallbacks"),
    canonical: refuse,
    streamEncoder: refuse,
    encodeBody: refuse,
    errorFrame: (error) => brokenPassing(error, model, host),
    comment: sseComment,
    keepAlive: SSE_KEEP_ALIVE,
    streamContentType: EVENTS,
  };
}

/** The last events of a stream that passed unread. */
function brokenPassing(error: ClientError, model: string, { nowMs }: ResponsesHost): Buffer {
  const options = { stem: newStem(), names: new ToolNames(), summary: false, callIds: new Set<string>() };
  const encoder = new ResponseEncoder(
    { ...options, echo: {}, nowMs, onWhole: () => {} },
    model,
    Math.floor(nowMs() / 1000),
  );
  return encoder.failPassed(error);
}

function translated(
  decoded: DecodedRequest,
  model: string,
  stem: string,
  host: ResponsesHost,
): SurfaceRequest {
  const { store, nowMs } = host;
  const { parameters, tools, chat, input, callIds, leftOut } = decoded;
  const options: ResponseOptions = {
    stem,
    names: tools.names,
    summary: parameters.summary,
    callIds,
    echo: parameters.echo,
    nowMs,
    onWhole(response) {
      if (parameters.store) store.put(responseIdOf(stem), { response, input });
    },
  };
  const encoderFor = (upstream: string, createdAtS: number): ResponseEncoder =>
    new ResponseEncoder(options, upstream, createdAtS);
  return {
    wire: WIRE,
    facts: { model, operation: "chat", needs: decoded.needs },
    stream: parameters.stream,
    includeUsage: true,
    mockFallback: decoded.mockFallback,
    dropped: [...parameters.dropped, ...leftOut],
    fieldName: fieldNames(decoded.paths, tools.searchPath),
    wantsJson: chat.responseFormat?.type === "json",
    searchRequired: tools.searchRequired,
    canonical: () => chat,
    streamEncoder: encoderFor,
    takeOver: (passed, _, nowS) => takeOverResponse(passed, options, nowS),
    encodeBody: (events, upstream, createdAtS) => encoderFor(upstream, createdAtS).body(events),
    // Of a stream that had sent nothing but keep-alives.
    errorFrame: (error) => encoderFor(model, Math.floor(nowMs() / 1000)).fail(error),
    comment: sseComment,
    keepAlive: SSE_KEEP_ALIVE,
    streamContentType: EVENTS,
  };
}
