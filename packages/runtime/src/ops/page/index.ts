/** The page's routes. What is behind them is loaded with the first request, so that a gateway without a page's user does not pay. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { KeptStore, Options, Records, RoutingTable, SettingsOperator } from "@headgate/contract";
import type { RouteIndex } from "@headgate/router";
import type { FastifyInstance } from "fastify";
import { ClientError } from "../../http/client-error.ts";
import type { Secrets } from "../../upstream/live-table.ts";
import type { Access, Caller, Gate } from "./gate.ts";

export interface PageInput {
  readonly options: Options;
  readonly version: string;
  /** The operator's keys; the first one is valid without an end. */
  readonly secrets: () => readonly string[];
  readonly nowMs: () => number;
  /** Where the page's files are; absent: there are none. */
  readonly pageDir: string | undefined;
  readonly kept: { readonly kept: KeptStore | undefined };
  /** Reads and changes the operator's files; absent: this process cannot. */
  readonly operator: SettingsOperator | undefined;
  readonly records: Records | undefined;
  readonly index: () => RouteIndex;
  readonly served: () => { readonly table: RoutingTable; readonly secrets: Secrets };
  readonly draining: () => boolean;
  readonly inFlight: { readonly count: number };
}

type CheckKey = (headers: IncomingHttpHeaders, address: string | undefined) => void;

/** The way to the page and the admin routes. */
export interface Door {
  /** @throws {ClientError} unless the request may pass */
  admit(caller: Caller, access: Access): Promise<void>;
  /**
   * The playground's requests, `/admin/v1/…`, go on as `/v1/…` with the master key: a session is not accepted there.
   * @returns false where the path is another
   */
  forward(request: IncomingMessage, response: ServerResponse, pass: Pass): boolean;
}

type Pass = (request: IncomingMessage, response: ServerResponse) => void;

const PLAYGROUND = "/admin/v1/";
/** The program in the usage records. */
const USER_AGENT = "headgate-page";

export function makeDoor(
  { options, nowMs, kept, secrets }: PageInput,
  checkKey: CheckKey,
): Door & { gate(): Promise<Gate> } {
  let gate: Promise<Gate> | undefined;
  const load = (): Promise<Gate> => {
    gate ??= import("./gate.ts").then(
      (module) => new module.Gate({ options, nowMs, kept: kept.kept, checkKey }),
    );
    return gate;
  };
  const admit = async (caller: Caller, access: Access): Promise<void> => (await load()).admit(caller, access);
  return {
    gate: load,
    admit,
    forward(request, response, pass) {
      const { url = "" } = request;
      if (!url.startsWith(PLAYGROUND)) return false;
      admit(request, "admin").then(
        () => {
          request.url = url.slice("/admin".length);
          // A browser's own headers are none of the client that the page is.
          for (const name of ["cookie", "origin", "referer"] as const) delete request.headers[name];
          request.headers.authorization = `Bearer ${secrets()[0] ?? ""}`;
          request.headers["user-agent"] = USER_AGENT;
          pass(request, response);
        },
        // It is judged again under its own path, which has no route but answers with the error.
        () => pass(request, response),
      );
      return true;
    },
  };
}

export function pageRoutes(
  app: FastifyInstance,
  input: PageInput,
  door: ReturnType<typeof makeDoor>,
  checkKey: CheckKey,
): void {
  const { options, pageDir } = input;
  const on = options.page === "on" && pageDir !== undefined;

  // Clients check whether the server answers at all; browsers get the page.
  app.get("/", { config: { open: true } }, async (request, reply) => {
    const wantsPage = on && request.method === "GET" && /\btext\/html\b/.test(request.headers.accept ?? "");
    reply.header("vary", "Accept");
    if (!wantsPage) return reply.type("text/plain").send("ok\n");
    await door.admit(request, "page");
    return (await import("./files.ts")).sendIndex(pageDir, reply);
  });
  if (on) {
    app.get<{ Params: { name: string } }>(
      "/page/assets/:name",
      { config: { open: true } },
      async (request, reply) => {
        await door.admit(request, "page");
        return (await import("./files.ts")).sendAsset(pageDir, request.params.name, request, reply);
      },
    );
  }

  let signIn: Promise<import("./sign-in.ts").SignIn> | undefined;
  const loadSignIn = () => {
    signIn ??= Promise.all([import("./sign-in.ts"), door.gate()]).then(
      ([{ SignIn }, gate]) => new SignIn({ ...input, gate, checkKey, page: options.page }),
    );
    return signIn;
  };
  app.post("/admin/session", { config: { access: "sign-in" } }, async (request, reply) =>
    (await loadSignIn()).open(request, reply),
  );
  app.get("/admin/session", async (request) => (await loadSignIn()).state(request));
  app.delete("/admin/session", async (request, reply) => (await loadSignIn()).close(request, reply));
  app.post("/admin/session/links", async () => (await loadSignIn()).makeLink());

  let settings: Promise<import("./settings.ts").SettingsRoutes> | undefined;
  const loadSettings = async () => {
    const { operator } = input;
    if (operator === undefined) throw noSettings();
    settings ??= import("./settings.ts").then(
      ({ SettingsRoutes }) => new SettingsRoutes({ ...input, operator, kept: input.kept.kept }),
    );
    return settings;
  };
  app.get("/admin/settings", async () => (await loadSettings()).read());
  app.post("/admin/settings", async (request, reply) => (await loadSettings()).change(request, reply));
  app.post("/admin/master-key", async () => (await loadSettings()).rotate());
  app.post<{ Params: { id: string } }>("/admin/providers/:id/verify", async ({ params }) =>
    (await loadSettings()).verify(params.id),
  );

  app.get("/admin/openapi.json", async () =>
    (await import("../openapi/admin.ts")).adminDocument(input.version),
  );
  app.get("/openapi.json", async () => (await import("../openapi/v1.ts")).v1Document(input.version));

  const startedAtMs = input.nowMs();
  let hub: Promise<import("./events.ts").EventHub> | undefined;
  app.get<{ Querystring: { after?: string } }>("/admin/events", async (request, reply) => {
    hub ??= import("./events.ts").then(({ EventHub }) => new EventHub({ ...input, startedAtMs }));
    const events = await hub;
    const last = request.headers["last-event-id"] ?? request.query.after;
    const { method, headers, socket } = request;
    reply.hijack();
    reply.raw.setHeader("x-request-id", request.id);
    await events.attach(reply.raw, typeof last === "string" ? last : undefined, () =>
      door.admit({ method, headers, socket }, "admin"),
    );
  });
}

const noSettings = (): ClientError =>
  new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "no_settings",
    message:
      "This gateway cannot change its settings: its page is off, or it was not started by headgate serve.",
  });
