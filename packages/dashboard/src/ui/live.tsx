import { useLive } from "../data/events.tsx";
import { texts } from "../texts.ts";
import { Badge } from "./parts.tsx";

/** Whether what is shown follows by itself. */
export function LiveBadge() {
  const { up } = useLive();
  if (up === true) return <Badge tone="good">{texts.live.on}</Badge>;
  if (up === undefined) return <Badge tone="off">{texts.live.connecting}</Badge>;
  return (
    <span role="status" title={texts.live.lostNote}>
      <Badge tone="bad">{texts.live.lost}</Badge>
    </span>
  );
}
