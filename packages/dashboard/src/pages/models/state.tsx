import { fromNow } from "../../data/format.ts";
import type { ModelLimit, ModelRow } from "../../data/types.ts";
import { texts } from "../../texts.ts";
import { Badge } from "../../ui/parts.tsx";
import { useNow } from "../../ui/states.tsx";

const t = texts.models;

export const unitOf = ({ unit, window }: Pick<ModelLimit, "unit" | "window">): string =>
  t.window(t.unitNames[unit] ?? unit, window);

export function ModelState({ model }: { readonly model: ModelRow }) {
  const nowMs = useNow();
  if (!model.served) return <Badge tone="off">{t.notServed}</Badge>;
  if (model.open > 0) return <Badge tone="good">{t.open}</Badge>;
  return (
    <>
      <Badge tone="warn">{t.cooling}</Badge>{" "}
      <span className="quiet">{fromNow(model.cooldown?.until, nowMs)}</span>
    </>
  );
}
