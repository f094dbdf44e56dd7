/** Google's Gemini API as a surface. https://ai.google.dev/api */
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import { unknownModel } from "../../exchange/lookup.ts";
import { ClientError } from "../../http/client-error.ts";
import { parseJsonBody } from "../../http/json-body.ts";
import { requestsWith } from "../by-header.ts";
import type { Surface, SurfaceHost } from "../surface.ts";
import { upstreamCount } from "../upstream-count.ts";
import { countedTokens } from "./count-tokens.ts";
import { embedRequest } from "./embed.ts";
import type { Form } from "./encode-stream.ts";
import { GEMINI_ENVELOPE } from "./envelope.ts";
import { generateRequest } from "./generate.ts";
import { modelInfo, modelPage, type PageQuery, plainName } from "./models.ts";
import { WIRE } from "./seals.ts";

const BASE = "/v1beta";
/** `/v1/models` is OpenAI's path too; a request with this header, which Google's SDKs send, gets Google's answer. */
const KEY_HEADER = "x-goog-api-key";

interface Route {
  readonly Params: { readonly "*": string };
  readonly Querystring: { readonly alt?: string };
}

export const gemini: Surface = (app, host) => {
  const options: RouteShorthandOptions = { config: { envelope: GEMINI_ENVELOPE, queryKey: true } };
  const answer = methods(host);

  for (const [base, constraints] of [
    [BASE, {}],
    ["/v1", requestsWith(app, KEY_HEADER)],
  ] as const) {
    const listing = { ...options, constraints };
    app.get<{ Querystring: PageQuery }>(`${base}/models`, listing, async ({ client, query }) =>
      modelPage(host.serving(client).live.index, query),
    );
    app.get<Route>(`${base}/models/*`, listing, async ({ client, params }) =>
      modelInfo(host.serving(client).live.index, params["*"]),
    );
    app.post<Route>(`${base}/models/*`, options, (request, reply) => {
      const { method } = callOf(request);
      if (method === "countTokens") return count(host, request);
      const handler = Object.hasOwn(answer, method) ? answer[method] : undefined;
      if (handler === undefined) throw unknownPath(request);
      return handler(request, reply);
    });
  }
  app.all(`${BASE}/*`, options, (request) => {
    throw unknownPath(request);
  });
};

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

function methods(host: SurfaceHost): Readonly<Record<string, Handler>> {
  const nameIn = (request: FastifyRequest): string =>
    plainName(host.serving().live.index, callOf(request).model);
  const generate = (formOf: (request: FastifyRequest) => Form) =>
    host.answer(GEMINI_ENVELOPE, (body, request) =>
      generateRequest(body, nameIn(request), formOf(request), request.id),
    );
  const embed = (batch: boolean) =>
    host.answer(GEMINI_ENVELOPE, (body, request) => embedRequest(body, nameIn(request), batch));
  return {
    generateContent: generate(() => "whole"),
    streamGenerateContent: generate(({ query }) =>
      (query as Route["Querystring"]).alt === "sse" ? "events" : "array",
    ),
    embedContent: embed(false),
    batchEmbedContents: embed(true),
  };
}

async function count(host: SurfaceHost, request: FastifyRequest) {
  const { live } = host.serving(request.client);
  const name = plainName(live.index, callOf(request).model);
  const route = live.index.find(name);
  if (route === undefined) throw unknownModel(live.index, name);
  const body = parseJsonBody(request.body);
  const estimate = await countedTokens(body.json);
  const totalTokens = await upstreamCount(live, route, WIRE, body, request.client, host.nowMs());
  return totalTokens === undefined ? estimate : { totalTokens };
}

/** A path's end is `{model}:{method}`; a model's name may hold colons and slashes of its own. */
function callOf({ params }: FastifyRequest): { readonly model: string; readonly method: string } {
  const call = (params as Route["Params"])["*"];
  const at = call.lastIndexOf(":");
  return at === -1 ? { model: call, method: "" } : { model: call.slice(0, at), method: call.slice(at + 1) };
}

function unknownPath({ method, url }: Pick<FastifyRequest, "method" | "url">): ClientError {
  const path = url.split("?")[0] ?? "";
  return new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "unknown_url",
    message: `There is no ${method} ${path.slice(0, 200)} here; use GET ${BASE}/models or POST ${BASE}/models/{model}:generateContent.`,
  });
}
