/** Figures in words, as the generated documents say them. */
import type { CatalogModel, Limit, Tier } from "@headgate/contract";

/** Tiers as the documents order and explain them. */
export const TIERS: readonly { readonly tier: Tier; readonly title: string; readonly meaning: string }[] = [
  { tier: "free", title: "Free", meaning: "costs nothing within the provider's limits" },
  { tier: "subscription", title: "Subscription", meaning: "runs on a subscription that you already pay for" },
  { tier: "paid", title: "Paid", meaning: "every call costs money" },
  { tier: "local", title: "Local", meaning: "runs on your own hardware" },
];

/** Stands behind what no official source confirms. */
const UNVERIFIED = " ?";

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 3 });

export const number = (value: number): string => grouped.format(value);

export const plural = (count: number, noun: string): string =>
  `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

/** `30 requests/minute`, `1 at a time`, `$0.10/month`; without what the quota is counted per. */
export function quota(limit: Limit): string {
  const { unit, amount, window, verified } = limit;
  const mark = verified === false ? UNVERIFIED : "";
  if (unit === "concurrency") return `${number(amount)} at a time${mark}`;
  const what =
    unit === "usd"
      ? `$${amount.toFixed(2)}`
      : `${number(amount)} ${amount === 1 ? unit.replace(/s$/, "") : unit}`;
  return `${what}/${window ?? "?"}${mark}`;
}

const SCOPES: Readonly<Record<Limit["scope"], string>> = {
  account: "for the whole account",
  model: "for each model",
  ip: "for each IP address",
  "ip-model": "for each model and IP address",
};

const RESETS: ReadonlyMap<string, string> = new Map([
  ["rolling", "rolling window"],
  ["bucket", "refills continuously"],
  ["unknown", "the provider does not say when it resets"],
]);

/** `00:00 UTC` is "at 00:00 UTC", `1st 00:00 UTC` is "on the 1st at 00:00 UTC". */
const resetWords = (reset: string): string =>
  RESETS.get(reset) ??
  (reset.startsWith("1st ") ? `resets on the 1st at ${reset.slice(4)}` : `resets at ${reset}`);

/** A quota with everything that is known about it, as one line of Markdown. */
export function limitSentence(limit: Limit): string {
  const { scope, reset, operations, models, note, counts_failed: countsFailed } = limit;
  const parts = [`${quota(limit)} ${SCOPES[scope]}`];
  if (operations !== undefined) parts.push(`${operations.join(" and ")} only`);
  if (models !== undefined) parts.push(`shared by ${models.map(code).join(", ")}`);
  if (reset !== undefined) parts.push(resetWords(reset));
  if (countsFailed === true) parts.push("failed calls count too");
  const sentence = parts.join("; ");
  return note === undefined ? sentence : `${sentence}. ${oneLine(note)}`;
}

/** `30 requests/minute · 1,000 requests/day`, or nothing. */
export const quotas = (limits: readonly Limit[]): string => limits.map(quota).join(" · ");

/** A quota in a few words, with what it is counted per and for, where that is not the whole account. */
export function shortLimit(limit: Limit): string {
  const { scope, operations } = limit;
  const per = scope === "account" ? "" : ` ${SCOPES[scope].replace("for each", "per")}`;
  return `${quota(limit)}${per}${operations === undefined ? "" : ` (${operations.join(", ")})`}`;
}

/** `3 chat, 1 embedding`: how many models do what, the most frequent operation first. */
export function operationCounts(models: readonly CatalogModel[]): string {
  const counts = new Map<string, number>();
  for (const { operation } of models) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([operation, count]) => `${count} ${operation}`)
    .join(", ");
}

type Fact = CatalogModel["unverified"][number];

/** A model's fact as it stands in a table; marked when no official source confirms it. */
export const fact = (model: CatalogModel, name: Fact, text: string): string =>
  text !== "" && model.unverified.includes(name) ? `${text}${UNVERIFIED}` : text;

/** `2.6 GB RAM, 500 MB per job`. */
export function memoryNeed({ memory }: CatalogModel): string {
  if (memory === undefined) return "";
  const { bytes, device, transientBytes, options, pinned, warm } = memory;
  const parts = [`${size(bytes)} ${device === "cuda" ? "VRAM" : "RAM"}`];
  if (transientBytes > 0) parts.push(`${size(transientBytes)} per job`);
  for (const [name, value] of Object.entries(options)) parts.push(`${name} ${value}`);
  if (pinned) parts.push("pinned");
  if (warm) parts.push("warm");
  return parts.join(", ");
}

const size = (bytes: number): string =>
  bytes < 1e9 ? `${number(Math.round(bytes / 1e6))} MB` : `${number(Math.round(bytes / 1e8) / 10)} GB`;

export const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** Code in Markdown, whatever it contains. */
export function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return longest === 0 ? `\`${text}\`` : `${fence} ${text} ${fence}`;
}

/** Breaks prose at spaces. A word longer than the width gets a line of its own. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of oneLine(text).split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
