import type { ProviderSettings } from "../../data/types.ts";
import { texts } from "../../texts.ts";
import { Badge } from "../../ui/parts.tsx";

const t = texts.providers;

export function ProviderState({
  provider,
  cooling,
}: {
  readonly provider: ProviderSettings;
  readonly cooling: boolean;
}) {
  if (provider.active && cooling) return <Badge tone="warn">{t.cooling}</Badge>;
  if (provider.active) return <Badge tone="good">{t.on}</Badge>;
  return provider.flag.on ? <Badge tone="bad">{t.attention}</Badge> : <Badge tone="off">{t.off}</Badge>;
}
