/**
 * What an Ollama has, as it describes it itself: https://docs.ollama.com/api/tags, /api/show and /api/ps. Nothing is loaded
 * for it.
 */
import { type Capability, DRIVERS, type FoundModel, present, withTag } from "@headgate/contract";
import { PullError } from "../pull/ollama.ts";

export interface LookInput {
  readonly baseUrl: string;
  /** A bearer token, where the server wants one. */
  readonly token?: string | undefined;
  /** What an earlier look found: a model with the same digest is not asked for again. */
  readonly known: readonly FoundModel[];
  readonly signal: AbortSignal;
}

type Fields = Readonly<Record<string, unknown>>;

/** Models that are asked for at the same time. */
const AT_ONCE = 4;
/** Beyond the weights and the context: buffers of the computation. */
const BUFFER_BYTES = 256 * 2 ** 20;
/** For each head and token: the attention's working memory, without flash attention. */
const HEAD_TOKEN_BYTES = 2048;
/** Keys and values are kept at 16 bits. */
const VALUE_BYTES = 2;
const CONTEXT_TOKENS = DRIVERS.ollama.contextTokens ?? 4096;

/**
 * Sorted by name. Models that run at Ollama's cloud are left out: they are none of this machine.
 * @throws {PullError} where it does not answer, or what answers is no Ollama
 */
export async function lookOllama(input: LookInput): Promise<readonly FoundModel[]> {
  const listed = listOf((await ask(input, "/api/tags")).models);
  if (listed === undefined) throw new PullError("what answers there is not Ollama");
  const loaded = new Map(
    (listOf((await ask(input, "/api/ps").catch((): Fields => ({}))).models) ?? []).flatMap((entry) => {
      const name = text(entry.model) ?? text(entry.name);
      return name === undefined ? [] : [[withTag(name), entry] as const];
    }),
  );
  const known = new Map(input.known.map((model) => [model.upstream, model]));
  const entries = listed.flatMap((entry) => {
    const upstream = text(entry.model) ?? text(entry.name);
    const remote = text(entry.remote_host) ?? text(entry.remote_model);
    return upstream === undefined || remote !== undefined ? [] : [{ upstream, entry }];
  });
  const models: FoundModel[] = [];
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    const some = entries.slice(at, at + AT_ONCE).map(async ({ upstream, entry }) => {
      const digest = text(entry.digest) ?? "";
      const before = known.get(upstream);
      const model =
        before?.digest === digest ? before : await described(input, upstream, digest, count(entry.size));
      return model === undefined ? [] : [measured(model, loaded.get(withTag(upstream)))];
    });
    models.push(...(await Promise.all(some)).flat());
  }
  return models.sort((a, b) => (a.upstream < b.upstream ? -1 : 1));
}

/** Undefined for a model that was deleted meanwhile, or that can do nothing that the gateway has. */
async function described(
  input: LookInput,
  upstream: string,
  digest: string,
  fileBytes: number | undefined,
): Promise<FoundModel | undefined> {
  const shown = await ask(input, "/api/show", { model: upstream }).catch((error: unknown) => {
    if (error instanceof PullError && error.unreachable) throw error;
    return undefined;
  });
  if (shown === undefined) return undefined;
  const info = isFields(shown.model_info) ? shown.model_info : {};
  const family = text(info["general.architecture"]) ?? "";
  const fact = (name: string): number | undefined => count(info[`${family}.${name}`]);
  const embeds = Array.isArray(shown.capabilities)
    ? shown.capabilities.includes("embedding")
    : fact("pooling_type") !== undefined;
  const generates = !Array.isArray(shown.capabilities) || shown.capabilities.includes("completion");
  if (!embeds && !generates) return undefined;
  const operation = embeds ? "embedding" : "chat";
  const contextTokenBytes = contextBytes(info, family);
  return {
    upstream,
    digest,
    operation,
    capabilities: embeds ? [] : capabilitiesOf(shown.capabilities),
    ...present({
      contextTokens: fact("context_length"),
      dimensions: embeds ? fact("embedding_length") : undefined,
      memory:
        fileBytes === undefined
          ? undefined
          : {
              bytes: fileBytes + CONTEXT_TOKENS * (contextTokenBytes ?? 0) + BUFFER_BYTES,
              ...present({ contextTokenBytes }),
            },
    }),
  };
}

/** Ollama keeps any chat model to a schema. */
function capabilitiesOf(listed: unknown): Capability[] {
  const names: readonly unknown[] = Array.isArray(listed) ? listed : [];
  return [
    "json",
    ...(names.includes("thinking") ? (["reasoning"] as const) : []),
    ...(names.includes("tools") ? (["tools"] as const) : []),
    ...(names.includes("vision") ? (["vision"] as const) : []),
  ];
}

/** Bytes of a token of context; undefined where the model's shape is not stated. */
function contextBytes(info: Fields, family: string): number | undefined {
  const fact = (name: string): unknown => info[`${family}.${name}`];
  const layers = count(fact("block_count"));
  const heads = most(fact("attention.head_count"));
  const width = count(fact("embedding_length"));
  if (layers === undefined || heads === undefined || heads === 0) return undefined;
  const size = width === undefined ? undefined : width / heads;
  const keyLength = count(fact("attention.key_length")) ?? size;
  const valueLength = count(fact("attention.value_length")) ?? size;
  if (keyLength === undefined || valueLength === undefined) return undefined;
  // Layers without attention have none; a list states each of them.
  const keyHeads = fact("attention.head_count_kv");
  const ofAll = Array.isArray(keyHeads)
    ? keyHeads.reduce<number>((sum, one) => sum + (count(one) ?? 0), 0)
    : layers * (count(keyHeads) ?? heads);
  return Math.round(ofAll * (keyLength + valueLength) * VALUE_BYTES + heads * HEAD_TOKEN_BYTES);
}

/** What was measured once counts from then on: a copy with another context would only change it back and forth. */
function measured(model: FoundModel, loaded: Fields | undefined): FoundModel {
  const { memory } = model;
  const bytes = count(loaded?.size);
  if (loaded === undefined || bytes === undefined || bytes === 0 || memory?.device !== undefined)
    return model;
  const context = count(loaded.context_length) ?? CONTEXT_TOKENS;
  const { contextTokenBytes } = memory ?? {};
  const more = (CONTEXT_TOKENS - context) * (contextTokenBytes ?? 0);
  return {
    ...model,
    memory: {
      bytes: Math.max(bytes + more, Math.round(bytes / 2)),
      device: (count(loaded.size_vram) ?? 0) > 0 ? "cuda" : "cpu",
      ...present({ contextTokenBytes }),
    },
  };
}

async function ask({ baseUrl, token, signal }: LookInput, path: string, body?: Fields): Promise<Fields> {
  const headers = {
    accept: "application/json",
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await fetch(`${baseUrl}${path}`, { headers, signal, ...init });
  } catch (error) {
    throw new PullError(whyOf(error), true);
  }
  const value: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new PullError(`${path} answered HTTP ${response.status}`);
  if (!isFields(value)) throw new PullError("what answers there is not Ollama");
  return value;
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : undefined;
  if (code === "ECONNREFUSED") return "nothing listens there";
  return code === undefined ? "it does not answer in time" : `it cannot be reached (${code})`;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly Fields[] | undefined =>
  Array.isArray(value) ? value.filter(isFields) : undefined;
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;
const most = (value: unknown): number | undefined =>
  Array.isArray(value) ? Math.max(0, ...value.map((one) => count(one) ?? 0)) : count(value);
