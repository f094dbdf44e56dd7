/** Local models as a table, for `headgate ps`. */
import { createColors } from "picocolors";
import { sizeOf } from "./models/size.ts";
import { alignColumns } from "./table.ts";

/** The part of `GET /admin/resources` that is printed. */
export interface LocalResources {
  readonly devices: readonly {
    readonly device: string;
    readonly totalBytes?: number;
    readonly externalBytes: number;
    readonly committedBytes: number;
    readonly roomBytes?: number;
  }[];
  readonly backends: readonly { readonly backend: string; readonly status: string; readonly why?: string }[];
  readonly residencies: readonly {
    readonly key: string;
    readonly state: string;
    readonly device?: string;
    readonly chargeBytes: number;
    readonly leases: number;
    readonly concurrency: number;
    readonly waiting: number;
    readonly pinned: boolean;
    readonly sinceMs: number;
    readonly failure?: string;
  }[];
  readonly queues: readonly {
    readonly key: string;
    readonly why: string;
    readonly estimateMs: number;
    readonly waiters: readonly { readonly position: number; readonly waitedMs: number }[];
  }[];
  readonly aliases: Readonly<Record<string, readonly string[]>>;
}

export function resourcesText(local: LocalResources, nowMs: number, colour: boolean): string {
  const paint = createColors(colour);
  const { devices, backends, residencies, queues, aliases } = local;
  if (devices.length === 0)
    return "No local model is managed: switch a local provider on in .env (docs/local.md).";
  const name = (key: string): string => aliases[key]?.[0] ?? key;
  const lines = [alignColumns(devices.map(deviceRow))];

  const down = backends.filter(({ status }) => status === "down");
  for (const { backend, why } of down)
    lines.push(paint.red(`${backend} does not answer${why === undefined ? "" : `: ${why}`}`));

  lines.push("");
  if (residencies.length === 0) lines.push("No model is loaded, and no request waits.");
  else {
    const head = ["MODEL", "STATE", "DEVICE", "MEMORY", "JOBS", "WAITING", "FOR"];
    const rows = residencies.map((one) => [
      name(one.key),
      one.pinned ? `${one.state}, pinned` : one.state,
      one.device ?? "-",
      one.chargeBytes === 0 ? "-" : sizeOf(one.chargeBytes),
      `${one.leases}/${one.concurrency}`,
      String(one.waiting),
      one.failure ?? spanOf(nowMs - one.sinceMs),
    ]);
    lines.push(alignColumns([head, ...rows], (cell, row) => (row === 0 ? paint.dim(cell) : cell)));
  }
  for (const { key, why, estimateMs, waiters } of queues) {
    const [first] = waiters;
    const longest = first === undefined ? "" : `, the first for ${spanOf(first.waitedMs)}`;
    const estimate = estimateMs > 0 ? `, about ${spanOf(estimateMs)} left` : "";
    lines.push(paint.dim(`${name(key)}: ${waiters.length} waiting${longest}${estimate} (${why})`));
  }
  return lines.join("\n");
}

function deviceRow({
  device,
  totalBytes,
  committedBytes,
  externalBytes,
  roomBytes,
}: LocalResources["devices"][number]): string[] {
  return [
    device,
    totalBytes === undefined ? "size unknown" : sizeOf(totalBytes),
    `${sizeOf(committedBytes)} for models`,
    `${sizeOf(externalBytes)} used by others`,
    roomBytes === undefined ? "" : `${sizeOf(Math.max(0, roomBytes))} free`,
  ];
}

function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}
