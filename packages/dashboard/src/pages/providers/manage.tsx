/** One provider: its flag, its keys, whether they work, and what cools down. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { post } from "../../data/api.ts";
import { notSaved, useChange } from "../../data/settings.ts";
import type { ListedCooldown, ProviderSettings, Settings, Verification, Verified } from "../../data/types.ts";
import { texts } from "../../texts.ts";
import { Badge, Modal, Moment, Section } from "../../ui/parts.tsx";
import { NotSaved, Saved } from "../../ui/settings-parts.tsx";
import { ProviderState } from "./state.tsx";

const t = texts.providers;

export function Manage({
  provider,
  settings,
  cooldowns,
  onClose,
}: {
  readonly provider: ProviderSettings;
  readonly settings: Settings;
  readonly cooldowns: readonly ListedCooldown[];
  readonly onClose: () => void;
}) {
  const change = useChange(settings);
  const { flag } = provider;
  const setFlag = (on: boolean): void =>
    change.mutate({ change: "env", set: { [flag.name]: on ? "1" : "0" } });
  const missing = provider.needs_key === "yes" && provider.keys.every(({ from }) => from === "none");
  return (
    <Modal title={provider.name} onClose={onClose} wide>
      <p>
        <ProviderState provider={provider} cooling={cooldowns.length > 0} /> {provider.summary}
      </p>
      {flag.on && !provider.active ? <p className="bad-text">{provider.reason}.</p> : null}
      <div className="row">
        {flag.from === "shell" || flag.from === "keys" ? (
          <p className="quiet">{t.readOnly(flag.name, flag.from)}</p>
        ) : flag.on ? (
          <button type="button" disabled={change.isPending} onClick={() => setFlag(false)}>
            {t.switchOff}
          </button>
        ) : missing || provider.servers !== null ? null : (
          <button type="button" className="primary" disabled={change.isPending} onClick={() => setFlag(true)}>
            {t.switchOn}
          </button>
        )}
        {provider.signup === null ? null : <Outside href={provider.signup}>{t.signup}</Outside>}
        {provider.limits_page === null ? null : <Outside href={provider.limits_page}>{t.limits}</Outside>}
      </div>
      <Saved progress={change.progress} />
      <NotSaved error={change.error} fields={provider.keys.map(({ name }) => name)} />
      {provider.needs_key === "none" ? null : (
        <Keys key={settings.env.version} provider={provider} change={change} />
      )}
      <Verify provider={provider} />
      <Cooldowns cooldowns={cooldowns} provider={provider.id} />
      <Section title={t.about}>
        <DataPolicy data={provider.data} />
        {provider.notes?.split(/\n\s*\n/).map((paragraph) => (
          <p key={paragraph}>{paragraph}</p>
        ))}
      </Section>
    </Modal>
  );
}

function DataPolicy({ data }: { readonly data: ProviderSettings["data"] }) {
  if (data === null) return <p>{t.noPolicy}</p>;
  return (
    <>
      <p>
        <Badge tone={data.trains ? "warn" : "good"}>{data.trains ? t.trains : t.trainsNot}</Badge>
      </p>
      <dl className="facts">
        {data.keeps === undefined ? null : (
          <>
            <dt>{t.keeps}</dt>
            <dd>{data.keeps}</dd>
          </>
        )}
        {data.region === undefined ? null : (
          <>
            <dt>{t.region}</dt>
            <dd>{data.region}</dd>
          </>
        )}
        {data.note === undefined ? null : (
          <>
            <dt>{t.policyNote}</dt>
            <dd>{data.note}</dd>
          </>
        )}
        <dt>{t.policySource}</dt>
        <dd>
          <a href={data.source} target="_blank" rel="noreferrer noopener">
            {data.source}
          </a>{" "}
          ({data.date})
        </dd>
      </dl>
    </>
  );
}

function Outside({ href, children }: { readonly href: string; readonly children: string }) {
  return (
    <a className="button" href={href} target="_blank" rel="noreferrer noopener">
      {children} <span className="visually-hidden">{t.newWindow}</span>
      <span aria-hidden="true">↗</span>
    </a>
  );
}

type ChangeEnv = ReturnType<typeof useChange>;

function Keys({ provider, change }: { readonly provider: ProviderSettings; readonly change: ChangeEnv }) {
  const first = provider.keys.every(({ from }) => from === "none");
  const [editing, setEditing] = useState(first ? provider.keys[0]?.name : undefined);
  const adding =
    editing !== undefined && !provider.keys.some(({ name }) => name === editing) ? editing : undefined;
  return (
    <Section title={t.keys}>
      <ul className="plain">
        {provider.keys.map((key) => (
          <li key={key.name} className="card">
            <div className="row">
              <code>{key.name}</code>
              <span>
                {key.from === "none"
                  ? provider.needs_key === "optional"
                    ? t.keyOptional
                    : t.keyMissing
                  : t.keySet}
              </span>
              {key.from === "none" ? null : <KeyState verified={key.verified} />}
            </div>
            {key.from === "shell" || key.from === "keys" ? (
              <p className="quiet">{t.readOnly(key.name, key.from)}</p>
            ) : null}
            {key.from === "shell" || key.from === "keys" || editing === key.name ? null : (
              <div className="row">
                <button type="button" className="small" onClick={() => setEditing(key.name)}>
                  {key.from === "none" ? t.enterKey : t.replaceKey}
                  <span className="visually-hidden"> {key.name}</span>
                </button>
                {key.from === "none" ? null : <RemoveKey name={key.name} change={change} />}
              </div>
            )}
            {editing === key.name ? (
              <KeyForm
                name={key.name}
                provider={provider}
                change={change}
                onCancel={first ? undefined : () => setEditing(undefined)}
              />
            ) : null}
          </li>
        ))}
        {adding === undefined ? null : (
          <li className="card">
            <KeyForm
              name={adding}
              provider={provider}
              change={change}
              onCancel={() => setEditing(undefined)}
            />
          </li>
        )}
      </ul>
      {provider.next_key === null || adding !== undefined ? null : (
        <button type="button" onClick={() => setEditing(provider.next_key ?? undefined)}>
          {t.addKey}
        </button>
      )}
    </Section>
  );
}

function KeyState({ verified }: { readonly verified: Verified | null }) {
  if (verified === null) return <Badge tone="off">{t.neverVerified}</Badge>;
  return (
    <>
      <Badge tone={verified.state === "OK" ? "good" : verified.state === "QUOTA" ? "warn" : "bad"}>
        {t.verifyStates[verified.state] ?? verified.state}
      </Badge>
      <span className="quiet">
        {t.verified} <Moment at={verified.at} />
      </span>
    </>
  );
}

/** The field is not controlled, so that the key is in no state of the page. */
function KeyForm({
  name,
  provider,
  change,
  onCancel,
}: {
  readonly name: string;
  readonly provider: ProviderSettings;
  readonly change: ChangeEnv;
  readonly onCancel: (() => void) | undefined;
}) {
  const details = notSaved(change.error);
  const refused = details?.variable === name ? change.error?.message : undefined;
  const { flag } = provider;
  const switchesOn = !flag.on && flag.from !== "shell" && flag.from !== "keys";
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const field = event.currentTarget.elements.namedItem("key") as HTMLInputElement;
    const key = field.value.trim();
    if (key === "") return;
    field.value = "";
    change.mutate({ change: "env", set: { [name]: key, ...(switchesOn ? { [flag.name]: "1" } : {}) } });
  };
  return (
    <form onSubmit={submit}>
      <div className="field">
        <label htmlFor={`key-${name}`}>{t.newKey(name)}</label>
        <input
          id={`key-${name}`}
          name="key"
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          aria-invalid={refused !== undefined}
          aria-describedby={`key-help-${name}`}
        />
        <p id={`key-help-${name}`} className={refused === undefined ? "quiet" : "bad-text"}>
          {refused ?? t.keyHelp}
        </p>
      </div>
      <div className="row">
        <button type="submit" className="primary" disabled={change.isPending}>
          {switchesOn ? t.saveAndOn : texts.save}
        </button>
        {onCancel === undefined ? null : (
          <button type="button" onClick={onCancel}>
            {texts.cancel}
          </button>
        )}
      </div>
    </form>
  );
}

