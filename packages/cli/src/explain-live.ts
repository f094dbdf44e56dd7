/** The plan of the running gateway, with cooldowns, used quotas and learned limits. */
import { present } from "@headgate/contract";
import { createColors } from "picocolors";
import type { Cli } from "./cli.ts";
import { type GatewayWhere, runningGateway } from "./running-gateway.ts";
import { alignColumns } from "./table.ts";

interface SkipDetail {
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
    /** The share of its scarcest limit that is left, 0 to 1. */
    readonly room: number;
    readonly score: Readonly<Record<string, number>> | null;
    /** Why it would be skipped when it is about to be tried. */
    readonly full: SkipDetail | null;
    /** What the model refused: requests to it go without these for a day. */
    readonly refused_fields: readonly { readonly field: string; readonly until: string }[];
  }[];
  readonly left_out: readonly (SkipDetail & { readonly model: string; readonly key: string | null })[];
}

export async function fetchLive(
  cli: Cli,
  model: string,
  where: GatewayWhere & { readonly needs?: string },
): Promise<LiveExplanation> {
  const query = new URLSearchParams({ model, ...present({ needs: where.needs }) });
  return (await runningGateway(cli, where).request("GET", `/admin/explain?${query}`)) as LiveExplanation;
}

/** Keys of one provider share what its models refused. */
const unique = (rows: readonly string[][]): string[][] => [
  ...new Map(rows.map((row) => [row.join(" "), row])).values(),
];

const percent = (part: number): string => `${Math.round(part * 100)} %`;
const until = (moment: string | null): string =>
  moment === null ? "" : `until ${moment.replace(".000Z", "Z")}`;

export function liveText(
  { model, strategy, candidates, left_out: leftOut }: LiveExplanation,
  colour: boolean,
): string {
  const paint = createColors(colour);
  const lines = [`${paint.bold(model)}${paint.dim(` (now, ${strategy})`)}`, ""];
  if (candidates.length === 0) lines.push("No candidate answers it now.");
  else {
    lines.push("Tried in this order:");
    const rows = candidates.map(({ model: alias, provider, upstream, key, room, score, full }, position) => [
      `  ${position + 1}.`,
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
  const refused = candidates.flatMap(({ provider, upstream, refused_fields: fields }) =>
    fields.map(({ field, until: end }) => ["  -", `${provider}/${upstream}`, field, until(end)]),
  );
  if (refused.length > 0) {
    lines.push(
      "",
      "Fields that a model refused, and that it is not sent (add them to `drop` of its dialect):",
    );
    lines.push(alignColumns(unique(refused)));
  }
  if (leftOut.length > 0) {
    lines.push("", "Left out:");
    lines.push(
      alignColumns(leftOut.map((one) => ["  -", one.model, one.key ?? "", one.detail, until(one.until)])),
    );
  }
  return lines.join("\n");
}
