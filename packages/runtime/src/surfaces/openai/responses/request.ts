/** POST /v1/responses as the attempt loop sees it. */
import type { NativeBody } from "@headgate/adapter-kit";
import type { Sealer } from "../../../sealer.ts";
import { type SurfaceRequest, sseComment } from "../../../surface.ts";
import { modelName } from "../chat-facts.ts";
import { errorFrame } from "../envelope.ts";
import { decodeRequest } from "./decode.ts";
import { fieldNames } from "./field-names.ts";
import { newStem, responseIdOf } from "./ids.ts";
import { ResponseEncoder } from "./response.ts";
import type { ResponseStore } from "./store.ts";

export interface ResponsesHost {
  readonly store: ResponseStore;
  readonly nowMs: () => number;
  readonly sealer: Sealer;
}

/** @throws {ClientError} 400 with the path of the first field that is wrong. */
export function responsesRequest({ json }: NativeBody, host: ResponsesHost): SurfaceRequest {
  const { store, nowMs } = host;
  const model = modelName(json);
  const stem = newStem();
  const decoded = decodeRequest(json, stem, host);
  const { parameters, tools, chat, input, callIds } = decoded;
  const encoderFor = (upstream: string, createdAtS: number): ResponseEncoder =>
    new ResponseEncoder(
      {
        stem,
        names: tools.names,
        summary: parameters.summary,
        callIds,
        echo: parameters.echo,
        nowMs,
        onWhole(response) {
          if (parameters.store) store.put(responseIdOf(stem), { response, input });
        },
      },
      upstream,
      createdAtS,
    );
  return {
    wire: "openai-responses",
    facts: { model, operation: "chat", needs: decoded.needs },
    stream: parameters.stream,
    includeUsage: true,
    mockFallback: decoded.mockFallback,
    dropped: [...parameters.dropped, ...tools.dropped],
    fieldName: fieldNames(decoded.paths),
    canonical: () => chat,
    streamEncoder: encoderFor,
    encodeBody: (events, upstream, createdAtS) => encoderFor(upstream, createdAtS).body(events),
    errorFrame,
    comment: sseComment,
    streamContentType: "text/event-stream; charset=utf-8",
  };
}
