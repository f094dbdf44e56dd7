/** The admin routes, behind the client key like all others. */
import type { JsonValue } from "@headgate/contract";
import {
  admit,
  type Candidate,
  type ForgottenLimit,
  headroomOf,
  NEED,
  needBits,
  plan,
  type RequestFacts,
  type RouteIndex,
  type Skip,
} from "@headgate/router";
import type { FastifyInstance } from "fastify";
import { via } from "../exchange/exchange-state.ts";
import { findAny } from "../exchange/lookup.ts";
import type { RefusedFields } from "../exchange/refused-fields.ts";
import { badRequest, ClientError, quoted } from "../http/client-error.ts";
import { parseJsonBody } from "../http/json-body.ts";
import type { Leases } from "../local/leases.ts";
import { LeaderGone } from "../local/local-memory.ts";
import {
  allCandidates,
  candidatesNamed,
  cooldownsOf,
  cooldownValue,
  forgottenLimit,
  identitiesOf,
  lastingCooldown,
} from "./cooldowns.ts";
import { rounded, scored } from "./score.ts";

export interface AdminInput {
  readonly nowMs: () => number;
  /** The routes that are served at this moment. */
  readonly index: () => RouteIndex;
  readonly leases: Pick<Leases, "state" | "command" | "keyOf">;
  readonly refused: Pick<RefusedFields, "of">;
  /** Ends cooldowns and forgets learned limits of these identities, here and in every process that shares the store. */
  readonly clear: (ids: Iterable<string>) => readonly ForgottenLimit[];
}

export function adminRoutes(
  app: FastifyInstance,
  { nowMs, index, leases, refused, clear }: AdminInput,
): void {
  /** Devices, loaded models, leases and queues; empty where no local model is managed. */
  app.get("/admin/resources", async () => (await leases.state().catch(unmanaged)) ?? NOTHING_LOCAL);
  for (const what of ["load", "evict", "pin", "unpin"] as const) {
    app.post(`/admin/resources/${what}`, async ({ body }) => {
      const { model } = parseJsonBody(body).json;
      if (typeof model !== "string" || model === "")
        throw badRequest("`model` must be an alias or a key.", "model");
      const done = await leases.command(what, model).catch(unmanaged);
      if (done.ok) return { ok: true, key: leases.keyOf(model) ?? model };
      throw new ClientError({
        status: 409,
        type: "invalid_request_error",
        code: "not_possible",
        message: `${done.why}.`,
      });
    });
  }

  app.get("/admin/cooldowns", async () => ({ cooldowns: cooldownsOf(allCandidates(index()), nowMs()) }));

  /** Of a provider or a model; a model's key and provider open too, since it stays closed otherwise. */
  app.post("/admin/clear", async ({ body }) => {
    const { name } = parseJsonBody(body).json;
    if (typeof name !== "string" || name === "")
      throw badRequest("`name` must be a provider or a model.", "name");
    const candidates = candidatesNamed(index(), name);
    const cooldowns = cooldownsOf(candidates, nowMs());
    const limits = clear(identitiesOf(candidates)).map(forgottenLimit);
    return { name, cooldowns, limits } satisfies JsonValue;
  });

  /** The plan that a request for this model would get now, with cooldowns, used limits and learned limits. */
  app.get<{ Querystring: { model?: string; needs?: string } }>("/admin/explain", async ({ query }) => {
    const { model, needs = "" } = query;
    if (typeof model !== "string" || model === "") throw badRequest("`model` is missing.", "model");
    const route = findAny(index(), model);
    const now = nowMs();
    const facts: RequestFacts = { model, operation: route.operation, needs: bitsOf(needs) };
    const planned = plan(route, facts, now);
    return {
      model,
      strategy: route.strategy ?? "priority",
      candidates: planned.candidates.map((candidate) => ({
        ...named(candidate),
        room: rounded(headroomOf(candidate, now)),
        score: scored(candidate, route.strategy, now),
        full: described(admit(candidate, facts, now, true).skip, now),
        refused_fields: refused
          .of(via(candidate), now)
          .map(({ field, untilMs }) => ({ field, until: new Date(untilMs).toISOString() })),
      })),
      left_out: planned.skipped.map((skip) => ({
        model: skip.deployment.alias,
        key: skip.keyVar ?? null,
        ...described(skip, now),
      })),
    } satisfies JsonValue;
  });
}

/** There is no leader at the moment. */
function unmanaged(error: unknown): never {
  if (!(error instanceof LeaderGone)) throw error;
  throw new ClientError({
    status: 503,
    type: "server_error",
    code: "not_possible",
    message: `${error.message}; try again in some seconds.`,
  });
}

const NOTHING_LOCAL = { devices: [], backends: [], residencies: [], leases: [], queues: [], aliases: {} };

const named = ({ deployment, provider, key }: Candidate) => ({
  model: deployment.alias,
  provider: provider.id,
  upstream: deployment.upstream,
  key: provider.keyVars[key] ?? null,
});

/** With the cooldown, where that is the reason. */
function described(skip: Skip | undefined, nowMs: number) {
  if (skip === undefined) return null;
  const { reason, detail, untilMs, candidate } = skip;
  const lasts = reason === "cooling" && candidate !== undefined && candidate.opensAtMs > nowMs;
  return {
    reason,
    detail,
    until: untilMs === undefined ? null : new Date(untilMs).toISOString(),
    cooldown: lasts ? cooldownValue(lastingCooldown(candidate)) : null,
  };
}

function bitsOf(text: string): number {
  const names = text.split(",").flatMap((name) => name.trim() || []);
  const { bits, unknown } = needBits(names);
  if (unknown === undefined) return bits;
  throw badRequest(`\`needs\` may hold ${Object.keys(NEED).join(", ")}, not ${quoted(unknown)}.`, "needs");
}
