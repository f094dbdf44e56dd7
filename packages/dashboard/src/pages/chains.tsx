/** The order in which models are tried, and who is skipped now. A change goes to the overlay. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../data/api.ts";
import { hashOf, setQuery, useLocation } from "../data/location.ts";
import { useSettings } from "../data/settings.ts";
import type { Chain, ChainSettings, Settings } from "../data/types.ts";
import { texts } from "../texts.ts";
import { Badge, Heading } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { ChainEditor } from "./chains/editor.tsx";

const t = texts.chains;

export default function Chains() {
  const settings = useSettings();
  const chains = useQuery({
    queryKey: ["chains"],
    queryFn: ({ signal }) => get<{ chains: readonly Chain[] }>("/admin/chains", signal),
    refetchInterval: 10_000,
  });
  return (
    <>
      <Heading title={texts.pages.chains} />
      <Loaded query={settings}>
        {(data) => <Choose settings={data} live={chains.data?.chains ?? []} />}
      </Loaded>
    </>
  );
}

function Choose({ settings, live }: { readonly settings: Settings; readonly live: readonly Chain[] }) {
  const { query } = useLocation();
  const search = query.get("q") ?? "";
  const words = search.toLowerCase();
  const shown = settings.chains.filter(({ name }) => name.toLowerCase().includes(words));
  const chosen = settings.chains.find(({ name }) => name === query.get("name"));
  return (
    <div className="split">
      <div>
        <div className="field">
          <label htmlFor="chain-search">{t.search}</label>
          <input
            id="chain-search"
            type="search"
            value={search}
            onChange={(event) => setQuery({ q: event.currentTarget.value })}
          />
        </div>
        {shown.length === 0 ? <Empty>{t.none}</Empty> : null}
        <nav aria-label={t.choose} className="chooser">
          <Names kind="group" chains={shown} chosen={chosen?.name} search={search} />
          <Names kind="chain" chains={shown} chosen={chosen?.name} search={search} />
        </nav>
      </div>
      <div>
        {chosen === undefined ? (
          <Empty>{t.pick}</Empty>
        ) : (
          <ChainEditor
            key={`${chosen.kind} ${chosen.name} ${chosen.members.join()}`}
            chain={chosen}
            settings={settings}
            live={live.find(({ name }) => name === chosen.name)}
          />
        )}
      </div>
    </div>
  );
}

function Names({
  kind,
  chains,
  chosen,
  search,
}: {
  readonly kind: ChainSettings["kind"];
  readonly chains: readonly ChainSettings[];
  readonly chosen: string | undefined;
  readonly search: string;
}) {
  const own = chains.filter((chain) => chain.kind === kind);
  if (own.length === 0) return null;
  return (
    <>
      <h2>{t.kinds[kind]}</h2>
      <ul>
        {own.map(({ name, own: changed }) => (
          <li key={name}>
            <a
              href={hashOf("chains", { q: search, name })}
              aria-current={name === chosen ? "page" : undefined}
            >
              {name} {changed ? <Badge tone="info">{t.own}</Badge> : null}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