function RemoveKey({ name, change }: { readonly name: string; readonly change: ChangeEnv }) {
  const [sure, setSure] = useState(false);
  if (!sure)
    return (
      <button type="button" className="small danger" onClick={() => setSure(true)}>
        {t.removeKey}
        <span className="visually-hidden"> {name}</span>
      </button>
    );
  return (
    <>
      <span>{t.confirmRemove(name)}</span>
      <button
        type="button"
        className="small danger"
        onClick={() => change.mutate({ change: "env", set: { [name]: null } })}
      >
        {t.removeKey}
      </button>
      <button type="button" className="small" onClick={() => setSure(false)}>
        {texts.cancel}
      </button>
    </>
  );
}

function Verify({ provider }: { readonly provider: ProviderSettings }) {
  const client = useQueryClient();
  const verify = useMutation({
    mutationFn: () => post<Verification>(`/admin/providers/${encodeURIComponent(provider.id)}/verify`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["settings"] }),
  });
  if (!provider.active) return null;
  return (
    <Section title={t.verify}>
      <button type="button" disabled={verify.isPending} onClick={() => verify.mutate()}>
        {verify.isPending ? t.verifying : t.verify}
      </button>
      <div role="status">
        {verify.data?.in_process === true ? <p>{t.inProcess}</p> : null}
        <ul className="plain">
          {verify.data?.keys.map((result) => (
            <li key={result.key ?? ""}>
              <code>{result.key ?? provider.name}</code>{" "}
              <Badge tone={result.state === "OK" ? "good" : result.state === "QUOTA" ? "warn" : "bad"}>
                {t.verifyStates[result.state] ?? result.state}
              </Badge>
              {result.message === null ? null : <p>{result.message}</p>}
            </li>
          ))}
        </ul>
        {verify.error === null ? null : <p className="bad-text">{verify.error.message}</p>}
      </div>
    </Section>
  );
}

function Cooldowns({
  cooldowns,
  provider,
}: {
  readonly cooldowns: readonly ListedCooldown[];
  readonly provider: string;
}) {
  const client = useQueryClient();
  const clear = useMutation({
    mutationFn: () => post("/admin/clear", { name: provider }),
    onSuccess: () => client.invalidateQueries(),
  });
  if (cooldowns.length === 0) return null;
  return (
    <Section title={t.cooldowns}>
      <ul>
        {cooldowns.map((cooldown) => (
          <li key={`${cooldown.key} ${cooldown.model}`}>
            {cooldown.model ?? cooldown.key ?? provider}:{" "}
            {cooldown.last_error ?? cooldown.category ?? texts.noData} ({texts.now.coolingUntil}{" "}
            <Moment at={cooldown.until} />)
          </li>
        ))}
      </ul>
      <button type="button" disabled={clear.isPending} onClick={() => clear.mutate()}>
        {t.clearCooldown}
      </button>
    </Section>
  );
}
