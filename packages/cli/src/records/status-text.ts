/** `headgate status` in words. */
import { createColors } from "picocolors";
import { count } from "../cli.ts";
import { cooldownTable, type LiveCooldown } from "../cooldowns-text.ts";
import { alignColumns } from "../table.ts";
import { type SharedKeys, sharedKeysLines } from "./shared-keys-text.ts";
import { plain } from "./why-text.ts";

export interface StatusAnswer {
  readonly pid: number;
  readonly status: string;
  readonly address: string | null;
  readonly version: string;
  readonly started_at: string;
  readonly table: { readonly fingerprint: string; readonly providers: number; readonly models: number };
  readonly keys: number;
  readonly in_flight: number;
  readonly groups: readonly {
    readonly name: string;
    readonly upstreams: number;
    readonly healthy: number;
    readonly cooling: number;
    /** Null: records cannot be read. */
    readonly requests_60_min: number | null;
    readonly state: string;
  }[];
  readonly cooldowns: readonly LiveCooldown[];
  /** Absent: the gateway is older. */
  readonly shared_accounts?: readonly SharedKeys[];
  readonly log: readonly string[];
}

const FINGERPRINT_CHARS = 12;

export function statusText(answer: StatusAnswer, url: string, colour: boolean): string {
  const { pid, status, version, table, keys, groups, cooldowns, log } = answer;
  const paint = createColors(colour);
  const lines = [
    `${paint.bold(`headgate ${version}`)}  ${url}  ${status === "ok" ? paint.green(status) : paint.red(status)}`,
    alignColumns(
      [
        ["process", `${pid}, since ${answer.started_at}`],
        [
          "table",
          `${table.fingerprint.slice(0, FINGERPRINT_CHARS)}: ${count(table.providers, "provider")}, ${count(table.models, "model")}`,
        ],
        ["keys", String(keys)],
        ["in flight", String(answer.in_flight)],
      ].map((row) => ["", ...row]),
    ),
  ];
  if (groups.length > 0) {
    const rows = groups.map((group) => [
      group.name,
      String(group.upstreams),
      String(group.healthy),
      String(group.cooling),
      String(group.requests_60_min ?? "unknown"),
      group.state,
    ]);
    const head = ["GROUP", "UPSTREAMS", "HEALTHY", "COOLING", "REQUESTS (60 MIN)", "STATE"];
    lines.push("", alignColumns([head, ...rows]));
  }
  lines.push("", cooldowns.length === 0 ? "No cooldown." : cooldownTable(cooldowns));
  const shared = sharedKeysLines(answer.shared_accounts ?? []);
  if (shared.length > 0) lines.push("", ...shared);
  if (log.length > 0) lines.push("", "Log:", ...log.map((line) => `  ${plain(line)}`));
  return lines.join("\n");
}
