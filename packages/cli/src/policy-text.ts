import type { CacheRule, Midstream, RoutePolicy } from "@headgate/contract";

const MIDSTREAM: Readonly<Record<Midstream, string>> = {
  error: "it ends with an error frame",
  restart: "the next candidate starts anew, while the client has no text",
  continue: "the next candidate goes on from the text that the client has",
};

function cacheText({ off, forMs, shared, tools }: CacheRule): string {
  if (off === true) return "never cached";
  const time = forMs === undefined ? "" : ` for ${forMs / 60_000} min`;
  return `cached${time}${shared === true ? ", shared by clients" : ""}${tools === true ? ", with tool calls" : ""}, where HEADGATE_CACHE is on`;
}

/** A policy's effect on slow and broken upstreams, one line per field. */
export function policyLines({
  firstTokenMs,
  hedgeAfterMs,
  midstream,
  localWaitMs,
  cache,
}: RoutePolicy): string[] {
  const lines: string[] = [];
  if (hedgeAfterMs !== undefined)
    lines.push(`When a candidate is slow: the next one is tried besides after ${hedgeAfterMs} ms.`);
  if (firstTokenMs !== undefined)
    lines.push(`When a candidate sends nothing: the next one is tried instead after ${firstTokenMs} ms.`);
  if (localWaitMs !== undefined)
    lines.push(`When a local model cannot be loaded now: the next one is tried after ${localWaitMs} ms.`);
  if (cache !== undefined) lines.push(`Answers are ${cacheText(cache)}.`);
  if (midstream !== undefined) lines.push(`When a stream breaks: ${MIDSTREAM[midstream]}.`);
  return lines;
}
