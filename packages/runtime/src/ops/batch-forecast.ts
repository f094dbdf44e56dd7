/** GET /admin/batch-forecast: when a batch arrives on what costs nothing, and what it costs otherwise. */
import { listNanoUsd } from "@headgate/contract";
import { carriedByMs, quotaSources, type RouteIndex } from "@headgate/router";
import type { FastifyInstance } from "fastify";
import { findAny } from "../exchange/lookup.ts";
import { badRequest } from "../http/client-error.ts";
import { iso } from "./cooldowns.ts";

export interface BatchForecastInput {
  readonly nowMs: () => number;
  readonly index: () => RouteIndex;
}

const NANO = 1_000_000_000;
const MOST = 1e12;

export function batchForecastRoute(app: FastifyInstance, { nowMs, index }: BatchForecastInput): void {
  app.get<{ Querystring: Readonly<Record<string, string | undefined>> }>(
    "/admin/batch-forecast",
    async ({ query }) => {
      const { model = "" } = query;
      const requests = countOf(query, "requests");
      const inputTokens = countOf(query, "input_tokens");
      const outputTokens = countOf(query, "output_tokens");
      const { chain } = findAny(index(), model);
      const now = nowMs();
      const candidates = chain.flatMap((entry) => entry.candidates);
      const free = candidates.filter(({ deployment }) => deployment.tier !== "paid");
      const work = { requests, tokens: inputTokens + outputTokens };
      const doneMs = carriedByMs(quotaSources(free, now), work, now);
      const paid = chain.find(({ deployment }) => deployment.tier === "paid")?.deployment;
      const nanoUsd = paid && listNanoUsd(paid.price, { inputTokens, outputTokens });
      return {
        model,
        at: iso(now),
        free_models: new Set(free.map(({ deployment }) => deployment.alias)).size,
        /** False: a limit is not known. */
        known: doneMs !== undefined,
        free_done_at: iso(doneMs ?? undefined),
        paid_model: paid?.alias ?? null,
        paid_usd: nanoUsd === undefined ? null : nanoUsd / NANO,
      };
    },
  );
}

/** @throws {ClientError} 400 that names the parameter */
function countOf(query: Readonly<Record<string, string | undefined>>, name: string): number {
  const value = Number(query[name] ?? "0");
  if (Number.isFinite(value) && value >= 0 && value <= MOST) return value;
  throw badRequest(`\`${name}\` must be a number of 0 or more.`, name);
}
