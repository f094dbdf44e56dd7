import { unknownModel } from "../../exchange/lookup.ts";
import type { Surface } from "../surface.ts";
import { batchRoutes } from "./batches.ts";
import { chatRequest } from "./chat.ts";
import { completionsRequest } from "./completions.ts";
import { embeddingsRequest } from "./embeddings.ts";
import { OPENAI_ENVELOPE } from "./envelope.ts";
import { FORM_ROUTES, formRequest } from "./form-requests.ts";
import { imageRequest, moderationRequest, speechRequest } from "./media.ts";
import { rerankRequest } from "./rerank.ts";
import { responsesRoutes } from "./responses/index.ts";
import { Voices } from "./voices.ts";

const JSON_TYPE = "application/json; charset=utf-8";

export const openAi: Surface = (app, host) => {
  host.fastPath("/v1/chat/completions", OPENAI_ENVELOPE, (body, { id }) => chatRequest(body, id));
  app.post(
    "/v1/chat/completions",
    host.answer(OPENAI_ENVELOPE, (body, { id }) => chatRequest(body, id)),
  );
  app.post(
    "/v1/completions",
    host.answer(OPENAI_ENVELOPE, (body, { id }) => completionsRequest(body, id)),
  );
  responsesRoutes(app, host);
  app.get("/v1/models", ({ client }, reply) => reply.type(JSON_TYPE).send(host.serving(client).models.list));
  app.get<{ Params: { "*": string } }>("/v1/models/*", (request, reply) => {
    const name = request.params["*"];
    const { live, models } = host.serving(request.client);
    const model = models.one(name);
    if (model === undefined) throw unknownModel(live.index, name);
    return reply.type(JSON_TYPE).send(model);
  });
  app.get("/v1/model/info", ({ client }, reply) =>
    reply.type(JSON_TYPE).send(host.serving(client).models.info),
  );
  host.fastPath("/v1/embeddings", OPENAI_ENVELOPE, embeddingsRequest);
  app.post("/v1/embeddings", host.answer(OPENAI_ENVELOPE, embeddingsRequest));
  app.post(
    "/v1/rerank",
    host.answer(OPENAI_ENVELOPE, (body, { id }) => rerankRequest(body, id)),
  );
  app.post("/v1/images/generations", host.answer(OPENAI_ENVELOPE, imageRequest));
  app.post("/v1/moderations", host.answer(OPENAI_ENVELOPE, moderationRequest));
  app.post("/v1/audio/speech", host.answer(OPENAI_ENVELOPE, speechRequest));
  batchRoutes(app, host);
  const voices = new Voices(host.nowMs);
  app.get("/v1/audio/voices", async (_, reply) => {
    const { body, failed } = await voices.list(host.serving().live);
    if (failed.length > 0)
      reply.header("x-headgate-failed", failed.map(({ provider }) => provider).join(", "));
    return reply.type(JSON_TYPE).send(body);
  });
  for (const [path, route] of Object.entries(FORM_ROUTES)) {
    app.post(
      path,
      host.answerForm(OPENAI_ENVELOPE, (form) => formRequest(form, route)),
    );
  }
};
