/** What is on, why others are not; keys are entered here and never shown again. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get } from "../data/api.ts";
import { setQuery, useLocation } from "../data/location.ts";
import { useSettings } from "../data/settings.ts";
import type { ListedCooldown, ProviderSettings, Settings } from "../data/types.ts";
import { texts } from "../texts.ts";
import { Heading } from "../ui/parts.tsx";
import { Findings } from "../ui/settings-parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { Manage } from "./providers/manage.tsx";
import { RotateMasterKey } from "./providers/master-key.tsx";
import { AddServer } from "./providers/server.tsx";
import { ProviderState } from "./providers/state.tsx";

const t = texts.providers;
const FILTERS = ["all", "on", "off", "attention"] as const;
type Filter = (typeof FILTERS)[number];
const isFilter = (text: string | null): text is Filter => FILTERS.some((filter) => filter === text);

export default function Providers() {
  const settings = useSettings();
  const cooldowns = useQuery({
    queryKey: ["cooldowns"],
    queryFn: ({ signal }) => get<{ cooldowns: readonly ListedCooldown[] }>("/admin/cooldowns", signal),
    refetchInterval: 10_000,
  });
  return (
    <Loaded query={settings}>
      {(data) => <List settings={data} cooldowns={cooldowns.data?.cooldowns ?? []} />}
    </Loaded>
  );
}

const needsAttention = ({ flag, active }: ProviderSettings, cooling: boolean): boolean =>
  (flag.on && !active) || cooling;

function List({
  settings,
  cooldowns,
}: {
  readonly settings: Settings;
  readonly cooldowns: readonly ListedCooldown[];
}) {
  const { query } = useLocation();
  const [dialog, setDialog] = useState<"server" | "master-key">();
  const search = query.get("q") ?? "";
  const chosen = query.get("show");
  const show: Filter = isFilter(chosen) ? chosen : "all";
  const cooling = new Set(cooldowns.map(({ provider }) => provider));
  const words = search.toLowerCase();
  const rows = settings.providers
    .filter(({ id, name, summary }) => `${id} ${name} ${summary}`.toLowerCase().includes(words))
    .filter((provider) => {
      if (show === "on") return provider.active;
      if (show === "off") return !provider.active;
      return show === "all" || needsAttention(provider, cooling.has(provider.id));
    })
    .sort(
      (a, b) =>
        Number(b.active) - Number(a.active) ||
        Number(b.flag.on) - Number(a.flag.on) ||
        a.name.localeCompare(b.name),
    );
  const managed = settings.providers.find(({ id }) => id === query.get("manage"));
  return (
    <>
      <Heading title={texts.pages.providers}>
        <button type="button" onClick={() => setDialog("server")}>
          {t.addServer}
        </button>
        <button type="button" onClick={() => setDialog("master-key")}>
          {t.rotate}
        </button>
      </Heading>
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        <div className="field">
          <label htmlFor="provider-search">{t.search}</label>
          <input
            id="provider-search"
            type="search"
            value={search}
            onChange={(event) => setQuery({ q: event.currentTarget.value })}
          />
        </div>
        <div className="field">
          <label htmlFor="provider-show">{t.show}</label>
          <select
            id="provider-show"
            value={show}
            onChange={(event) => setQuery({ show: event.currentTarget.value })}
          >
            {FILTERS.map((filter) => (
              <option key={filter} value={filter}>
                {t.filters[filter]}
              </option>
            ))}
          </select>
        </div>
      </form>
      {settings.findings.length === 0 ? null : (
        <details className="note">
          <summary>
            {t.findings} ({settings.findings.length})
          </summary>
          <Findings findings={settings.findings} />
        </details>
      )}
      {rows.length === 0 ? <Empty>{t.none}</Empty> : null}
      <ul className="cards wide">
        {rows.map((provider) => (
          <Card key={provider.id} provider={provider} cooling={cooling.has(provider.id)} />
        ))}
      </ul>
      {managed === undefined ? null : (
        <Manage
          provider={managed}
          settings={settings}
          cooldowns={cooldowns.filter(({ provider }) => provider === managed.id)}
          onClose={() => setQuery({ manage: undefined })}
        />
      )}
      {dialog === "server" ? <AddServer settings={settings} onClose={() => setDialog(undefined)} /> : null}
      {dialog === "master-key" ? (
        <RotateMasterKey settings={settings} onClose={() => setDialog(undefined)} />
      ) : null}
    </>
  );
}

function Card({ provider, cooling }: { readonly provider: ProviderSettings; readonly cooling: boolean }) {
  const set = provider.keys.filter(({ from }) => from !== "none").length;
  const tiers: Readonly<Record<string, string>> = t.tiers;
  return (
    <li className="card">
      <h2>
        {provider.name}
        <ProviderState provider={provider} cooling={cooling} />
      </h2>
      <p>{provider.summary}</p>
      <p className="quiet">
        {tiers[provider.tier] ?? provider.tier} · {t.models(provider.models)}
        {provider.needs_key === "none" ? ` · ${t.noKeyNeeded}` : set > 0 ? ` · ${t.keys}: ${set}` : null}
      </p>
      {provider.flag.on && !provider.active ? <p className="bad-text">{provider.reason}.</p> : null}
      {provider.condition === null ? null : (
        <p className="quiet">
          {provider.condition.state === "limited" ? t.limited : t.unusable}: {provider.condition.reason}
        </p>
      )}
      <button
        type="button"
        aria-label={`${t.manage}: ${provider.name}`}
        onClick={() => setQuery({ manage: provider.id })}
      >
        {t.manage}
      </button>
    </li>
  );
}
