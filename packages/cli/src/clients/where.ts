/** The clients of this folder: in their database, or through the admin routes of the gateway that `--url` names. */
import { type ClientView, clientView, type IssuedKey, type Options, readOptions } from "@headgate/contract";
import { type Cli, Failure } from "../cli.ts";
import { readEnvFile, readOptionEnvironment } from "../environment.ts";
import { findPlace, resolveStateDir } from "../place.ts";
import { type GatewayWhere, runningGateway } from "../running-gateway.ts";
import { makeStateDir } from "../state-dir.ts";
import { graceMsOf } from "./grace.ts";
import type { Fields } from "./rules.ts";

/** One way to the list of clients; both answer alike. */
export interface ClientsHere {
  list(): Promise<readonly ClientView[]>;
  show(name: string): Promise<ClientView>;
  add(name: string, fields: Fields): Promise<IssuedKey>;
  edit(name: string, fields: Fields): Promise<ClientView>;
  rotate(name: string, grace: string): Promise<IssuedKey>;
  revoke(name: string): Promise<ClientView>;
  /** What the operator must know of this store. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

export async function clientsOf(cli: Cli, where: GatewayWhere): Promise<ClientsHere> {
  return where.url === undefined ? inDatabase(cli, where) : overHttp(cli, where);
}

function overHttp(cli: Cli, where: GatewayWhere): ClientsHere {
  const { request } = runningGateway(cli, where);
  const path = (name: string): string => `/admin/clients/${encodeURIComponent(name)}`;
  const clientIn = (answer: unknown): ClientView => (answer as { client: ClientView }).client;
  const keyIn = (answer: unknown): IssuedKey => {
    const { id, name, key } = answer as IssuedKey;
    return { id, name, key };
  };
  return {
    list: async () => ((await request("GET", "/admin/clients")) as { clients: ClientView[] }).clients,
    show: async (name) => clientIn(await request("GET", path(name))),
    add: async (name, fields) => keyIn(await request("POST", "/admin/clients", { name, ...fields })),
    edit: async (name, fields) => clientIn(await request("PATCH", path(name), fields)),
    rotate: async (name, grace) => keyIn(await request("POST", `${path(name)}/rotate`, { grace })),
    revoke: async (name) => clientIn(await request("POST", `${path(name)}/revoke`, {})),
    notes: [],
    async close() {},
  };
}

async function inDatabase(cli: Cli, where: GatewayWhere): Promise<ClientsHere> {
  // Loaded here, as below: help texts need none of it.
  const { clientsPlaceOf, openClients } = await import("@headgate/records");
  const place = findPlace(cli, where.root);
  const envFile = readEnvFile({ cwd: cli.cwd, ...place, given: where.envFile });
  const { options } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  const stateDir = resolveStateDir(cli.cwd, place.home, where.stateDir, options.stateDir);
  const database = clientsPlaceOf(stateDir, options);
  if (database.kind === "sqlite") makeStateDir(stateDir);
  const warn = (message: string): void => cli.err(`headgate: ${message}`);
  const store = await openClients({ place: database, warn, nowMs: cli.nowMs }).catch(asFailure);
  // Loaded here: the rules and the compiler take longer to load than a list.
  const rules = () => import("./rules.ts");
  const view = (client: Parameters<typeof clientView>[0]): ClientView => clientView(client, cli.nowMs());
  const named = async (name: string) => {
    const found = (await store.list().catch(asFailure)).find((one) => one.name === name || one.id === name);
    if (found !== undefined) return found;
    throw new Failure(`there is no client ${JSON.stringify(name)}; headgate clients list lists them`);
  };
  return {
    list: async () => (await store.list().catch(asFailure)).map(view),
    show: async (name) => view(await named(name)),
    async add(name, fields) {
      const { newClient } = await rules();
      return store.add(await newClient(cli, where, name, fields)).catch(asFailure);
    },
    async edit(name, fields) {
      const { editOf } = await rules();
      const before = await named(name);
      return view(
        await store.edit(before.id, await editOf(cli, where, before.rules, fields)).catch(asFailure),
      );
    },
    async rotate(name, grace) {
      return store.rotate(name, graceMsOf(grace)).catch(asFailure);
    },
    revoke: async (name) => view(await store.revoke(name).catch(asFailure)),
    notes: notesOf(options),
    close: () => store.close(),
  };
}

const notesOf = ({ redisUrl, databaseUrl }: Pick<Options, "redisUrl" | "databaseUrl">): string[] =>
  redisUrl !== undefined && databaseUrl === undefined
    ? [
        "this machine has its own list of clients: HEADGATE_REDIS_URL shares limits, not keys. Set HEADGATE_DATABASE_URL for one list on all machines",
      ]
    : [];

function asFailure(error: unknown): never {
  throw error instanceof Error ? new Failure(error.message) : error;
}
