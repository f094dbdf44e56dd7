/** The plan of the gateway that runs: what is cooling down, what is used up, and what was learned. */
import { createColors } from "picocolors";
import type { Cli } from "./cli.ts";
import { type GatewayWhere, runningGateway } from "./running-gateway.ts";
import { alignColumns } from "./table.ts";

interface Told {
  readonly reason: string;
  readonly detail: string;
  readonly until: string | null;
}

export interface LiveExplanation {
  readonly model: string;
  readonly strategy: string;
  readonly candidates: readonly {
    readonly model: string;
    readonly provider: string;
    readonly upstream: string;
    readonly key: string | null;
    /** The part of its scarcest limit that is left. */
    readonly room: number;
    readonly score: Readonly<Record<string, number>> | null;
    /** Why it would be passed over when its turn came. */
    readonly full: Told | null;
  }[];
  readonly left_out: readonly (Told & { readonly model: string; readonly key: string | null })[];
}

export async function askLive(
  cli: Cli,
  model: string,
  where: GatewayWhere & { readonly needs?: string },
): Promise<LiveExplanation> {
  const query = new URLSearchParams({ model, ...(where.needs === undefined ? {} : { needs: where.needs }) });
  return (await runningGateway(cli, where).ask("GET", `/admin/explain?${query}`)) as LiveExplanation;
}

const percent = (part: number): string => `${Math.round(part * 100)} %`;
const until = (moment: string | null): string =>
  moment === null ? "" : `until ${moment.replace(".000Z", "Z")}`;

export function liveText(
  { model, strategy, candidates, left_out: leftOut }: LiveExplanation,
  colour: boolean,
): string {
  const paint = createColors(colour);
  const lines = [`${paint.bold(model)}${paint.dim(` (now, ${strategy})`)}`, ""];
  if (candidates.length === 0) lines.push("Nothing answers it now.");
  else {
    lines.push("Tried in this order:");
    const rows = candidates.map(({ model: alias, provider, upstream, key, room, score, full }, place) => [
      `  ${place + 1}.`,
      alias,
      `${provider}/${upstream}`,
      key ?? "no key",
      full === null ? `${percent(room)} left` : `${full.detail} ${until(full.until)}`.trim(),
      score === null
        ? ""
        : Object.entries(score)
            .map(([name, value]) =>
              name === "total" ? `score ${value.toFixed(2)}:` : `${name} ${value.toFixed(2)}`,
            )
            .join(" "),
    ]);
    lines.push(alignColumns(rows));
  }
  if (leftOut.length > 0) {
    lines.push("", "Left out:");
    lines.push(
      alignColumns(leftOut.map((one) => ["  -", one.model, one.key ?? "", one.detail, until(one.until)])),
    );
  }
  return lines.join("\n");
}
