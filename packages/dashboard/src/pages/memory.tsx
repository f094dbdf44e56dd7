/** What is loaded on this machine, who uses it, who waits and why. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { get, post } from "../data/api.ts";
import { bytes, duration, number, time } from "../data/format.ts";
import { hashOf } from "../data/location.ts";
import type { LocalMemory } from "../data/types.ts";
import { texts } from "../texts.ts";
import { Badge, Heading, Section, Table } from "../ui/parts.tsx";
import { Empty, Loaded, useNow } from "../ui/states.tsx";

const t = texts.memory;
const LOOK_MS = 5_000;
const HOUR_MS = 3_600_000;

export default function Memory() {
  const memory = useQuery({
    queryKey: ["resources"],
    queryFn: ({ signal }) => get<LocalMemory>("/admin/resources", signal),
    refetchInterval: LOOK_MS,
  });
  return (
    <>
      <Heading title={texts.pages.memory} />
      <Loaded query={memory}>
        {(data) =>
          data.devices.length === 0 ? (
            <Empty>
              <p>
                <strong>{t.none}</strong> {t.noneHow}
              </p>
              <a className="button" href={hashOf("providers", { q: "ollama" })}>
                {texts.now.toProviders}
              </a>
            </Empty>
          ) : (
            <Managed memory={data} />
          )
        }
      </Loaded>
    </>
  );
}

function Managed({ memory }: { readonly memory: LocalMemory }) {
  const { devices, backends, residencies, queues, aliases } = memory;
  const nameOf = (key: string): string => aliases[key]?.[0] ?? key;
  return (
    <>
      {backends
        .filter(({ status }) => status === "down")
        .map(({ backend, why }) => (
          <p key={backend} className="failed">
            {t.down(backend)} {why}
          </p>
        ))}
      <Section title={t.devices}>
        <ul className="cards">
          {devices.map((device) => (
            <li key={device.device} className="card">
              <h3>{device.device}</h3>
              <Device device={device} />
            </li>
          ))}
        </ul>
      </Section>
      <Loads aliases={aliases} />
      <Section title={t.loaded}>
        {residencies.length === 0 ? (
          <Empty>{t.noLoaded}</Empty>
        ) : (
          <ul className="cards wide">
            {residencies.map((one) => (
              <Residency key={one.key} one={one} name={nameOf(one.key)} />
            ))}
          </ul>
        )}
      </Section>
      <Section title={t.queue}>
        {queues.length === 0 ? (
          <Empty>{t.noQueue}</Empty>
        ) : (
          <Table
            caption={t.queue}
            rows={queues}
            keyOf={({ key }) => key}
            columns={[
              { name: t.model, cell: ({ key }) => nameOf(key) },
              { name: t.waiters, numeric: true, cell: ({ waiters }) => number(waiters.length) },
              { name: t.longest, numeric: true, cell: ({ waiters }) => duration(waiters[0]?.waitedMs) },
              { name: t.why, cell: ({ why }) => why },
            ]}
          />
        )}
      </Section>
      <Timeline memory={memory} nameOf={nameOf} />
    </>
  );
}

function Device({ device }: { readonly device: LocalMemory["devices"][number] }) {
  const { totalBytes, committedBytes, externalBytes } = device;
  const used = committedBytes + externalBytes;
  return (
    <>
      {totalBytes === undefined ? null : (
        <progress
          max={totalBytes}
          value={used}
          aria-label={`${device.device}: ${t.used(bytes(used), bytes(totalBytes))}`}
        />
      )}
      <p>{t.used(bytes(used), bytes(totalBytes))}</p>
      <p className="quiet">{t.others(bytes(externalBytes))}</p>
    </>
  );
}

type Command = "load" | "evict" | "pin" | "unpin";

function useCommand() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ what, model }: { readonly what: Command; readonly model: string }) =>
      post(`/admin/resources/${what}`, { model }),
    onSettled: () => client.invalidateQueries({ queryKey: ["resources"] }),
  });
}

function Residency({
  one,
  name,
}: {
  readonly one: LocalMemory["residencies"][number];
  readonly name: string;
}) {
  const nowMs = useNow();
  const command = useCommand();
  const run = (what: Command) => (): void => command.mutate({ what, model: name });
  return (
    <li className="card">
      <h3>
        {name}
        <span className="row">
          {one.pinned ? <Badge tone="info">{t.pinned}</Badge> : null}
          <Badge tone={one.failure !== undefined ? "bad" : one.state === "ready" ? "good" : "warn"}>
            {one.state}
          </Badge>
        </span>
      </h3>
      <p className="quiet">
        {one.device ?? texts.unknown} · {bytes(one.chargeBytes)} · {t.leases}: {one.leases} /{" "}
        {one.concurrency} · {duration(nowMs - one.sinceMs)}
      </p>
      {one.waiting > 0 ? <p>{t.waiting(one.waiting)}</p> : null}
      {one.failure === undefined ? null : <p className="bad-text">{one.failure}</p>}
      <div className="row">
        <button type="button" className="small" disabled={command.isPending} onClick={run("evict")}>
          {t.evict}
          <span className="visually-hidden"> {name}</span>
        </button>
        <button
          type="button"
          className="small"
          disabled={command.isPending}
          onClick={run(one.pinned ? "unpin" : "pin")}
        >
          {one.pinned ? t.unpin : t.pin}
          <span className="visually-hidden"> {name}</span>
        </button>
      </div>
      {command.error === null ? null : <p className="bad-text">{command.error.message}</p>}
    </li>
  );
}

function Loads({ aliases }: { readonly aliases: LocalMemory["aliases"] }) {
  const [name, setName] = useState("");
  const command = useCommand();
  const names = Object.values(aliases).flat().sort();
  return (
    <Section title={t.pull}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          command.mutate({ what: "load", model: name });
        }}
      >
        <div className="field">
          <label htmlFor="load-name">{t.pullName}</label>
          <div className="row nowrap">
            <select
              id="load-name"
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            >
              <option value="" />
              {names.map((alias) => (
                <option key={alias} value={alias}>
                  {alias}
                </option>
              ))}
            </select>
            <button type="submit" disabled={command.isPending || name === ""}>
              {t.pullRun}
            </button>
          </div>
        </div>
        {command.error === null ? null : <p className="bad-text">{command.error.message}</p>}
      </form>
    </Section>
  );
}

interface Seen {
  readonly atMs: number;
  readonly what: string;
}
/** Kept while the page is open, whatever page of it is shown. */
let seen: readonly Seen[] = [];
let last: ReadonlyMap<string, string> | undefined;

