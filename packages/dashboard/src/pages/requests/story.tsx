/** The whole story of one request: facts, every attempt, the plan, and who was left out and why. */
import { useQuery } from "@tanstack/react-query";
import { ApiError, get } from "../../data/api.ts";
import { dateTime, duration, nanoUsd, number } from "../../data/format.ts";
import { hashOf } from "../../data/location.ts";
import type { RequestStory, Usage } from "../../data/types.ts";
import { texts } from "../../texts.ts";
import { Badge, Copy, Modal } from "../../ui/parts.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { OUTCOME_TONES } from "./outcome.ts";

const t = texts.requests;

export function Story({
  id,
  onClose,
  onStep,
}: {
  readonly id: string;
  readonly onClose: () => void;
  readonly onStep: (by: number) => void;
}) {
  const story = useQuery({
    queryKey: ["request", id],
    queryFn: ({ signal }) => get<RequestStory>(`/admin/requests/${encodeURIComponent(id)}`, signal),
    staleTime: 60_000,
    retry: (failures, error) => failures < 3 && error instanceof ApiError && error.status === 404,
  });
  return (
    <Modal title={`${t.story} ${id}`} onClose={onClose} wide>
      <div className="row">
        <button type="button" onClick={() => onStep(-1)}>
          {t.previous}
        </button>
        <button type="button" onClick={() => onStep(1)}>
          {t.next}
        </button>
        <Copy text={id} label={t.copyId} />
        {story.data === undefined ? null : (
          <a className="button" href={hashOf("playground", { model: story.data.record.model, replay: id })}>
            {t.replay}
          </a>
        )}
      </div>
      <Loaded query={story}>{(data) => <Details story={data} />}</Loaded>
    </Modal>
  );
}

function Details({ story: { record, others } }: { readonly story: RequestStory }) {
  const { served, usage } = record;
  return (
    <>
      <p>
        <Badge tone={OUTCOME_TONES[record.outcome]}>{t.outcomes[record.outcome]}</Badge> {record.status}
        {record.error === undefined ? null : <> · {record.error.message}</>}
      </p>
      {others > 0 ? <p className="quiet">{t.others(others)}</p> : null}
      <h3>{t.facts}</h3>
      <dl className="facts">
        <dt>{t.columns.time}</dt>
        <dd>{dateTime(record.atMs)}</dd>
        <dt>{t.columns.client}</dt>
        <dd>
          {record.client}
          {record.program === undefined ? null : ` · ${record.program}`}
        </dd>
        <dt>{t.surface}</dt>
        <dd>
          {record.surface}
          {record.operation === undefined ? null : ` · ${record.operation}`}
          {record.stream ? " · stream" : null}
        </dd>
        <dt>{t.columns.path}</dt>
        <dd>
          {record.model} →{" "}
          {served === undefined ? t.notServed : `${served.model} · ${served.provider} · ${served.upstream}`}
        </dd>
        {record.strategy === undefined ? null : (
          <>
            <dt>{t.strategy}</dt>
            <dd>{record.strategy}</dd>
          </>
        )}
        {record.session === undefined ? null : (
          <>
            <dt>{t.session}</dt>
            <dd>
              <code>{record.session}</code>
            </dd>
          </>
        )}
        <dt>{t.columns.ttft}</dt>
        <dd>{duration(record.firstTokenMs)}</dd>
        <dt>{t.columns.duration}</dt>
        <dd>{duration(record.durationMs)}</dd>
        <dt>{t.tokens}</dt>
        <dd>
          {tokensOf(usage)}
          {record.counted === "estimated" ? ` (${t.estimated})` : null}
        </dd>
        <dt>{t.cost}</dt>
        <dd>{nanoUsd(record.costNanoUsd)}</dd>
        <dt>{t.list}</dt>
        <dd>{nanoUsd(record.listNanoUsd)}</dd>
        <dt>{t.asked}</dt>
        <dd>{nanoUsd(record.askedNanoUsd)}</dd>
      </dl>
      <h3>{t.attempts}</h3>
      {record.attempts.length === 0 ? <Empty>{t.noAttempts}</Empty> : null}
      <ol className="plain">
        {record.attempts.map((attempt, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: attempts have no other identity, and do not move
          <li className="card" key={at}>
            <h4>
              {t.attempt(at + 1)}: {attempt.model} · {attempt.provider}{" "}
              <Badge
                tone={
                  attempt.outcome === "answered" ? "good" : attempt.outcome === "cancelled" ? "off" : "bad"
                }
              >
                {attempt.class ?? attempt.outcome}
              </Badge>
            </h4>
            <p className="quiet">
              {duration(attempt.ms)}
              {attempt.firstTokenMs === undefined
                ? null
                : ` · ${t.columns.ttft} ${duration(attempt.firstTokenMs)}`}
              {attempt.status === undefined ? null : ` · HTTP ${attempt.status}`}
              {attempt.key === undefined ? null : ` · ${attempt.key}`}
              {attempt.usage === undefined ? null : ` · ${tokensOf(attempt.usage)}`}
              {attempt.costNanoUsd === undefined ? null : ` · ${nanoUsd(attempt.costNanoUsd)}`}
            </p>
            {attempt.message === undefined ? null : <p>{attempt.message}</p>}
          </li>
        ))}
      </ol>
      <h3>{t.plan}</h3>
      {record.plan.length === 0 ? <Empty>{t.noPlan}</Empty> : null}
      <ol>
        {record.plan.map((candidate) => (
          <li key={`${candidate.model} ${candidate.key ?? ""}`}>
            {candidate.model} · {candidate.provider}
            {candidate.key === undefined ? null : <code> {candidate.key}</code>}
          </li>
        ))}
      </ol>
      <h3>{t.skipped}</h3>
      {record.skipped.length === 0 ? <Empty>{t.nothingSkipped}</Empty> : null}
      <ul>
        {record.skipped.map((skip) => (
          <li key={`${skip.model} ${skip.key ?? ""} ${skip.reason}`}>
            {skip.model}
            {skip.key === undefined ? null : <code> {skip.key}</code>}: {skip.detail}
            {skip.untilMs === undefined ? null : `; ${t.until} ${dateTime(skip.untilMs)}`}
          </li>
        ))}
      </ul>
    </>
  );
}

function tokensOf(usage: Usage | undefined): string {
  if (usage === undefined) return texts.unknown;
  const { inputTokens, outputTokens, cachedInputTokens = 0, reasoningTokens = 0 } = usage;
  const parts = [`${number(inputTokens)} / ${number(outputTokens)}`];
  if (cachedInputTokens > 0) parts.push(`${number(cachedInputTokens)} ${t.cached}`);
  if (reasoningTokens > 0) parts.push(`${number(reasoningTokens)} ${t.reasoning}`);
  return parts.join(", ");
}
