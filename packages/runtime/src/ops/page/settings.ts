/** GET and POST /admin/settings, the verifying of a provider's keys, and the rotation of the master key. */

import { isObject } from "@headgate/adapter-kit";
import type {
  KeptStore,
  RoutingTable,
  Settings,
  SettingsChange,
  SettingsOperator,
  SettingsResult,
} from "@headgate/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { badRequest, ClientError, quoted } from "../../http/client-error.ts";
import { parseJsonBody } from "../../http/json-body.ts";
import type { Secrets } from "../../upstream/live-table.ts";

export interface SettingsInput {
  readonly operator: SettingsOperator;
  readonly nowMs: () => number;
  readonly version: string;
  readonly kept: KeptStore | undefined;
  readonly served: () => { readonly table: RoutingTable; readonly secrets: Secrets };
}

/** What is remembered of a check. */
interface Verified {
  readonly state: string;
  readonly message: string | null;
  readonly at: string;
}

const SPACE = "page-verified";
const KEEP_MS = 90 * 86_400_000;
const TIMEOUT_MS = 15_000;

export class SettingsRoutes {
  readonly #input: SettingsInput;
  readonly #checks = new Map<string, Verified>();

  constructor(input: SettingsInput) {
    this.#input = input;
  }

  async read() {
    const settings: Settings = await this.#input.operator.read().catch(failed);
    const providers = await Promise.all(
      settings.providers.map(async (provider) => ({
        ...provider,
        keys: await Promise.all(
          provider.keys.map(async (key) => ({ ...key, verified: await this.#check(provider.id, key.name) })),
        ),
      })),
    );
    return { ...settings, providers };
  }

  async change(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const result = await this.#input.operator.change(changeOf(request.body)).catch(failed);
    return reply.code(statusOf(result)).send(result.ok ? result : { ...result, ...envelopeOf(result) });
  }

  async rotate() {
    return await this.#input.operator.rotateMasterKey().catch(failed);
  }

  /** Tries each key of a provider that is served now. */
  async verify(provider: string) {
    const { served, version, nowMs } = this.#input;
    const { table, secrets } = served();
    if (!table.providers.some(({ id }) => id === provider)) {
      throw new ClientError({
        status: 404,
        type: "invalid_request_error",
        code: "unknown_name",
        message: `${quoted(provider)} is no active provider; switch it on, and fill in its key.`,
      });
    }
    const { verifyKeys } = await import("../verify-keys.ts");
    const only = new Set([provider]);
    const { checks } = await verifyKeys({ table, secrets, version, timeoutMs: TIMEOUT_MS, nowMs, only });
    const at = new Date(nowMs()).toISOString();
    const keys = checks.map(({ variable, state, failure }) => {
      const verified: Verified = { state, message: failure?.message ?? null, at };
      this.#remember(provider, variable ?? "", verified);
      return { key: variable ?? null, ...verified };
    });
    return { provider, keys, in_process: checks.length === 0 };
  }

  #remember(provider: string, variable: string, verified: Verified): void {
    const key = `${provider} ${variable}`;
    this.#checks.set(key, verified);
    const value = Buffer.from(JSON.stringify(verified));
    this.#input.kept?.put({ space: SPACE, key, value, expiresAtMs: this.#input.nowMs() + KEEP_MS });
  }

  async #check(provider: string, variable: string): Promise<Verified | null> {
    const key = `${provider} ${variable}`;
    const value = await this.#input.kept?.get(SPACE, key, this.#input.nowMs()).catch(() => undefined);
    if (value === undefined) return this.#checks.get(key) ?? null;
    return JSON.parse(Buffer.from(value).toString()) as Verified;
  }
}

function failed(error: unknown): never {
  throw new ClientError({
    status: 503,
    type: "server_error",
    code: "settings_unavailable",
    message: `The settings cannot be read or changed: ${error instanceof Error ? error.message : String(error)}.`,
  });
}

const STATUS = { findings: 422, conflict: 409, refused: 403 } as const;
const statusOf = (result: SettingsResult): number => (result.ok ? 200 : STATUS[result.why]);

function envelopeOf(result: Exclude<SettingsResult, { ok: true }>) {
  const message =
    result.why === "findings"
      ? `Nothing was written: the compiler has errors. ${result.findings.find(({ severity }) => severity === "error")?.message ?? ""}`
      : result.message;
  return { error: { message, type: "invalid_request_error", code: `settings_${result.why}`, param: null } };
}

function changeOf(body: unknown): SettingsChange {
  const { json } = parseJsonBody(body);
  const { change, version, preview } = json;
  if (typeof version !== "string")
    throw badRequest("`version` must be the version that was read.", "version");
  const common = { version, ...(preview === true ? { preview: true } : {}) };
  switch (change) {
    case "env": {
      const { set } = json;
      if (!isObject(set) || !Object.values(set).every((value) => value === null || typeof value === "string"))
        throw badRequest("`set` must hold variables with a text or null.", "set");
      return { ...common, change, set: set as Record<string, string | null> };
    }
    case "chain": {
      const { kind, name, members } = json;
      if (kind !== "chain" && kind !== "group") throw badRequest("`kind` must be chain or group.", "kind");
      if (typeof name !== "string" || name === "")
        throw badRequest("`name` must be a chain or a group.", "name");
      const texts = Array.isArray(members) && members.every((member) => typeof member === "string");
      if (members !== null && !texts)
        throw badRequest("`members` must be a list of aliases, or null.", "members");
      return { ...common, change, kind, name, members: members as string[] | null };
    }
    case "model": {
      const { provider, alias, on } = json;
      if (typeof provider !== "string" || typeof alias !== "string" || typeof on !== "boolean")
        throw badRequest("`provider` and `alias` must be texts, and `on` true or false.", "alias");
      return { ...common, change, provider, alias, on };
    }
    default:
      throw badRequest("`change` must be env, chain or model.", "change");
  }
}
