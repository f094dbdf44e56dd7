/** Does it work, what is left, what needs somebody. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../data/api.ts";
import { useLive } from "../data/events.tsx";
import { compactNumber, fromNow, number, share, shortTime, usd } from "../data/format.ts";
import { hashOf } from "../data/location.ts";
import type { Group, ListedCooldown, Quota, Status, UsageAnswer } from "../data/types.ts";
import { texts } from "../texts.ts";
import { LiveBadge } from "../ui/live.tsx";
import { Badge, Figure, Heading, Section, type Tone } from "../ui/parts.tsx";
import { Empty, Loaded, useNow } from "../ui/states.tsx";

const t = texts.now;
const REFETCH_MS = 10_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export default function Now() {
  const status = useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) => get<Status>("/admin/status", signal),
    refetchInterval: REFETCH_MS,
  });
  return (
    <>
      <Heading title={texts.pages.now}>
        <LiveBadge />
      </Heading>
      <Loaded query={status}>{(data) => <Overview status={data} />}</Loaded>
    </>
  );
}

function Overview({ status }: { readonly status: Status }) {
  const { state: live } = useLive();
  const quota = useQuery({
    queryKey: ["quota"],
    queryFn: ({ signal }) => get<Quota>("/admin/quota", signal),
    refetchInterval: REFETCH_MS,
  });
  const [tone, words] = verdictOf(status);
  return (
    <>
      <p className="verdict" role="status">
        <Badge tone={tone}>{words}</Badge>
      </p>
      {status.table.providers === 0 ? (
        <Empty>
          <p>
            <strong>{t.none}</strong> {t.noneHow}
          </p>
          <a className="button" href={hashOf("providers")}>
            {t.toProviders}
          </a>
        </Empty>
      ) : null}
      <Section title={t.figures}>
        <dl className="figures">
          <Figure name={t.inFlight} value={number(live?.in_flight ?? status.in_flight)} />
          <Figure
            name={t.models}
            value={number(status.table.models)}
            note={t.providers(status.table.providers)}
          />
          <Recent />
          <QuotaFigure quota={quota.data} />
          <Spend status={status} />
        </dl>
      </Section>
      <Alerts status={status} quota={quota.data} />
      <Section title={t.groups}>
        {status.groups.length === 0 ? (
          <Empty>{t.noGroups}</Empty>
        ) : (
          <ul className="cards">
            {status.groups.map((group) => (
              <GroupCard key={group.name} group={group} />
            ))}
          </ul>
        )}
      </Section>
      <Section title={t.log}>
        {status.log.length === 0 ? <Empty>{t.noLog}</Empty> : <pre>{status.log.join("\n")}</pre>}
      </Section>
    </>
  );
}

function verdictOf({ status, table, groups, cooldowns }: Status): readonly [Tone, string] {
  if (status === "draining") return ["warn", t.draining];
  if (table.models === 0) return ["off", t.empty];
  if (groups.length > 0 && groups.every(({ state }) => state === "ALL COOLING")) return ["bad", t.broken];
  return cooldowns.length > 0 ? ["warn", t.degraded] : ["good", t.works];
}

/** Sums of the last hour and of this day in the viewer's zone, from the server. */
function Recent() {
  const usage = useQuery({
    queryKey: ["usage", "recent"],
    refetchInterval: REFETCH_MS,
    queryFn: async ({ signal }) => {
      const nowMs = Date.now();
      const hour = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS - HOUR_MS;
      const today = new Date(nowMs).setHours(0, 0, 0, 0);
      const [last, day] = await Promise.all([
        get<UsageAnswer>(`/admin/usage?since=${hour}`, signal),
        get<UsageAnswer>(`/admin/usage?since=${today}`, signal),
      ]);
      return { last: last.total, day: day.total };
    },
  });
  const { last, day } = usage.data ?? {};
  const known = usage.data !== undefined;
  const requests = last?.requests ?? 0;
  const saved = day == null ? 0 : day.asked_usd - day.cost_usd;
  return (
    <>
      <Figure name={t.hour} value={known ? number(requests) : texts.unknown} />
      <Figure
        name={t.success}
        value={known && last != null ? share(last.succeeded, requests) : texts.unknown}
      />
      <Figure
        name={t.cost}
        value={known ? usd(day?.cost_usd ?? 0) : texts.unknown}
        note={saved > 0 ? t.saved(usd(saved)) : undefined}
      />
    </>
  );
}

