/** The plan that a request would get now: the same answer as headgate explain. */
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { get } from "../data/api.ts";
import { dateTime, share } from "../data/format.ts";
import { setQuery, useLocation } from "../data/location.ts";
import type { Chain, Explained } from "../data/types.ts";
import { texts } from "../texts.ts";
import { Badge, Heading, Section, Table } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";

const t = texts.explain;
const NEEDS = ["tools", "vision", "json", "reasoning", "audio-input"] as const;

export default function Explain() {
  const { query } = useLocation();
  const model = query.get("model") ?? "";
  const needs = (query.get("needs") ?? "").split(",").filter((need) => need !== "");
  const explained = useQuery({
    queryKey: ["explain", model, needs.join()],
    enabled: model !== "",
    queryFn: ({ signal }) =>
      get<Explained>(`/admin/explain?${new URLSearchParams({ model, needs: needs.join() })}`, signal),
    refetchInterval: 10_000,
  });
  return (
    <>
      <Heading title={texts.pages.explain} />
      <Ask key={model} model={model} needs={needs} />
      {model === "" ? (
        <Empty>{t.empty}</Empty>
      ) : (
        <Loaded query={explained}>{(data) => <Plan plan={data} />}</Loaded>
      )}
    </>
  );
}

function Ask({ model, needs }: { readonly model: string; readonly needs: readonly string[] }) {
  const [name, setName] = useState(model);
  const chains = useQuery({
    queryKey: ["chains"],
    queryFn: ({ signal }) => get<{ chains: readonly Chain[] }>("/admin/chains", signal),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setQuery({ model: name.trim() });
  };
  return (
    <form onSubmit={submit} className="card">
      <div className="field">
        <label htmlFor="explain-name">{t.name}</label>
        <input
          id="explain-name"
          list="explain-names"
          required
          value={name}
          aria-describedby="explain-help"
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <datalist id="explain-names">
          {chains.data?.chains.map((chain) => (
            <option key={chain.name} value={chain.name} />
          ))}
        </datalist>
        <p id="explain-help" className="quiet">
          {t.nameHelp}
        </p>
      </div>
      <fieldset>
        <legend>{t.needs}</legend>
        <div className="row">
          {NEEDS.map((need) => (
            <label key={need} className="check">
              <input
                type="checkbox"
                checked={needs.includes(need)}
                onChange={(event) =>
                  setQuery({
                    needs: (event.currentTarget.checked
                      ? [...needs, need]
                      : needs.filter((one) => one !== need)
                    ).join(),
                  })
                }
              />
              {need}
            </label>
          ))}
        </div>
      </fieldset>
      <button type="submit" className="primary">
        {t.run}
      </button>
    </form>
  );
}

function Plan({ plan }: { readonly plan: Explained }) {
  return (
    <>
      <Section title={t.candidates} actions={<Badge tone="info">{`${t.strategy}: ${plan.strategy}`}</Badge>}>
        {plan.candidates.length === 0 ? (
          <Empty>{t.noCandidates}</Empty>
        ) : (
          <ol className="plain">
            {plan.candidates.map((candidate) => (
              <li key={`${candidate.model} ${candidate.key ?? ""}`} className="card">
                <h3>
                  <span>
                    {candidate.model} · {candidate.provider}
                  </span>
                  {candidate.full === null ? (
                    <Badge tone="good">{`${t.room} ${share(candidate.room, 1)}`}</Badge>
                  ) : (
                    <Badge tone="warn">{t.full}</Badge>
                  )}
                </h3>
                <p className="quiet">
                  <code>{candidate.upstream}</code>
                  {candidate.key === null ? null : (
                    <>
                      {" · "}
                      <code>{candidate.key}</code>
                    </>
                  )}
                  {candidate.score === null ? null : ` · ${t.score} ${candidate.score.total.toFixed(2)}`}
                </p>
                {candidate.full === null ? null : <p>{candidate.full.detail}</p>}
              </li>
            ))}
          </ol>
        )}
      </Section>
      <Section title={t.leftOut}>
        {plan.left_out.length === 0 ? (
          <Empty>{t.nothingLeftOut}</Empty>
        ) : (
          <Table
            caption={t.leftOut}
            rows={plan.left_out}
            keyOf={(skip) => `${skip.model} ${skip.key ?? ""} ${skip.reason}`}
            columns={[
              { name: texts.models.columns.model, cell: ({ model }) => model },
              { name: t.reason, cell: ({ detail }) => detail },
              { name: t.until, cell: ({ until }) => dateTime(until) },
            ]}
          />
        )}
      </Section>
    </>
  );
}
