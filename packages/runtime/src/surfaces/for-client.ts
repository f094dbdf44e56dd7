/** What is served, as one client sees it: only the names that it may ask for, and its own names for them. */
import type { IndexedRoute, RouteIndex } from "@headgate/router";
import type { ActiveClient } from "../clients/active-client.ts";
import { unknownModel } from "../exchange/lookup.ts";
import { ClientError } from "../http/client-error.ts";
import { modelList } from "./openai/models.ts";
import type { Served } from "./surface.ts";

/** Made once for each client and table. */
const views = new WeakMap<Served, WeakMap<ActiveClient, Served>>();

export function servedFor(served: Served, client: ActiveClient): Served {
  let own = views.get(served);
  if (own === undefined) {
    own = new WeakMap();
    views.set(served, own);
  }
  let view = own.get(client);
  if (view === undefined) {
    view = viewOf(served, client);
    own.set(client, view);
  }
  return view;
}

function viewOf({ live, models }: Served, client: ActiveClient): Served {
  const index = indexFor(live.index, client);
  let list: Served["models"] | undefined;
  return {
    live: { ...live, index, endpoint: (candidate) => live.endpoint(candidate) },
    get models() {
      list ??= modelList(index, models.createdAtS);
      return list;
    },
  };
}

function indexFor(index: RouteIndex, client: ActiveClient): RouteIndex {
  const { table } = index;
  return {
    ...index,
    table: {
      ...table,
      routes: table.routes.filter(({ name }) => client.allows(name)),
      inactive: table.inactive.filter(({ alias }) => client.allows(alias)),
    },
    /** @throws {ClientError} 403 for a name that is there, and that the client may not ask for */
    find(name) {
      const target = client.renamed(name);
      if (target !== undefined) return mapped(index, target);
      const route = index.find(name);
      if (route !== undefined && !client.allows(name)) throw notAllowed(client, name);
      return route;
    },
  };
}

function mapped(index: RouteIndex, target: string): IndexedRoute {
  const route = index.find(target);
  if (route === undefined) throw unknownModel(index, target);
  return route;
}

const notAllowed = (client: ActiveClient, name: string): ClientError =>
  new ClientError({
    status: 403,
    type: "permission_error",
    code: "model_not_allowed",
    param: "model",
    message: `The client ${client.name} may not use ${JSON.stringify(name.slice(0, 128))}: its key is limited to ${client.allowed} (--models).`,
  });
