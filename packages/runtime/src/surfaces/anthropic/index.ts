/** Anthropic's Messages API. https://platform.claude.com/docs/en/api/messages */
import type { NativeBody } from "@headgate/adapter-kit";
import type { RouteShorthandOptions } from "fastify";
import { findRoute, unknownModel } from "../../exchange/lookup.ts";
import { ClientError } from "../../http/client-error.ts";
import { parseJsonBody } from "../../http/json-body.ts";
import { requestsWith } from "../by-header.ts";
import type { Incoming, Surface } from "../surface.ts";
import { upstreamCount } from "../upstream-count.ts";
import { messageBatchRoutes } from "./batches.ts";
import { promptTokens } from "./count-tokens.ts";
import { ANTHROPIC_ENVELOPE } from "./envelope.ts";
import { promptFacts } from "./facts.ts";
import { messagesRequest, wireHeaders } from "./messages.ts";
import { modelInfo, modelPage, type PageQuery } from "./models.ts";
import { forOwnWire, WIRE } from "./seals.ts";

/** `/v1/models` is OpenAI's path too; a request with this header gets Anthropic's answer. */
const VERSION_HEADER = "anthropic-version";

export const anthropic: Surface = (app, host) => {
  const options: RouteShorthandOptions = {
    config: { envelope: ANTHROPIC_ENVELOPE },
    onRequest: (request, reply, done) => {
      // On the raw response: the answer of an exchange is written there too.
      reply.raw.setHeader("request-id", request.id);
      done();
    },
  };

  const read = (body: NativeBody, { id, headers }: Pick<Incoming, "id" | "headers">) =>
    messagesRequest(body, id, headers);
  host.fastPath("/v1/messages", ANTHROPIC_ENVELOPE, read);
  app.post("/v1/messages", options, host.answer(ANTHROPIC_ENVELOPE, read));
  app.post("/v1/messages/count_tokens", options, async (request) => {
    const body = parseJsonBody(request.body);
    const facts = promptFacts(body.json);
    const { live } = host.serving(request.client);
    const route = findRoute(live.index, facts.model, facts.operation);
    const native = { ...forOwnWire(body), headers: wireHeaders(request.headers) };
    const counted = await upstreamCount(live, route, WIRE, native, request.client, host.nowMs());
    return { input_tokens: counted ?? (await promptTokens(body.json)) };
  });
  messageBatchRoutes(app, host, options);
  app.all("/v1/messages/*", options, (request) => {
    const path = request.url.split("?")[0] ?? "";
    throw new ClientError({
      status: 404,
      type: "invalid_request_error",
      code: "unknown_url",
      message: `There is no ${request.method} ${path.slice(0, 200)} here; use POST /v1/messages or POST /v1/messages/count_tokens.`,
    });
  });

  const models = { ...options, constraints: requestsWith(app, VERSION_HEADER) };
  app.get<{ Querystring: PageQuery }>("/v1/models", models, async ({ client, query }) =>
    modelPage(host.serving(client).live.index, query),
  );
  app.get<{ Params: { "*": string } }>("/v1/models/*", models, async ({ client, params }) => {
    const { index } = host.serving(client).live;
    const model = modelInfo(index.find(params["*"]), params["*"]);
    if (model === undefined) throw unknownModel(index, params["*"]);
    return model;
  });
};
