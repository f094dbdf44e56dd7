/** The clients' admin routes, and GET /v1/quota, where a client reads what is left for it. */
import {
  type ClientEdit,
  ClientRefusal,
  type ClientRules,
  clientView,
  editedRules,
  type JsonObject,
  type LiveClients,
  nameProblem,
  namesOf,
  periodMs,
  present,
  readClientFields,
  type StoredClient,
  unknownNames,
} from "@headgate/contract";
import type { RouteIndex } from "@headgate/router";
import type { FastifyInstance } from "fastify";
import type { ClientAdmissions } from "../clients/admission.ts";
import type { ClientDirectory } from "../clients/directory.ts";
import { badRequest, ClientError, quoted } from "../http/client-error.ts";
import { parseJsonBody } from "../http/json-body.ts";
import { limitsLeft, type QuotaOfInput, quotaOf } from "./client-quota.ts";

export interface ClientsInput extends QuotaOfInput {
  readonly index: () => RouteIndex;
  readonly admissions: Pick<ClientAdmissions, "admit" | "uses">;
  readonly clients: { readonly store: LiveClients | undefined; readonly directory: ClientDirectory };
}

/** How long an old key stays valid after a rotation, where the request states nothing. */
const GRACE = "24h";

interface ByName {
  Params: { name: string };
}

export function clientRoutes(app: FastifyInstance, input: ClientsInput): void {
  const { nowMs, index, admissions, clients } = input;
  const store = (): LiveClients => {
    if (clients.store !== undefined) return clients.store;
    throw new ClientError({
      status: 404,
      type: "invalid_request_error",
      code: "no_clients",
      message: "This gateway keeps no clients.",
    });
  };
  /** With what is left of its limits. */
  const shown = async (stored: StoredClient) => {
    const active = clients.directory.byId(stored.id);
    const uses = active === undefined ? [] : await admissions.uses(active);
    return { ...clientView(stored, nowMs()), limits: limitsLeft(uses) };
  };
  const named = async (name: string): Promise<StoredClient> => {
    const found = (await store().list().catch(asError)).find((one) => one.name === name || one.id === name);
    if (found !== undefined) return found;
    throw unknown(`There is no client ${quoted(name)}.`);
  };
  /** @throws {ClientError} 400 for rules that are malformed, or that name what is not there */
  const rulesIn = (
    fields: JsonObject,
    before: ClientRules = {},
  ): ClientEdit & { readonly all: ClientRules } => {
    const { edit, problems } = readClientFields(fields, nowMs());
    const all = editedRules(before, edit);
    const changed = {
      ...present({ models: edit.rules.models ?? undefined, map: edit.rules.map ?? undefined }),
    };
    const [problem] = [
      ...problems,
      ...unknownNames(
        { ...all, models: changed.models ?? [], map: changed.map ?? {} },
        namesOf(index().table),
      ),
    ];
    if (problem !== undefined) throw badRequest(`${sentence(problem.message)}`, problem.field);
    return { ...edit, all };
  };

  app.get("/admin/clients", async () => {
    const list = await store().list().catch(asError);
    return { clients: await Promise.all(list.map(shown)) };
  });
  app.get<ByName>("/admin/clients/:name", async ({ params }) => ({
    client: await shown(await named(params.name)),
  }));

  app.post("/admin/clients", async ({ body }, reply) => {
    const { name, ...fields } = parseJsonBody(body).json;
    if (typeof name !== "string") throw badRequest("`name` must be the client's name.", "name");
    const problem = nameProblem(name);
    if (problem !== undefined) throw badRequest(sentence(problem.message), "name");
    const { all, expires_at_ms } = rulesIn(fields);
    const issued = await store()
      .add({ name, rules: all, ...present({ expires_at_ms: expires_at_ms ?? undefined }) })
      .catch(asError);
    return reply.code(201).send({ ...issued, client: await shown(await named(issued.id)) });
  });
  app.patch<ByName>("/admin/clients/:name", async ({ params, body }) => {
    const before = await named(params.name);
    const { all: _, ...edit } = rulesIn(parseJsonBody(body).json, before.rules);
    const edited = await store().edit(before.id, edit).catch(asError);
    return { client: await shown(edited) };
  });
  app.post<ByName>("/admin/clients/:name/rotate", async ({ params, body }) => {
    const { grace = GRACE } = body === undefined || body === null ? {} : parseJsonBody(body).json;
    const graceMs =
      grace === "0" || grace === 0 ? 0 : typeof grace === "string" ? periodMs(grace) : undefined;
    if (graceMs === undefined)
      throw badRequest(
        "`grace` must be a period such as 24h or 30m, or 0: the old key ends at once.",
        "grace",
      );
    const issued = await store().rotate(params.name, graceMs).catch(asError);
    return { ...issued, client: await shown(await named(issued.id)) };
  });
  app.post<ByName>("/admin/clients/:name/revoke", async ({ params }) => ({
    client: await shown(await store().revoke(params.name).catch(asError)),
  }));

  app.get<{ Querystring: { model?: string } }>("/v1/quota", ({ client, query }) =>
    quotaOf(input, client, query.model),
  );
}

const sentence = (text: string): string => `${text.replace(/[.?]?$/, (end) => (end === "?" ? "?" : "."))}`;

const unknown = (message: string): ClientError =>
  new ClientError({ status: 404, type: "invalid_request_error", code: "unknown_client", message });

/** @throws {ClientError} */
function asError(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ClientRefusal) {
    const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
    if (error.code === "unknown_client") throw unknown(text);
    throw new ClientError({ status: 409, type: "invalid_request_error", code: error.code, message: text });
  }
  throw new ClientError({
    status: 503,
    type: "server_error",
    code: "clients_unavailable",
    message: `The list of clients cannot be reached: ${message}.`,
  });
}
