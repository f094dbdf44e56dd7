/** The routes that describe models: /api/tags, /api/show, /api/ps. What an Ollama of one's own serves, it describes itself. */
import { hash } from "node:crypto";
import { asCount, asText, isObject, parseJson } from "@headgate/adapter-kit";
import { type JsonObject, type JsonValue, present, withTag } from "@headgate/contract";
import type { IndexedRoute } from "@headgate/router";
import type { Leases, LocalState } from "../../local/leases.ts";
import { modelPart } from "../../local/leases.ts";
import type { LiveTable } from "../../upstream/live-table.ts";
import { askEngine, checked, engineOf, enginesOf, lookAt } from "./engines.ts";

/** What an engine lists, by its provider and the model's name with its tag. */
type Listed = ReadonlyMap<string, JsonObject>;

async function listed(live: LiveTable, path: string): Promise<Listed> {
  const lists = await Promise.all(
    enginesOf(live).map(async (engine) => {
      const models = (await lookAt(engine, path)) ?? [];
      return models.flatMap((entry): [string, JsonObject][] => {
        const name = asText(entry.model) ?? asText(entry.name);
        return name === undefined ? [] : [[keyOf(engine.provider, name), entry]];
      });
    }),
  );
  return new Map(lists.flat());
}

const keyOf = (provider: string, model: string): string => `${provider} ${withTag(model)}`;

/** A stable stand-in, for a model whose digest is unknown: clients shorten it. */
const digestOf = (text: string): string => hash("sha256", text);

const detailsOf = (route: IndexedRoute): JsonObject => {
  const family = route.chain[0]?.provider.id ?? "";
  return {
    parent_model: "",
    format: "",
    family,
    families: [family],
    parameter_size: "",
    quantization_level: "",
  };
};

export async function tags(live: LiveTable, createdAtS: number): Promise<unknown> {
  const { index } = live;
  const known = await listed(live, "/api/tags");
  const modifiedAt = new Date(createdAtS * 1000).toISOString();
  const models = index.table.routes.flatMap(({ name, operation, kind }): JsonObject[] => {
    // A client cannot choose a pattern of the model map.
    const listable = kind !== "map" && (operation === "chat" || operation === "embedding");
    const route = listable ? index.find(name) : undefined;
    const first = route?.chain[0];
    if (route === undefined || first === undefined) return [];
    const own = known.get(keyOf(first.provider.id, first.deployment.upstream));
    const described = {
      modified_at: modifiedAt,
      // What is stored elsewhere takes no room here. Clients need a number.
      size: 0,
      digest: digestOf(`${first.provider.id}/${name}`),
      details: detailsOf(route),
    };
    return [{ ...described, ...own, name, model: name }];
  });
  return { models };
}

/** @throws {ClientError} 404 for a model that its server does not have */
export async function show(live: LiveTable, route: IndexedRoute, request: JsonObject): Promise<unknown> {
  const [first] = route.chain;
  const engine = first === undefined ? undefined : engineOf(live, first);
  if (first === undefined || engine === undefined) return described(route);
  const { verbose } = request;
  const order = { model: first.deployment.upstream, ...(verbose === undefined ? {} : { verbose }) };
  const reply = await askEngine(engine, "POST", "/api/show", order);
  // A server that is down describes nothing; what the table knows is better than an error.
  if (!reply.ok || reply.status >= 500) return described(route);
  const body = parseJson(checked(engine, reply).body.toString("utf8"));
  return isObject(body) ? body : described(route);
}

function described(route: IndexedRoute): unknown {
  const deployment = route.chain[0]?.deployment;
  const has = (capability: string): boolean =>
    deployment?.capabilities.some((one) => one === capability) ?? false;
  const kind = route.operation === "embedding" ? ["embedding"] : ["completion"];
  const family = route.chain[0]?.provider.id ?? "";
  return {
    modelfile: "",
    parameters: "",
    template: "",
    details: detailsOf(route),
    // Ollama's CLI fails where one of the four is missing; 0 is unknown.
    model_info: {
      "general.architecture": family,
      "general.basename": deployment?.upstream ?? route.name,
      "general.parameter_count": 0,
      [`${family}.context_length`]: deployment?.contextTokens ?? 0,
      [`${family}.embedding_length`]: deployment?.dimensions ?? 0,
    },
    capabilities: [
      ...kind,
      ...(has("tools") ? ["tools"] : []),
      ...(has("vision") ? ["vision"] : []),
      ...(has("reasoning") ? ["thinking"] : []),
    ],
  };
}

/** The models that are loaded: all that the gateway manages, and all that an Ollama of one's own has beside them. */
export async function running(
  live: LiveTable,
  leases: Pick<Leases, "state">,
  nowMs: number,
): Promise<unknown> {
  const [state, known] = await Promise.all([
    leases.state().catch((): undefined => undefined),
    listed(live, "/api/ps"),
  ]);
  const left = new Map(known);
  const managed = (state?.residencies ?? []).flatMap((one): JsonObject[] => {
    if (!LOADED.has(one.state)) return [];
    const key = keyOf(one.backend, one.model);
    const own = known.get(key);
    left.delete(key);
    return [managedEntry(live, one, state?.aliases[one.key]?.[0], own, nowMs)];
  });
  const others = [...left].map(([key, entry]): JsonObject => {
    const provider = key.slice(0, key.indexOf(" "));
    const upstream = key.slice(provider.length + 1);
    const alias = live.index.deployments.find(
      (one) => one.provider.id === provider && withTag(one.deployment.upstream) === upstream,
    )?.deployment.alias;
    const name = alias ?? asText(entry.name) ?? upstream;
    return { ...entry, name, model: name };
  });
  return { models: [...managed, ...others] };
}

const LOADED: ReadonlySet<string> = new Set(["ready", "draining"]);

/** As far ahead as Ollama's own date of a model that stays. */
const FOREVER_MS = 100 * 365 * 24 * 3_600_000;

function managedEntry(
  live: LiveTable,
  one: LocalState["residencies"][number],
  alias: string | undefined,
  own: JsonObject | undefined,
  nowMs: number,
): JsonObject {
  const name = modelPart(alias ?? one.model);
  const bytes = one.measuredBytes ?? one.chargeBytes;
  const idleMs = live.index.deployments.find(
    ({ provider, deployment }) => provider.id === one.backend && deployment.upstream === one.model,
  )?.deployment.memory?.idleUnloadMs;
  const stays = one.pinned || idleMs === undefined;
  const since = one.leases > 0 ? nowMs : one.lastUsedMs;
  const { num_ctx } = one.options;
  return {
    digest: digestOf(`${one.backend}/${one.model}`),
    details: {},
    size: bytes,
    size_vram: one.device === "cpu" ? 0 : bytes - one.spillBytes,
    ...own,
    name,
    model: name,
    expires_at: new Date(stays ? nowMs + FOREVER_MS : since + idleMs).toISOString(),
    ...present({ context_length: asCount(own?.context_length) ?? asCount(num_ctx) }),
  } satisfies Record<string, JsonValue>;
}
