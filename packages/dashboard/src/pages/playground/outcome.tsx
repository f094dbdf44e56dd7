/** Under an answer: the way it took, and what it cost; from the usage record, which is stored a moment later. */
import { useQuery } from "@tanstack/react-query";
import { ApiError, get } from "../../data/api.ts";
import { duration, nanoUsd, number } from "../../data/format.ts";
import { hashOf } from "../../data/location.ts";
import type { RequestStory } from "../../data/types.ts";
import { texts } from "../../texts.ts";

const t = texts.playground;
const TRIES = 12;
const RETRY_MS = 400;

export function Outcome({ id }: { readonly id: string | undefined }) {
  const story = useQuery({
    queryKey: ["request", id],
    enabled: id !== undefined,
    queryFn: ({ signal }) => get<RequestStory>(`/admin/requests/${encodeURIComponent(id ?? "")}`, signal),
    retry: (failures, error) => failures < TRIES && error instanceof ApiError && error.status === 404,
    retryDelay: RETRY_MS,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (id === undefined || story.data === undefined) return null;
  const { record } = story.data;
  const { served, attempts, durationMs, usage, costNanoUsd } = record;
  return (
    <p className="quiet outcome">
      {served === undefined ? texts.requests.notServed : `${served.model} · ${served.provider}`} ·{" "}
      {t.attempts(attempts.length)} · {duration(durationMs)} ·{" "}
      {usage === undefined ? texts.unknown : `${number(usage.inputTokens)} / ${number(usage.outputTokens)}`} ·{" "}
      {nanoUsd(costNanoUsd)} · <a href={hashOf("requests", { open: id })}>{t.openStory}</a>
    </p>
  );
}
