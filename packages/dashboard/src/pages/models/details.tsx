/** One model: its limits as declared, learned and used, its forecast, and its score where something was measured. */
import { compactNumber, dateTime, duration, number } from "../../data/format.ts";
import { hashOf } from "../../data/location.ts";
import { useChange } from "../../data/settings.ts";
import type { ModelRow, Score, Settings } from "../../data/types.ts";
import { texts } from "../../texts.ts";
import { Modal, Moment, Section, Table } from "../../ui/parts.tsx";
import { NotSaved, Saved } from "../../ui/settings-parts.tsx";
import { Empty } from "../../ui/states.tsx";
import { ModelState, unitOf } from "./state.tsx";

const t = texts.models;
const PARTS = [
  "total",
  "reliability",
  "speed",
  "headroom",
  "intelligence",
  "thrift",
] as const satisfies (keyof Score)[];

export function ModelDetails({
  model,
  settings,
  onClose,
}: {
  readonly model: ModelRow;
  readonly settings: Settings | undefined;
  readonly onClose: () => void;
}) {
  return (
    <Modal title={model.model} onClose={onClose} wide>
      <p>
        <ModelState model={model} /> {model.cooldown?.last_error}
      </p>
      <div className="row">
        <a className="button" href={hashOf("playground", { model: model.model, kind: model.operation })}>
          {t.tryIt}
        </a>
        <a className="button" href={hashOf("explain", { model: model.model })}>
          {t.explain}
        </a>
        {settings === undefined ? null : <SwitchOff model={model} settings={settings} />}
      </div>
      <dl className="facts">
        <dt>{texts.requests.provider}</dt>
        <dd>{model.provider}</dd>
        <dt>{t.upstream}</dt>
        <dd>
          <code>{model.upstream}</code>
        </dd>
        <dt>{t.columns.context}</dt>
        <dd>{number(model.context_tokens)}</dd>
        <dt>{t.output}</dt>
        <dd>{number(model.max_output_tokens)}</dd>
        <dt>{t.capabilities}</dt>
        <dd>{model.capabilities.length === 0 ? texts.unknown : model.capabilities.join(", ")}</dd>
        <dt>{t.columns.speed}</dt>
        <dd>
          {model.measured === null
            ? texts.noData
            : `${duration(model.measured.first_token_ms)}, ${model.measured.tokens_per_s === null ? texts.unknown : t.perSecond(number(model.measured.tokens_per_s))}`}
        </dd>
      </dl>
      <Section title={t.details}>
        {model.limits.length === 0 ? (
          <Empty>{t.unlimited}</Empty>
        ) : (
          <Table
            caption={t.details}
            rows={model.limits}
            keyOf={(limit) => `${limit.unit} ${limit.window} ${limit.amount}`}
            columns={[
              { name: t.unit, cell: (limit) => unitOf(limit) },
              { name: t.declared, numeric: true, cell: ({ declared }) => compactNumber(declared) },
              { name: t.learned, numeric: true, cell: ({ learned }) => compactNumber(learned) },
              { name: t.used, numeric: true, cell: ({ used }) => compactNumber(used) },
              { name: t.resets, cell: (limit) => <Moment at={limit.resets_at} /> },
            ]}
          />
        )}
        <p>{model.forecast === null ? t.forecastNone : `${t.forecastAt} ${dateTime(model.forecast)}.`}</p>
      </Section>
      <Section title={t.score}>
        {model.score === null ? <Empty>{t.scoreNone}</Empty> : <Scores score={model.score} />}
      </Section>
    </Modal>
  );
}

export function Scores({ score }: { readonly score: Score }) {
  return (
    <dl className="facts">
      {PARTS.map((part) => (
        <div key={part} className="pair">
          <dt>{t.parts[part]}</dt>
          <dd>{score[part].toFixed(2)}</dd>
        </div>
      ))}
    </dl>
  );
}

function SwitchOff({ model, settings }: { readonly model: ModelRow; readonly settings: Settings }) {
  const change = useChange(settings);
  return (
    <>
      <button
        type="button"
        disabled={change.isPending}
        onClick={() =>
          change.mutate({ change: "model", provider: model.provider, alias: model.model, on: false })
        }
      >
        {t.off}
      </button>
      <Saved progress={change.progress} />
      <NotSaved error={change.error} />
    </>
  );
}
