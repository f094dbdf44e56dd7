/** Numbers, money and moments in the viewer's language and time zone. What is unknown is a dash, never 0. */

export const UNKNOWN = "–";
type Maybe<T> = T | null | undefined;

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const short = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export const number = (value: Maybe<number>): string => (value == null ? UNKNOWN : whole.format(value));
export const compactNumber = (value: Maybe<number>): string =>
  value == null ? UNKNOWN : compact.format(value);
export const share = (part: number, all: number): string =>
  all === 0 ? UNKNOWN : percent.format(part / all);

/** Small amounts keep their digits: a request costs fractions of a cent. */
export function usd(value: Maybe<number>): string {
  if (value == null) return UNKNOWN;
  const digits =
    value === 0 || Math.abs(value) >= 1
      ? 2
      : Math.min(9, Math.max(2, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return new Intl.NumberFormat(undefined, {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(value);
}

export const nanoUsd = (value: Maybe<number>): string => usd(value == null ? value : value / 1e9);

export function duration(ms: Maybe<number>): string {
  if (ms == null) return UNKNOWN;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} d`;
}

export function bytes(value: Maybe<number>): string {
  if (value == null) return UNKNOWN;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  const scaled = value / 1024 ** power;
  return `${scaled.toFixed(power === 0 || scaled >= 100 ? 0 : 1)} ${units[power]}`;
}

const msOf = (at: string | number): number => (typeof at === "number" ? at : Date.parse(at));

export const time = (at: Maybe<string | number>): string => (at == null ? UNKNOWN : clock.format(msOf(at)));
export const dateTime = (at: Maybe<string | number>): string =>
  at == null ? UNKNOWN : moment.format(msOf(at));
export const shortTime = (at: Maybe<string | number>): string =>
  at == null ? UNKNOWN : short.format(msOf(at));

const STEPS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** `in 5 minutes`, `2 hours ago` */
export function fromNow(at: Maybe<string | number>, nowMs: number): string {
  if (at == null) return UNKNOWN;
  const deltaMs = msOf(at) - nowMs;
  const [unit, ms] = STEPS.find(([, length]) => Math.abs(deltaMs) >= length) ?? ["second", 1_000];
  return relative.format(Math.round(deltaMs / ms), unit);
}