/** What changed between two looks. */
function Timeline({
  memory,
  nameOf,
}: {
  readonly memory: LocalMemory;
  readonly nameOf: (key: string) => string;
}) {
  const [events, setEvents] = useState(seen);
  // biome-ignore lint/correctness/useExhaustiveDependencies: one look is one entry
  useEffect(() => {
    const now = new Map(memory.residencies.map(({ key, state }) => [key, state]));
    const atMs = Date.now();
    const changes = [...now]
      .filter(([key, state]) => last !== undefined && last.get(key) !== state)
      .map(([key, state]) => `${nameOf(key)}: ${state}`);
    const gone = [...(last ?? [])].filter(([key]) => !now.has(key)).map(([key]) => t.gone(nameOf(key)));
    last = now;
    seen = [...[...changes, ...gone].map((what) => ({ atMs, what })), ...seen].filter(
      (one) => atMs - one.atMs < HOUR_MS,
    );
    setEvents(seen);
  }, [memory]);
  return (
    <Section title={t.timeline}>
      <p className="quiet">{t.timelineNote}</p>
      {events.length === 0 ? (
        <Empty>{t.nothingYet}</Empty>
      ) : (
        <ol className="plain">
          {events.map(({ atMs, what }) => (
            <li key={`${atMs} ${what}`}>
              <time dateTime={new Date(atMs).toISOString()}>{time(atMs)}</time> {what}
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
