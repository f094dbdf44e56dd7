/** GET /admin/openapi.json: every admin route. */
import type { JsonObject } from "@headgate/contract";
import { ADMIN_SCHEMAS } from "./admin-schemas.ts";
import {
  anything,
  documentOf,
  flag,
  list,
  moment,
  number,
  object,
  open,
  orNull,
  type Paths,
  ref,
  type Schema,
  text,
  whole,
} from "./schema.ts";

const NAME = object({ name: text });
const MODEL = object({ model: text });
const FILTER: Readonly<Record<string, Schema>> = { since: text, until: text };
const ISSUED: Readonly<Record<string, Schema>> = { id: text, name: text, key: text, client: ref("Client") };

const residency = (what: string) => ({
  post: { summary: `${what} a local model.`, body: MODEL, answers: { 200: object({ ok: flag, key: text }) } },
});

const PATHS: Paths = {
  "/admin/session": {
    get: { summary: "Who is signed in.", answers: { 200: object({ version: text, by: text }) } },
    post: {
      summary:
        "Opens a session, with the master key or the token of a link; its cookie is in the answer's Set-Cookie.",
      body: object({}, { key: text, link: text }),
      answers: { 204: undefined },
      open: true,
    },
    delete: { summary: "Ends the session.", answers: { 204: undefined } },
  },
  "/admin/session/links": {
    post: {
      summary: "Makes a link that signs in once, within a minute.",
      answers: { 200: object({ path: text, expires_at: moment }) },
    },
  },
  "/admin/status": { get: { summary: "How the gateway is now.", answers: { 200: ref("Status") } } },
  "/admin/providers": {
    get: {
      summary: "Attempts, failures and cooldowns of each provider.",
      answers: { 200: object({ providers: list(ref("ProviderHealth")) }) },
    },
  },
  "/admin/groups": {
    get: { summary: "The groups.", answers: { 200: object({ groups: list(ref("Group")) }) } },
  },
  "/admin/quota": { get: { summary: "What is left of every limit.", answers: { 200: ref("Quota") } } },
  "/admin/batch-forecast": {
    get: {
      summary: "When a batch arrives on what costs nothing, and what it costs otherwise.",
      query: { model: text, requests: text, input_tokens: text, output_tokens: text },
      answers: {
        200: object({
          model: text,
          at: moment,
          free_models: whole,
          known: flag,
          free_done_at: orNull(moment),
          paid_model: orNull(text),
          paid_usd: orNull(number),
        }),
      },
    },
  },
  "/admin/cooldowns": {
    get: {
      summary: "What cools down.",
      answers: { 200: object({ cooldowns: list(ref("ListedCooldown")) }) },
    },
  },
  "/admin/clear": {
    post: {
      summary: "Ends the cooldowns of a provider or a model, and forgets what was learned of its limits.",
      body: NAME,
      answers: {
        200: object({ name: text, cooldowns: list(ref("ListedCooldown")), limits: list(anything) }),
      },
    },
  },
  "/admin/explain": {
    get: {
      summary: "The plan that a request gets now.",
      query: { model: text, needs: text },
      answers: { 200: ref("Explained") },
    },
  },
  "/admin/models": {
    get: {
      summary: "Every model that is served.",
      answers: { 200: object({ at: moment, models: list(ref("Model")) }) },
    },
  },
  "/admin/chains": {
    get: {
      summary: "Every chain and group, with who is skipped now.",
      answers: { 200: object({ at: moment, chains: list(ref("Chain")) }) },
    },
  },
  "/admin/requests": {
    get: {
      summary: "Finished requests, the newest first; rows=1: as short rows.",
      query: {
        ...FILTER,
        client: text,
        model: text,
        provider: text,
        outcome: text,
        limit: whole,
        rows: text,
      },
      answers: { 200: object({}, { requests: list(ref("UsageRecord")), rows: list(ref("RequestRow")) }) },
    },
  },
  "/admin/requests/{id}": {
    get: {
      summary: "The whole story of one request.",
      answers: { 200: open({ record: ref("UsageRecord"), others: whole }) },
    },
  },
  "/admin/usage": {
    get: {
      summary: "Sums and percentiles over a range.",
      query: { ...FILTER, by: text },
      answers: {
        200: object({
          since: moment,
          until: moment,
          by: orNull(text),
          rows: list(ref("UsageRow")),
          total: orNull(ref("UsageRow")),
        }),
      },
    },
  },
  "/admin/usage/series": {
    get: {
      summary: "The same by minutes, quarters, hours or days of a time zone.",
      query: { ...FILTER, step: text, zone: text },
      answers: {
        200: object({
          since: moment,
          until: moment,
          step: text,
          zone: text,
          buckets: list(ref("UsagePeriod")),
        }),
      },
    },
  },
  "/admin/resources": {
    get: { summary: "The memory of local models.", answers: { 200: ref("LocalMemory") } },
  },
  "/admin/resources/load": residency("Loads"),
  "/admin/resources/evict": residency("Unloads"),
  "/admin/resources/pin": residency("Pins"),
  "/admin/resources/unpin": residency("Unpins"),
  "/admin/settings": {
    get: { summary: "What .env and the overlay say; no value of a key.", answers: { 200: ref("Settings") } },
    post: {
      summary:
        "Changes .env or the overlay, where the compiler has no error. 409: the file changed meanwhile.",
      body: ref("SettingsChange"),
      answers: { 200: ref("SettingsSaved") },
    },
  },
  "/admin/master-key": {
    post: {
      summary: "Makes a new master key, which holds from the next start on.",
      answers: { 200: object({ key: text, where: text }) },
    },
  },
  "/admin/providers/{id}/verify": {
    post: {
      summary: "Tries each key of a provider.",
      answers: {
        200: object({
          provider: text,
          in_process: flag,
          keys: list(object({ key: orNull(text), state: text, message: orNull(text), at: moment })),
        }),
      },
    },
  },
  "/admin/clients": {
    get: { summary: "The clients.", answers: { 200: object({ clients: list(ref("Client")) }) } },
    post: {
      summary: "Adds a client; its key is in this answer only.",
      body: open({ name: text }),
      answers: { 201: object(ISSUED) },
    },
  },
  "/admin/clients/{name}": {
    get: { summary: "One client.", answers: { 200: object({ client: ref("Client") }) } },
    patch: {
      summary: "Changes a client's rules; null removes one.",
      body: open({}),
      answers: { 200: object({ client: ref("Client") }) },
    },
  },
  "/admin/clients/{name}/rotate": {
    post: {
      summary: "Gives a client a new key; the old one stays valid for the grace.",
      body: object({}, { grace: text }),
      answers: { 200: object(ISSUED) },
    },
  },
  "/admin/clients/{name}/revoke": {
    post: { summary: "Ends a client's keys for good.", answers: { 200: object({ client: ref("Client") }) } },
  },
  "/admin/events": {
    get: {
      summary: "Server-sent events: requests, state, resync; Last-Event-ID or `after` resumes.",
      query: { after: text },
      answers: { 200: text },
      type: "text/event-stream",
    },
  },
  "/admin/openapi.json": { get: { summary: "This document.", answers: { 200: open({ openapi: text }) } } },
};

export const adminDocument = (version: string): JsonObject =>
  documentOf("Headgate: admin routes", version, PATHS, ADMIN_SCHEMAS, true);
