/** Tries every kind of model that is on; each answer says which way it took and what it cost. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../data/api.ts";
import { setQuery, useLocation } from "../data/location.ts";
import type { Chain } from "../data/types.ts";
import { texts } from "../texts.ts";
import { Heading } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Chat } from "./playground/chat.tsx";
import { Embedding, ImageMaker, Speech, Transcription } from "./playground/media.tsx";

const t = texts.playground;
const KINDS = ["chat", "image", "speech", "transcription", "embedding"] as const;
type Kind = (typeof KINDS)[number];
const isKind = (text: string | null): text is Kind => KINDS.some((kind) => kind === text);

export default function Playground() {
  const chains = useQuery({
    queryKey: ["chains"],
    queryFn: ({ signal }) => get<{ chains: readonly Chain[] }>("/admin/chains", signal),
  });
  return (
    <>
      <Heading title={texts.pages.playground} />
      <Loaded query={chains}>{(data) => <Choose chains={data.chains} />}</Loaded>
    </>
  );
}

function Choose({ chains }: { readonly chains: readonly Chain[] }) {
  const { query } = useLocation();
  const asked = query.get("model");
  const known = chains.find(({ name }) => name === asked);
  const wanted = query.get("kind") ?? known?.operation ?? "chat";
  const kind: Kind = isKind(wanted) ? wanted : "chat";
  const names = chains.filter(({ operation }) => operation === kind).map(({ name }) => name);
  const model = asked !== null && names.includes(asked) ? asked : (names[0] ?? "");
  return (
    <>
      <div className="filters">
        <div className="field">
          <label htmlFor="kind">{t.kind}</label>
          <select
            id="kind"
            value={kind}
            onChange={(event) =>
              setQuery({ kind: event.currentTarget.value, model: undefined, beside: undefined })
            }
          >
            {KINDS.map((name) => (
              <option key={name} value={name}>
                {t.kinds[name]}
              </option>
            ))}
          </select>
        </div>
        <ModelChoice
          id="model"
          label={t.model}
          names={names}
          value={model}
          onChange={(name) => setQuery({ model: name })}
        />
        {kind === "chat" && names.length > 1 ? (
          <ModelChoice
            id="beside"
            label={t.second}
            names={names}
            value={query.get("beside") ?? ""}
            none={t.noSecond}
            onChange={(name) => setQuery({ beside: name })}
          />
        ) : null}
      </div>
      {query.get("replay") === null ? null : <p className="note">{t.replayed}</p>}
      {model === "" ? (
        <Empty>{t.none}</Empty>
      ) : (
        <Tool kind={kind} model={model} beside={query.get("beside")} />
      )}
    </>
  );
}

function ModelChoice({
  id,
  label,
  names,
  value,
  none,
  onChange,
}: {
  readonly id: string;
  readonly label: string;
  readonly names: readonly string[];
  readonly value: string;
  readonly none?: string;
  readonly onChange: (name: string) => void;
}) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        disabled={names.length === 0}
      >
        {none === undefined ? null : <option value="">{none}</option>}
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function Tool({
  kind,
  model,
  beside,
}: {
  readonly kind: Kind;
  readonly model: string;
  readonly beside: string | null;
}) {
  switch (kind) {
    case "chat":
      return <Chat model={model} beside={beside} />;
    case "image":
      return <ImageMaker key={model} model={model} />;
    case "speech":
      return <Speech key={model} model={model} />;
    case "transcription":
      return <Transcription key={model} model={model} />;
    case "embedding":
      return <Embedding key={model} model={model} />;
  }
}
