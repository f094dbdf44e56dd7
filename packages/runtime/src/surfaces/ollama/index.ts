/** Ollama's API as a surface: chat, generate, embeddings and the routes about models. */
import { asText, isObject, type NativeBody, parseJson } from "@headgate/adapter-kit";
import type { FastifyRequest } from "fastify";
import type { SurfaceRequest } from "../../codec/surface-request.ts";
import { unknownModel } from "../../exchange/lookup.ts";
import { parseJsonBody } from "../../http/json-body.ts";
import { modelName } from "../openai/chat-facts.ts";
import type { Surface, SurfaceHost } from "../surface.ts";
import { type Decoded, decodeChat, decodeGenerate } from "./decode.ts";
import { embedRequest } from "./embed.ts";
import { encodeOllamaBody, type Form, OllamaLineEncoder } from "./encode.ts";
import { errorLine, OLLAMA_ENVELOPE } from "./envelope.ts";
import { show, tags } from "./listing.ts";
import { plainName } from "./names.ts";

/** The version whose API this is; clients compare it before they use a field. */
const API_VERSION = "0.12.0";

export const ollama: Surface = (app, host) => {
  const config = { config: { envelope: OLLAMA_ENVELOPE } };
  const answer = (form: Form, decode: (body: NativeBody) => Decoded) =>
    host.answer(OLLAMA_ENVELOPE, (body) => chatRequest(host, body, form, decode(body)));
  app.post(
    "/api/chat",
    config,
    answer("chat", ({ json }) => decodeChat(json)),
  );
  app.post(
    "/api/generate",
    config,
    answer("generate", ({ json }) => decodeGenerate(json)),
  );
  const embed = (legacy: boolean) =>
    host.answer(OLLAMA_ENVELOPE, (body) => embedRequest(body, nameIn(host, body), legacy));
  app.post("/api/embed", config, embed(false));
  app.post("/api/embeddings", config, embed(true));
  app.post("/api/show", config, async (request: FastifyRequest) => {
    const { index } = host.serving().live;
    const { json } = parseJsonBody(request.body);
    const name = plainName(
      index,
      modelName(typeof json.name === "string" && json.model === undefined ? { model: json.name } : json),
    );
    const route = index.find(name);
    if (route === undefined) throw unknownModel(index, name);
    return show(route);
  });
  app.get("/api/tags", config, async () => tags(host.serving().live.index, host.serving().models.createdAtS));
  // No model counts as loaded here: only a local backend knows its own.
  app.get("/api/ps", config, async () => ({ models: [] }));
  app.get("/api/version", config, async () => ({ version: API_VERSION }));
};

const nameIn = (host: SurfaceHost, { json }: NativeBody): string =>
  plainName(host.serving().live.index, modelName(json));

function chatRequest(
  host: SurfaceHost,
  body: NativeBody,
  form: Form,
  { needs, request, dropped, own }: Decoded,
): SurfaceRequest {
  const startedAtMs = performance.now();
  const elapsedNs = (): number => Math.round((performance.now() - startedAtMs) * 1e6);
  const model = nameIn(host, body);
  // The client's name of the model: Ollama's clients match answers to requests by it.
  const shown = modelName(body.json);
  return {
    wire: "ollama-chat",
    facts: { model, operation: "chat", needs },
    stream: request.stream,
    includeUsage: true,
    // Of the upstream's two routes only the one for chats passes natively.
    ...(form === "chat" ? { native: body } : {}),
    mockFallback: false,
    dropped,
    own,
    canonical: () => request,
    // Lines have no state, and calls come whole.
    takeOver: (passed, decode, nowS) => {
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
