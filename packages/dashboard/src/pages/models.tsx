/** Every model that is served: what it is, what is left of its limits, and how it does. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../data/api.ts";
import { compactNumber, number, usd } from "../data/format.ts";
import { hashOf, setQuery, useLocation } from "../data/location.ts";
import { useChange, useSettings } from "../data/settings.ts";
import type { ModelLimit, ModelRow, Settings } from "../data/types.ts";
import { texts } from "../texts.ts";
import { Heading, Section, Table } from "../ui/parts.tsx";
import { NotSaved, Saved } from "../ui/settings-parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { ModelDetails } from "./models/details.tsx";
import { ModelState, unitOf } from "./models/state.tsx";

const t = texts.models;

export default function Models() {
  const models = useQuery({
    queryKey: ["models"],
    queryFn: ({ signal }) => get<{ models: readonly ModelRow[] }>("/admin/models", signal),
    refetchInterval: 10_000,
  });
  const settings = useSettings();
  return (
    <>
      <Heading title={texts.pages.models} />
      <Loaded query={models}>{(data) => <List models={data.models} settings={settings.data} />}</Loaded>
    </>
  );
}

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

function List({
  models,
  settings,
}: {
  readonly models: readonly ModelRow[];
  readonly settings: Settings | undefined;
}) {
  const { query } = useLocation();
  const search = query.get("q") ?? "";
  const operation = query.get("operation") ?? "";
  const tier = query.get("tier") ?? "";
  const words = search.toLowerCase();
  const shown = models.filter(
    (model) =>
      `${model.model} ${model.provider} ${model.upstream}`.toLowerCase().includes(words) &&
      (operation === "" || model.operation === operation) &&
      (tier === "" || model.tier === tier),
  );
  const open = models.find(({ model }) => model === query.get("open"));
  return (
    <>
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        <div className="field">
          <label htmlFor="model-search">{t.search}</label>
          <input
            id="model-search"
            type="search"
            value={search}
            onChange={(event) => setQuery({ q: event.currentTarget.value })}
          />
        </div>
        <Choice
          name="operation"
          label={t.operation}
          value={operation}
          values={unique(models.map((model) => model.operation))}
        />
        <Choice name="tier" label={t.tier} value={tier} values={unique(models.map((model) => model.tier))} />
      </form>
      {models.length === 0 ? (
        <Empty>
          <p>{t.none}</p>
          <a className="button" href={hashOf("providers")}>
            {texts.now.toProviders}
          </a>
        </Empty>
      ) : shown.length === 0 ? (
        <Empty>{t.noneFiltered}</Empty>
      ) : (
        <Rows models={shown} open={open?.model} />
      )}
      {settings === undefined ? null : <SwitchedOff settings={settings} />}
      {open === undefined ? null : (
        <ModelDetails model={open} settings={settings} onClose={() => setQuery({ open: undefined })} />
      )}
    </>
  );
}

function Choice({
  name,
  label,
  value,
  values,
}: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly values: readonly string[];
}) {
  return (
    <div className="field">
      <label htmlFor={`model-${name}`}>{label}</label>
      <select
        id={`model-${name}`}
        value={value}
        onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
      >
        <option value="">{texts.requests.any}</option>
        {values.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </div>
  );
}

const scarcest = (limits: readonly ModelLimit[]): ModelLimit | undefined =>
  [...limits].sort((a, b) => a.left / a.amount - b.left / b.amount)[0];

function Rows({ models, open }: { readonly models: readonly ModelRow[]; readonly open: string | undefined }) {
  const c = t.columns;
  return (
    <Table
      caption={t.caption}
      rows={models}
      keyOf={({ model }) => model}
      onOpen={({ model }) => setQuery({ open: model })}
      selected={open}
      columns={[
        { name: c.model, cell: ({ model }) => model },
        { name: c.state, cell: (model) => <ModelState model={model} /> },
        { name: texts.requests.provider, cell: ({ provider }) => provider },
        { name: c.limit, cell: ({ limits }) => limitText(scarcest(limits)) },
        {
          name: c.speed,
          numeric: true,
          cell: ({ measured }) =>
            measured?.tokens_per_s == null ? texts.noData : t.perSecond(number(measured.tokens_per_s)),
        },
        {
          name: c.score,
          numeric: true,
          cell: ({ score }) => (score === null ? texts.noData : score.total.toFixed(2)),
        },
        { name: c.operation, cell: ({ operation }) => operation },
        { name: c.context, numeric: true, cell: (model) => compactNumber(model.context_tokens) },
        { name: c.price, numeric: true, cell: (model) => priceOf(model) },
      ]}
    />
  );
}

const priceOf = ({ price, tier }: ModelRow): string =>
  price === null
    ? tier === "free" || tier === "local"
      ? t.free
      : texts.unknown
    : `${usd(price.input)} / ${usd(price.output)}`;

function limitText(limit: ModelLimit | undefined): string {
  if (limit === undefined) return t.unlimited;
  return t.left(compactNumber(limit.left), compactNumber(limit.amount), unitOf(limit));
}

function SwitchedOff({ settings }: { readonly settings: Settings }) {
  const change = useChange(settings);
  if (settings.models_off.length === 0) return null;
  return (
    <Section title={t.offTitle}>
      <Saved progress={change.progress} />
      <NotSaved error={change.error} />
      <ul className="plain">
        {settings.models_off.map(({ alias, provider }) => (
          <li key={alias} className="card row">
            <span>
              {alias} · {provider}
            </span>
            <button
              type="button"
              className="small"
              disabled={change.isPending}
              onClick={() => change.mutate({ change: "model", provider, alias, on: true })}
            >
              {t.on}
              <span className="visually-hidden"> {alias}</span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
