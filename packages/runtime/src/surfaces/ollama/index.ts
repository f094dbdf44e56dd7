/** Ollama's API as a surface: chat, generate, embeddings and the routes about models. */
import { asText, exactBody, isObject, type NativeBody, parseJson } from "@headgate/adapter-kit";
import type { FastifyRequest } from "fastify";
import type { ActiveClient } from "../../clients/active-client.ts";
import type { SurfaceRequest } from "../../codec/surface-request.ts";
import { findAny, findRoute } from "../../exchange/lookup.ts";
import { parseJsonBody } from "../../http/json-body.ts";
import type { DirectRequest, Surface, SurfaceHost } from "../surface.ts";
import {
  type Decoded,
  decodeChat,
  decodeGenerate,
  isEmptyChat,
  isEmptyGenerate,
  modelOf,
  unloads,
} from "./decode.ts";
import { embedRequest, isEmptyEmbed } from "./embed.ts";
import { encodeOllamaBody, type Form, OllamaLineEncoder } from "./encode.ts";
import { errorLine, OLLAMA_ENVELOPE } from "./envelope.ts";
import { running, show, tags } from "./listing.ts";
import { emptyRequest, unloadModel } from "./loading.ts";
import { deleteModel, pullRequest } from "./managing.ts";
import { plainName } from "./names.ts";

/** The version whose API this is; clients compare it before they use a field. */
const API_VERSION = "0.12.0";

export const ollama: Surface = (app, host) => {
  const config = { config: { envelope: OLLAMA_ENVELOPE, keyless: true } };
  /** Changes what every client has. */
  const operators = { config: { ...config.config, operator: true } };
  /** A request without a prompt. */
  const empty = (body: NativeBody, form: Form | "embed", client: ActiveClient | undefined): DirectRequest => {
    const { index } = host.serving(client).live;
    const name = nameIn(host, body);
    const operation = form === "embed" ? "embedding" : "chat";
    // A model of any operation can be unloaded, and only one of this operation be loaded by it.
    const route = unloads(body.json) ? findAny(index, name) : findRoute(index, name, operation);
    return emptyRequest(host, form, route, body.json, modelOf(body.json));
  };
  app.post(
    "/api/chat",
    config,
    host.answer(OLLAMA_ENVELOPE, (body, { client }) =>
      isEmptyChat(body.json)
        ? empty(body, "chat", client)
        : chatRequest(host, body, "chat", decodeChat(exactBody(body))),
    ),
  );
  app.post(
    "/api/generate",
    config,
    host.answer(OLLAMA_ENVELOPE, (body, { client }) =>
      isEmptyGenerate(body.json)
        ? empty(body, "generate", client)
        : chatRequest(host, body, "generate", decodeGenerate(exactBody(body))),
    ),
  );
  const embed = (legacy: boolean) =>
    host.answer(OLLAMA_ENVELOPE, (body, { client }) =>
      !legacy && isEmptyEmbed(body.json)
        ? empty(body, "embed", client)
        : embedRequest(body, { model: nameIn(host, body), shown: modelOf(body.json) }, legacy),
    );
  app.post("/api/embed", config, embed(false));
  app.post("/api/embeddings", config, embed(true));
  app.post("/api/show", config, async (request: FastifyRequest) => {
    const { live } = host.serving(request.client);
    const { json } = parseJsonBody(request.body);
    return show(live, findAny(live.index, plainName(live.index, modelOf(json))), json);
  });
  app.get("/api/tags", config, async ({ client }) => {
    const { live, models } = host.serving(client);
    return tags(live, models.createdAtS);
  });
  app.get("/api/ps", config, async () => running(host.serving().live, host.leases, host.nowMs()));
  app.post(
    "/api/pull",
    operators,
    host.answer(OLLAMA_ENVELOPE, (body) => pullRequest(host, body)),
  );
  app.delete("/api/delete", operators, async (request, reply) => {
    await deleteModel(host, parseJsonBody(request.body).json);
    return reply.send();
  });
  app.get("/api/version", config, async () => ({ version: API_VERSION }));
};

const nameIn = (host: SurfaceHost, { json }: NativeBody): string =>
  plainName(host.serving().live.index, modelOf(json));

function chatRequest(
  host: SurfaceHost,
  body: NativeBody,
  form: Form,
  { needs, request, dropped, own, check }: Decoded,
): SurfaceRequest {
  const startedAtMs = performance.now();
  const elapsedNs = (): number => Math.round((performance.now() - startedAtMs) * 1e6);
  const model = nameIn(host, body);
  // The client's name of the model: Ollama's clients match answers to requests by it.
  const shown = modelOf(body.json);
  const { index } = host.serving().live;
  return {
    wire: `ollama-${form}`,
    facts: { model, operation: "chat", needs },
    stream: request.stream,
    includeUsage: true,
    native: body,
    shownModel: shown,
    mockFallback: false,
    dropped,
    own,
    ownWire: "ollama-chat",
    canonical() {
      check?.();
      return request;
    },
    async onAnswered() {
      if (!unloads(body.json)) return;
      const [entry] = index.find(model)?.chain ?? [];
      // The client has its answer; a model that others use, or that is pinned, stays.
      if (entry !== undefined) await unloadModel(host, entry).catch(() => undefined);
    },
    // Lines have no state, and calls come whole.
    takeOver: (passed, decode, nowS) => {
      if (body.json.logprobs === true) return undefined;
      const line = parseJson(passed.toString("utf8", 0, passed.indexOf("\n")));
      if (!isObject(line)) return undefined;
      const model = asText(line.model) ?? shown;
      return { events: decode(), encoder: new OllamaLineEncoder(form, model, nowS, elapsedNs) };
    },
    streamEncoder: (_, createdAtS) => new OllamaLineEncoder(form, shown, createdAtS, elapsedNs),
    encodeBody: (events, _, createdAtS) => encodeOllamaBody(form, events, shown, createdAtS, elapsedNs),
    errorFrame: errorLine,
    streamContentType: "application/x-ndjson",
  };
}
