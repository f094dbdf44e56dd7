/** Keys of clients: their limits, their use, and the key itself once, when it is made. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, get, post } from "../data/api.ts";
import { compactNumber, dateTime, number, usd } from "../data/format.ts";
import { hashOf } from "../data/location.ts";
import type { Client, UsageAnswer } from "../data/types.ts";
import { texts } from "../texts.ts";
import { Badge, Heading, Modal, Moment, Section, type Tone } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { ClientForm } from "./clients/form.tsx";
import { NewKey } from "./clients/new-key.tsx";
import { Snippets } from "./clients/snippets.tsx";

const t = texts.clients;
const WEEK_MS = 7 * 86_400_000;

export default function Clients() {
  const clients = useQuery({
    queryKey: ["clients"],
    queryFn: ({ signal }) => get<{ clients: readonly Client[] }>("/admin/clients", signal),
    refetchInterval: 10_000,
  });
  const usage = useQuery({
    queryKey: ["usage", "clients"],
    queryFn: ({ signal }) => get<UsageAnswer>(`/admin/usage?by=client&since=${Date.now() - WEEK_MS}`, signal),
    refetchInterval: 30_000,
  });
  const [adding, setAdding] = useState(false);
  const missing = clients.error instanceof ApiError && clients.error.code === "no_clients";
  return (
    <>
      <Heading title={texts.pages.clients}>
        {missing ? null : (
          <button type="button" className="primary" onClick={() => setAdding(true)}>
            {t.add}
          </button>
        )}
      </Heading>
      {missing ? (
        <Empty>{t.soon}</Empty>
      ) : (
        <Loaded query={clients}>{(data) => <List clients={data.clients} usage={usage.data} />}</Loaded>
      )}
      <Section title={t.snippets}>
        <Snippets />
      </Section>
      {adding ? <ClientForm onClose={() => setAdding(false)} /> : null}
    </>
  );
}

function List({
  clients,
  usage,
}: {
  readonly clients: readonly Client[];
  readonly usage: UsageAnswer | undefined;
}) {
  if (clients.length === 0)
    return (
      <Empty>
        <strong>{t.none}</strong> {t.master}
      </Empty>
    );
  return (
    <ul className="cards wide">
      {clients.map((client) => (
        <Card key={client.id} client={client} usage={usage} />
      ))}
    </ul>
  );
}

const TONES: Readonly<Record<string, Tone>> = {
  active: "good",
  expired: "warn",
  revoked: "bad",
  "no key": "off",
};

function Card({ client, usage }: { readonly client: Client; readonly usage: UsageAnswer | undefined }) {
  const [dialog, setDialog] = useState<"edit" | "rotate" | "revoke">();
  const own = usage?.rows.find(({ name }) => name === client.name);
  const lastSeen = useQuery({
    queryKey: ["requests", "last", client.name],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({ client: client.name, limit: "1", rows: "1" });
      const { rows } = await get<{ rows: readonly { at: number }[] }>(`/admin/requests?${query}`, signal);
      return rows[0]?.at ?? null;
    },
    refetchInterval: 30_000,
  });
  const close = (): void => setDialog(undefined);
  return (
    <li className="card">
      <h2>
        {client.name}
        <Badge tone={TONES[client.state] ?? "off"}>{client.state}</Badge>
      </h2>
      <dl className="facts">
        <dt>{t.lastSeen}</dt>
        <dd>{lastSeen.data === null ? t.never : <Moment at={lastSeen.data} />}</dd>
        <dt>{t.use}</dt>
        <dd>
          {usage === undefined
            ? texts.unknown
            : t.usedInWeek(
                number(own?.requests ?? 0),
                compactNumber((own?.tokens.input ?? 0) + (own?.tokens.output ?? 0)),
                usd(own?.cost_usd ?? 0),
              )}
        </dd>
        {client.expires_at === null ? null : (
          <>
            <dt>{t.expires}</dt>
            <dd>{dateTime(client.expires_at)}</dd>
          </>
        )}
        {client.old_key_until === null ? null : (
          <>
            <dt>{t.oldKey}</dt>
            <dd>{dateTime(client.old_key_until)}</dd>
          </>
        )}
        <dt>{t.limits}</dt>
        <dd>
          <Rules client={client} />
        </dd>
      </dl>
      <div className="row">
        <a href={hashOf("requests", { client: client.name })}>{texts.pages.requests}</a>
        {client.state === "revoked"
          ? null
          : (["edit", "rotate", "revoke"] as const).map((name) => (
              <button
                key={name}
                type="button"
                className={name === "revoke" ? "small danger" : "small"}
                onClick={() => setDialog(name)}
              >
                {t[name]}
                <span className="visually-hidden"> {client.name}</span>
              </button>
            ))}
      </div>
      {dialog === "edit" ? <ClientForm client={client} onClose={close} /> : null}
      {dialog === "rotate" || dialog === "revoke" ? (
        <Sure client={client} what={dialog} onClose={close} />
      ) : null}
    </li>
  );
}

function Rules({ client: { rules } }: { readonly client: Client }) {
  const stated = Object.entries(rules);
  if (stated.length === 0) return <>{t.noLimits}</>;
  return (
    <ul className="plain">
      {stated.map(([name, value]) => (
        <li key={name}>
          {t.rules[name] ?? name}:{" "}
          {Array.isArray(value)
            ? value.join(", ")
            : typeof value === "object"
              ? JSON.stringify(value)
              : String(value)}
        </li>
      ))}
    </ul>
  );
}

function Sure({
  client,
  what,
  onClose,
}: {
  readonly client: Client;
  readonly what: "rotate" | "revoke";
  readonly onClose: () => void;
}) {
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: () => post<{ key?: string }>(`/admin/clients/${encodeURIComponent(client.id)}/${what}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["clients"] }),
    gcTime: 0,
  });
  return (
    <Modal title={`${t[what]}: ${client.name}`} onClose={onClose}>
      {act.data?.key !== undefined ? (
        <NewKey value={act.data.key} />
      ) : (
        <>
          <p>{what === "rotate" ? t.confirmRotate(client.name) : t.confirmRevoke(client.name)}</p>
          {act.error === null ? null : <p className="bad-text">{act.error.message}</p>}
          <div className="row">
            <button
              type="button"
              className="danger"
              disabled={act.isPending}
              onClick={() => act.mutate(undefined, what === "revoke" ? { onSuccess: onClose } : {})}
            >
              {t[what]}
            </button>
            <button type="button" onClick={onClose}>
              {texts.cancel}
            </button>
          </div>
        </>
      )}
    </Modal>
  );
}
