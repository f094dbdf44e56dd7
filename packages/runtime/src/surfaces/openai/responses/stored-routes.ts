/** Routes about stored responses: read, delete, cancel, and their input items. */
import type { JsonObject } from "@headgate/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { badRequest, ClientError, quoted } from "../../../http/client-error.ts";
import { chainTo } from "./history.ts";
import { outputOf } from "./input.ts";
import type { LastingResponseStore } from "./lasting-store.ts";
import type { ResponseStore, StoredResponse } from "./store.ts";

interface ById {
  Params: { id: string };
  Querystring: Record<string, string | string[] | undefined>;
}

const JSON_TYPE = "application/json; charset=utf-8";
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

export function storedRoutes(app: FastifyInstance, store: LastingResponseStore): void {
  app.get<ById>("/v1/responses/:id", async ({ params, query }, reply) => {
    await store.fetchChain(params.id);
    const { response } = found(store, params.id);
    if (query.stream === "true")
      throw badRequest(
        "Only a response made with `background` and `stream` can be streamed again.",
        "stream",
      );
    return reply.type(JSON_TYPE).send(response);
  });
  app.delete<ById>("/v1/responses/:id", async ({ params: { id } }, reply) => {
    if (!(await store.deleteAll(id))) throw notFound(id);
    return reply.type(JSON_TYPE).send({ id, object: "response", deleted: true });
  });
  app.post<ById>("/v1/responses/:id/cancel", async ({ params }) => {
    await store.fetchChain(params.id);
    found(store, params.id);
    throw badRequest(
      "Cannot cancel a synchronous response: it is over. Close the connection to stop one that is running.",
    );
  });
  app.get<ById>("/v1/responses/:id/input_items", async (request, reply) => {
    await store.fetchChain(request.params.id);
    return reply.type(JSON_TYPE).send(inputItems(store, request));
  });
}

function found(store: ResponseStore, id: string): StoredResponse {
  const stored = store.get(id);
  if (stored === undefined) throw notFound(id);
  return stored;
}

const notFound = (id: string): ClientError =>
  new ClientError({
    status: 404,
    type: "invalid_request_error",
    message: `Response with id ${quoted(id)} not found: it was not stored, or has been deleted or forgotten.`,
  });

/** The response's whole input, earlier responses included, newest first by default. */
function inputItems(store: ResponseStore, { params, query }: FastifyRequest<ById>): JsonObject {
  found(store, params.id);
  const chain = chainTo(params.id, store);
  const items = chain.flatMap(({ input, response }, at) =>
    at === chain.length - 1 ? input : [...input, ...outputOf(response)],
  );
  const order = query.order ?? "desc";
  if (order !== "asc" && order !== "desc") throw badRequest("`order` must be asc or desc.", "order");
  const ordered = order === "asc" ? items : items.reverse();
  const limit = Number(query.limit ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw badRequest(`\`limit\` must be a whole number from 1 to ${MAX_LIMIT}.`, "limit");
  const { after } = query;
  const start = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0) throw badRequest(`There is no item ${quoted(after)}.`, "after");
  const data = ordered.slice(start, start + limit);
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + limit < ordered.length,
  };
}
