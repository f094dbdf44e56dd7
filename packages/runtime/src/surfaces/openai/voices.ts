/**
 * GET /v1/audio/voices: the voices of all active local speech backends, under the aliases that use them.
 * The wire is talkies': {voices: [{voice, model, default, origin?}]}. A backend that does not answer is named under `failed`,
 * and the list has the voices of the others.
 */
import { isObject, parseJson } from "@headgate/adapter-kit";
import { type JsonValue, present } from "@headgate/contract";
import type { IndexedDeployment } from "@headgate/router";
import { fetchReply } from "../../upstream/fetch-reply.ts";
import type { Endpoint, LiveTable } from "../../upstream/live-table.ts";

const TIMEOUT_MS = 3000;
/** How long a list is kept: a page with a choice of voices requests it each time it opens. */
const FRESH_MS = 60_000;
/** A backend that was starting may answer soon. */
const FRESH_WITH_FAILURES_MS = 5000;
const MAX_VOICES = 2000;
const MAX_CHARACTERS = 200;

interface Voice {
  /** What `voice` is in a request. */
  readonly voice: string;
  readonly name: string;
  /** The alias to use as the model. */
  readonly model: string;
  readonly provider: string;
  readonly default: boolean;
  readonly origin?: string;
}

interface FailedBackend {
  readonly provider: string;
  readonly message: string;
}

export interface VoiceList {
  /** JSON text. */
  readonly body: string;
  readonly failed: readonly FailedBackend[];
}

/** A provider with models that speak, and how it is reached. */
interface Speaker {
  readonly provider: string;
  /** Alias by the backend's own name. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly http: NonNullable<Endpoint["http"]>;
}

/** Keeps the served table's list for a short while. Requests in the meantime share one fetch. */
export class Voices {
  readonly #nowMs: () => number;
  #kept: { readonly live: LiveTable; readonly list: Promise<VoiceList>; untilMs: number } | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  list(live: LiveTable): Promise<VoiceList> {
    const kept = this.#kept;
    if (kept !== undefined && kept.live === live && this.#nowMs() < kept.untilMs) return kept.list;
    const list = collect(live);
    const next = { live, list, untilMs: Number.POSITIVE_INFINITY };
    this.#kept = next;
    void list.then(({ failed }) => {
      next.untilMs = this.#nowMs() + (failed.length === 0 ? FRESH_MS : FRESH_WITH_FAILURES_MS);
    });
    return list;
  }
}

async function collect(live: LiveTable): Promise<VoiceList> {
  const results = await Promise.all(speakersOf(live).map(voicesOf));
  const voices = results.flatMap((result) => ("voices" in result ? result.voices : []));
  const failed = results.flatMap((result) => ("failed" in result ? [result.failed] : []));
  return { body: JSON.stringify({ voices, ...(failed.length === 0 ? {} : { failed }) }), failed };
}

function speakersOf(live: LiveTable): Speaker[] {
  const byProvider = Map.groupBy(
    live.index.deployments.filter(
      ({ provider, deployment }) => provider.local !== undefined && deployment.operation === "speech",
    ),
    ({ provider }) => provider.id,
  );
  return [...byProvider].flatMap(([provider, entries]) => {
    const http = endpointOf(live, entries);
    if (http === undefined) return [];
    const aliases = new Map(entries.map(({ deployment }) => [deployment.upstream, deployment.alias]));
    return [{ provider, aliases, http }];
  });
}

function endpointOf(live: LiveTable, entries: readonly IndexedDeployment[]): Endpoint["http"] {
  const candidate = entries[0]?.candidates[0];
  return candidate === undefined ? undefined : live.endpoint(candidate).http;
}

type BackendVoices = { readonly voices: readonly Voice[] } | { readonly failed: FailedBackend };

async function voicesOf({ provider, aliases, http }: Speaker): Promise<BackendVoices> {
  const { pool, basePath, headers } = http;
  const request = {
    method: "GET",
    path: `${basePath}/audio/voices`,
    headers: [...headers, "accept", "application/json"],
  } as const;
  const reply = await fetchReply(pool, request, TIMEOUT_MS);
  const failed = (message: string): BackendVoices => ({ failed: { provider, message } });
  if (!reply.ok) return failed(reply.failure.message);
  if (reply.status !== 200) return failed(`it answered HTTP ${reply.status}`);
  const listed = readVoices(parseJson(reply.body.toString("utf8")), provider, aliases);
  return listed === undefined
    ? failed("it answered something that is no list of voices")
    : { voices: listed };
}

/** Voices of models that the table does not offer are left out: no request could use them. */
export function readVoices(
  body: JsonValue | undefined,
  provider: string,
  aliases: ReadonlyMap<string, string>,
): Voice[] | undefined {
  if (!isObject(body) || !Array.isArray(body.voices)) return undefined;
  const every = [...aliases.values()];
  return body.voices.slice(0, MAX_VOICES).flatMap((entry: JsonValue): Voice[] => {
    const fields = isObject(entry) ? entry : { voice: entry };
    const voice = shortText(fields.voice) ?? shortText(fields.id);
    if (voice === undefined) return [];
    const own = shortText(fields.model);
    const alias = own === undefined ? undefined : aliases.get(own);
    const models = own === undefined ? every : alias === undefined ? [] : [alias];
    const origin = shortText(fields.origin);
    return models.map((model) => ({
      voice,
      name: shortText(fields.name) ?? voice,
      model,
      provider,
      default: fields.default === true,
      ...present({ origin }),
    }));
  });
}

const shortText = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" && value.length <= MAX_CHARACTERS ? value : undefined;
