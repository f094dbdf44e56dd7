import type { Midstream, RoutePolicy } from "@headgate/contract";

const MIDSTREAM: Readonly<Record<Midstream, string>> = {
  error: "it ends with an error",
  restart: "the next candidate begins anew, while no words have been shown",
  continue: "the next candidate goes on from the words that were shown",
};

/** What a policy makes of slow and broken upstreams, a line for each of its fields. */
export function policyLines({ firstTokenMs, hedgeAfterMs, midstream }: RoutePolicy): string[] {
  const lines: string[] = [];
  if (hedgeAfterMs !== undefined)
    lines.push(`When a candidate is slow: the next one is asked besides after ${hedgeAfterMs} ms.`);
  if (firstTokenMs !== undefined)
    lines.push(`When a candidate is silent: the next one is asked instead after ${firstTokenMs} ms.`);
  if (midstream !== undefined) lines.push(`When a stream breaks: ${MIDSTREAM[midstream]}.`);
  return lines;
}
