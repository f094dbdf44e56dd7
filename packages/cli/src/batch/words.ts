/** Arrival and progress of a batch, in words. */

export interface Forecast {
  readonly model: string;
  readonly free_models: number;
  readonly known: boolean;
  readonly free_done_at: string | null;
  readonly paid_model: string | null;
  readonly paid_usd: number | null;
}

export interface BatchCounts {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
}

const HOUR_MS = 3_600_000;
const BAR = 30;

export function durationText(ms: number): string {
  if (ms < 60_000) return "less than a minute";
  if (ms < 2 * HOUR_MS) return `about ${Math.round(ms / 60_000)} min`;
  return ms < 72 * HOUR_MS
    ? `about ${Math.round(ms / HOUR_MS)} h`
    : `about ${Math.round(ms / 24 / HOUR_MS)} days`;
}

/** "10,000 lines: about 31 h on free tiers, 2.40 USD if you want it by 08:00". */
export function forecastText(
  lines: number,
  forecasts: readonly Forecast[],
  {
    nowMs,
    byMs,
    by,
  }: { readonly nowMs: number; readonly byMs: number | undefined; readonly by: string | undefined },
): string {
  const arrival = freeDoneMs(forecasts);
  const free =
    arrival === undefined
      ? "the limits of its free models are not known, so its arrival is not"
      : arrival === null
        ? "not within 30 days on free tiers"
        : `${durationText(arrival - nowMs)} on free tiers`;
  const usd = paidUsd(forecasts);
  const late = byMs !== undefined && arrival !== undefined && (arrival === null || arrival > byMs);
  const paid = byMs === undefined && arrival !== null ? "" : paidText(usd, late, by);
  return `${lines.toLocaleString("en-US")} lines: ${free}${paid}`;
}

function paidText(usd: number | undefined, late: boolean, by: string | undefined): string {
  if (!late && by !== undefined) return `, in time for ${by}`;
  if (usd === undefined) return "";
  return `, up to ${usd.toFixed(2)} USD${by === undefined ? " on paid models" : ` if you want it by ${by}`}`;
}

/** The latest of all models; null: not within the horizon; undefined: not known. */
function freeDoneMs(forecasts: readonly Forecast[]): number | null | undefined {
  let latest = 0;
  for (const { known, free_done_at } of forecasts) {
    if (!known) return undefined;
    if (free_done_at === null) return null;
    latest = Math.max(latest, Date.parse(free_done_at));
  }
  return latest;
}

function paidUsd(forecasts: readonly Forecast[]): number | undefined {
  let sum = 0;
  for (const { paid_usd } of forecasts) {
    if (paid_usd === null) return undefined;
    sum += paid_usd;
  }
  return sum;
}

export function progressText(
  { total, completed, failed }: BatchCounts,
  startedMs: number,
  nowMs: number,
): string {
  const done = completed + failed;
  const filled = total === 0 ? 0 : Math.floor((BAR * done) / total);
  const bar = "█".repeat(filled) + "░".repeat(BAR - filled);
  const leftMs = done === 0 ? undefined : ((nowMs - startedMs) * (total - done)) / done;
  const left = leftMs === undefined || done === total ? "" : `, ${durationText(leftMs)} left`;
  return `${bar} ${done}/${total}${failed > 0 ? `, ${failed} failed` : ""}${left}`;
}

/** `08:00`: the next time it is that; else a date and time. Undefined for what is neither. */
export function momentMs(text: string, nowMs: number): number | undefined {
  const [, hours, minutes] = /^([01]?[0-9]|2[0-3]):([0-5][0-9])$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) {
    const ms = Date.parse(text);
    return ms > nowMs ? ms : undefined;
  }
  const at = new Date(nowMs);
  at.setHours(Number(hours), Number(minutes), 0, 0);
  if (at.getTime() <= nowMs) at.setDate(at.getDate() + 1);
  return at.getTime();
}
