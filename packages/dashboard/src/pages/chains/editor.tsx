/** One chain or group: its order, a difference before it is saved, and the way back to the catalogue. */
import { useState } from "react";
import { dateTime } from "../../data/format.ts";
import { hashOf } from "../../data/location.ts";
import { useChange, usePreview } from "../../data/settings.ts";
import type { Chain, ChainSettings, Settings } from "../../data/types.ts";
import { texts } from "../../texts.ts";
import { Badge, Section } from "../../ui/parts.tsx";
import { Diff, Findings, NotSaved, Saved } from "../../ui/settings-parts.tsx";
import { Sortable } from "../../ui/sortable.tsx";
import { Empty } from "../../ui/states.tsx";

const t = texts.chains;

export function ChainEditor({
  chain,
  settings,
  live,
}: {
  readonly chain: ChainSettings;
  readonly settings: Settings;
  readonly live: Chain | undefined;
}) {
  const [order, setOrder] = useState(chain.members);
  const change = useChange(settings);
  const preview = usePreview(settings);
  const edited = order.join() !== chain.members.join();
  const { kind, name } = chain;
  const states = new Map(live?.members.map((member) => [member.model, member]));
  const stateOf = (model: string) => {
    const member = states.get(model);
    if (member === undefined) return <Badge tone="off">{t.notOn}</Badge>;
    if (member.skipped === null) return <Badge tone="good">{t.open}</Badge>;
    const { detail, until } = member.skipped;
    return (
      <>
        <Badge tone="warn">{t.skippedNow}</Badge>{" "}
        <span className="quiet">
          {detail}
          {until === null ? null : `; ${texts.requests.until} ${dateTime(until)}`}
        </span>
      </>
    );
  };
  return (
    <Section
      title={name}
      actions={
        <a className="button" href={hashOf("explain", { model: name })}>
          {t.explain}
        </a>
      }
    >
      {live?.description == null ? null : <p>{live.description}</p>}
      {kind === "chain" ? <p className="quiet">{t.alias(name)}</p> : null}
      <p className="quiet">{t.help}</p>
      {order.length === 0 ? <Empty>{t.empty}</Empty> : null}
      <Sortable
        items={order}
        label={t.order}
        onChange={(next) => {
          setOrder(next);
          preview.reset();
        }}
        render={(model) => (
          <>
            <span>{model}</span> {stateOf(model)}
          </>
        )}
      />
      <Add
        choices={settings.aliases
          .filter(
            ({ alias, operation }) =>
              operation === chain.operation && alias !== name && !order.includes(alias),
          )
          .map(({ alias }) => alias)}
        onAdd={(alias) => setOrder([...order, alias])}
      />
      <div className="row">
        <button
          type="button"
          disabled={!edited || preview.isPending}
          onClick={() => preview.mutate({ change: "chain", kind, name, members: order })}
        >
          {t.preview}
        </button>
        <button
          type="button"
          className="primary"
          disabled={!edited || change.isPending}
          onClick={() => change.mutate({ change: "chain", kind, name, members: order })}
        >
          {t.saveOverlay}
        </button>
        <button type="button" disabled={!edited} onClick={() => setOrder(chain.members)}>
          {t.undo}
        </button>
        {chain.own ? (
          <button
            type="button"
            className="danger"
            disabled={change.isPending}
            onClick={() => change.mutate({ change: "chain", kind, name, members: null })}
          >
            {t.reset}
          </button>
        ) : null}
      </div>
      <Saved progress={change.progress} />
      <NotSaved error={change.error ?? preview.error} />
      {preview.data === undefined ? null : (
        <div className="card">
          <h3>
            {texts.settings.diff}: {preview.data.file}
          </h3>
          <Diff text={preview.data.diff} />
          <Findings findings={preview.data.findings} />
        </div>
      )}
    </Section>
  );
}

function Add({
  choices,
  onAdd,
}: {
  readonly choices: readonly string[];
  readonly onAdd: (alias: string) => void;
}) {
  const [chosen, setChosen] = useState("");
  const known = choices.includes(chosen);
  return (
    <div className="field">
      <label htmlFor="chain-add">{t.add}</label>
      <div className="row nowrap">
        <input
          id="chain-add"
          list="chain-choices"
          value={chosen}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
        <datalist id="chain-choices">
          {choices.map((alias) => (
            <option key={alias} value={alias} />
          ))}
        </datalist>
        <button
          type="button"
          disabled={!known}
          onClick={() => {
            onAdd(chosen);
            setChosen("");
          }}
        >
          {t.addButton}
        </button>
      </div>
    </div>
  );
}