function QuotaFigure({ quota }: { readonly quota: Quota | undefined }) {
  const nowMs = useNow();
  if (quota === undefined) return <Figure name={t.quota} value={texts.unknown} />;
  const { models, left, lasts_until, horizon_hours, rate_per_hour } = quota.free;
  if (models === 0) return <Figure name={t.quota} value={texts.unknown} note={t.noFree} />;
  const { requests, tokens } = left;
  const value =
    requests === null && tokens === null
      ? t.noLimit
      : requests !== null
        ? t.requestsLeft(compactNumber(requests))
        : t.tokensLeft(compactNumber(tokens));
  const note =
    rate_per_hour.requests === 0
      ? t.noRate
      : lasts_until === null
        ? t.lastsLong(horizon_hours)
        : t.lasts(`${shortTime(lasts_until)} (${fromNow(lasts_until, nowMs)})`);
  return <Figure name={t.quota} value={value} note={note} />;
}

function Spend({ status: { spend } }: { readonly status: Status }) {
  if (spend === null) return <Figure name={t.spend} value={texts.unknown} note={t.noCeiling} />;
  return (
    <Figure name={t.spend} value={usd(spend.used_usd)} note={t.spendOf(usd(spend.limit_usd), spend.window)} />
  );
}

const GROUP_TONES: Readonly<Record<Group["state"], Tone>> = {
  HEALTHY: "good",
  DEGRADED: "warn",
  "ALL COOLING": "bad",
};

function GroupCard({ group }: { readonly group: Group }) {
  return (
    <li className="card">
      <h3>
        <a href={hashOf("chains", { name: group.name })}>{group.name}</a>
        <Badge tone={GROUP_TONES[group.state]}>{t.states[group.state]}</Badge>
      </h3>
      <dl className="facts">
        <dt>{t.upstreams}</dt>
        <dd>{number(group.upstreams)}</dd>
        <dt>{t.healthy}</dt>
        <dd>{number(group.healthy)}</dd>
        <dt>{t.cooling}</dt>
        <dd>{number(group.cooling)}</dd>
        <dt>{t.lastHour}</dt>
        <dd>{number(group.requests_60_min)}</dd>
      </dl>
    </li>
  );
}

const LOW_SHARE = 0.1;
const SPEND_ALERT = 0.8;

function Alerts({ status, quota }: { readonly status: Status; readonly quota: Quota | undefined }) {
  const low = (quota?.limits ?? []).filter(
    ({ window, unit, left, amount }) =>
      window !== "minute" && unit !== "concurrency" && left / amount < LOW_SHARE,
  );
  const { spend } = status;
  const dear = spend !== null && spend.used_usd / spend.limit_usd >= SPEND_ALERT;
  const none = status.cooldowns.length === 0 && low.length === 0 && !dear;
  return (
    <Section title={t.alerts}>
      {none ? <Empty>{t.noAlerts}</Empty> : null}
      <ul className="cards wide">
        {status.cooldowns.map((cooldown) => (
          <CooldownAlert key={`${cooldown.provider} ${cooldown.key} ${cooldown.model}`} cooldown={cooldown} />
        ))}
        {dear && spend !== null ? (
          <li className="card">
            <Badge tone="warn">{t.spendAlert(share(spend.used_usd, spend.limit_usd))}</Badge>
          </li>
        ) : null}
        {low.slice(0, 6).map((limit) => (
          <li className="card" key={`${limit.provider} ${limit.models.join()} ${limit.unit} ${limit.window}`}>
            <Badge tone="warn">
              {t.quotaAlert(
                limit.provider,
                share(limit.left, limit.amount),
                texts.models.window(texts.models.unitNames[limit.unit] ?? limit.unit, limit.window),
              )}
            </Badge>
            <p>
              <a href={hashOf("models", { q: limit.models[0] })}>{t.openCause}</a>
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function CooldownAlert({ cooldown }: { readonly cooldown: ListedCooldown }) {
  const client = useQueryClient();
  const nowMs = useNow();
  const name = cooldown.model ?? cooldown.provider;
  const clear = useMutation({
    mutationFn: () => post("/admin/clear", { name }),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <li className="card">
      <h3>
        {name}
        <Badge tone="warn">{cooldown.category ?? texts.now.cooling}</Badge>
      </h3>
      <p>{cooldown.last_error ?? texts.noData}</p>
      <p className="quiet">
        {t.coolingUntil} {fromNow(cooldown.until, nowMs)}
        {cooldown.key === null ? null : (
          <>
            {" · "}
            <code>{cooldown.key}</code>
          </>
        )}
      </p>
      <div className="row">
        <a href={hashOf("requests", { provider: cooldown.provider })}>{t.openCause}</a>
        <button type="button" className="small" disabled={clear.isPending} onClick={() => clear.mutate()}>
          {t.clear}
        </button>
      </div>
      {clear.error === null ? null : <p className="bad-text">{clear.error.message}</p>}
    </li>
  );
}
