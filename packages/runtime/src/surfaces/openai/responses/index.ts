/** OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses */
import type { NativeBody } from "@headgate/adapter-kit";
import type { FastifyInstance } from "fastify";
import type { SurfaceRequest } from "../../../codec/surface-request.ts";
import { findRoute } from "../../../exchange/lookup.ts";
import { ClientError } from "../../../http/client-error.ts";
import { parseJsonBody } from "../../../http/json-body.ts";
import { textField } from "../../field-readers.ts";
import type { SurfaceHost } from "../../surface.ts";
import { OPENAI_ENVELOPE } from "../envelope.ts";
import { compactRequest } from "./compaction.ts";
import { decodeRequest } from "./decode.ts";
import type { ResponsesHost } from "./host.ts";
import { newStem } from "./ids.ts";
import { inputTokens } from "./input-tokens.ts";
import { LastingResponseStore } from "./lasting-store.ts";
import { responsesRequest } from "./request.ts";
import { storedRoutes } from "./stored-routes.ts";

export function responsesRoutes(app: FastifyInstance, host: SurfaceHost): void {
  const { nowMs, options, sealer, kept } = host;
  const store = new LastingResponseStore({
    ...kept,
    nowMs,
    ttlMs: options.responsesTtlMs,
    maxBytes: options.responsesMaxBytes,
  });
  const own = { store, nowMs, sealer };
  /** Most requests read no stored response, and are decoded synchronously. */
  const fetched =
    (decode: (body: NativeBody, own: ResponsesHost) => SurfaceRequest) =>
    (body: NativeBody): SurfaceRequest | Promise<SurfaceRequest> =>
      store.reads(body.json) ? store.fetch(body.json).then(() => decode(body, own)) : decode(body, own);
  host.fastPath("/v1/responses", OPENAI_ENVELOPE, fetched(responsesRequest));
  app.post("/v1/responses", host.answer(OPENAI_ENVELOPE, fetched(responsesRequest)));
  app.post("/v1/responses/compact", host.answer(OPENAI_ENVELOPE, fetched(compactRequest)));
  app.post("/v1/responses/input_tokens", async (request, reply) => {
    const { json } = parseJsonBody(request.body);
    const model = textField(json, "model");
    if (model !== undefined) findRoute(host.serving(request.client).live.index, model, "chat");
    await store.fetch(json);
    const { chat } = decodeRequest(json, newStem(), own);
    return reply
      .type("application/json; charset=utf-8")
      .send({ object: "response.input_tokens", input_tokens: await inputTokens(chat) });
  });
  app.get("/v1/responses", (request, reply) => {
    const upgrade = request.headers.upgrade !== undefined;
    // The field is required (RFC 9110, section 15.5.22); this is the protocol to use instead.
    if (upgrade) reply.header("upgrade", "HTTP/1.1");
    throw new ClientError({
      status: upgrade ? 426 : 405,
      type: "invalid_request_error",
      code: upgrade ? "websocket_not_supported" : "method_not_allowed",
      message: upgrade
        ? "There is no WebSocket here; POST /v1/responses streams its events over HTTP."
        : "GET /v1/responses is not there; use POST, or GET /v1/responses/{id}.",
    });
  });
  storedRoutes(app, store);
}
