/** One usage record in words: the plan, the attempts, and how it ended. */
import type { FoundRecord, RecordedAttempt, RecordedCandidate, UsageRecord } from "@headgate/contract";
import { createColors } from "picocolors";
import { alignColumns } from "../table.ts";

const NANO = 1_000_000_000;

/** Null: unknown. */
export const usd = (nanoUsd: number | undefined): string =>
  nanoUsd === undefined
    ? "unknown"
    : nanoUsd === 0
      ? "0"
      : `$${(nanoUsd / NANO).toFixed(6).replace(/(\.[0-9]*?[1-9])0+$/, "$1")}`;

export const ms = (value: number): string =>
  value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;

const via = ({ provider, upstream }: RecordedCandidate): string => `${provider}/${upstream}`;

/** Text of upstreams and clients moves no cursor. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "·");

const ENDS: Readonly<Record<UsageRecord["outcome"], string>> = {
  answered: "answered",
  broken: "the stream broke",
  aborted: "the client went away",
  refused: "refused",
};

export function whyText({ record, bodies, sealed, others }: FoundRecord, colour: boolean): string {
  const paint = createColors(colour);
  const { id, atMs, model, route, outcome, status, attempts, skipped, plan, usage, served, error } = record;
  const good = outcome === "answered" ? paint.green : paint.red;
  const lines = [
    `${paint.bold(plain(id))}  ${new Date(atMs).toISOString()}  ${good(ENDS[outcome])} (${status})`,
    "",
    alignColumns(
      [
        [
          "asked",
          `${plain(model)}${route === undefined || route === model ? "" : `, as ${route}`}${record.stream ? ", streamed" : ""}`,
        ],
        [
          "by",
          [record.client, plain(record.program ?? ""), record.surface]
            .filter((text) => text !== "")
            .join(", "),
        ],
        ["served by", served === undefined ? "none" : `${via(served)} with ${served.key ?? "no key"}`],
        [
          "time",
          `${ms(record.durationMs)}${record.firstTokenMs === undefined ? "" : `, first token after ${ms(record.firstTokenMs)}`}`,
        ],
        ["tokens", usage === undefined ? "none" : tokensText(record)],
        [
          "cost",
          `${usd(record.costNanoUsd)}; list price ${usd(record.listNanoUsd)}; as asked ${usd(record.askedNanoUsd)}`,
        ],
        ...(record.session === undefined ? [] : [["session", record.session]]),
        ...(error === undefined ? [] : [["told", `${error.code ?? ""} ${plain(error.message)}`.trim()]]),
      ].map((row) => ["", ...row]),
    ),
  ];
  const cause = causeOf(record);
  if (cause !== undefined) lines.push("", `Cause: ${paint.bold(cause)}`);
  if (plan.length > 0)
    lines.push(
      "",
      `Plan${record.strategy === undefined ? "" : ` (${record.strategy})`}:`,
      alignColumns(plan.map((one, at) => [`  ${at + 1}.`, one.model, via(one), one.key ?? "no key"])),
    );
  if (attempts.length > 0) lines.push("", "Attempts:", alignColumns(attempts.map(attemptRow)));
  if (skipped.length > 0)
    lines.push(
      "",
      "Left out:",
      alignColumns(
        skipped.map(({ model: alias, key, reason, detail, untilMs }) => [
          "  -",
          alias,
          key ?? "",
          reason,
          plain(detail),
          untilMs === undefined ? "" : `until ${new Date(untilMs).toISOString()}`,
        ]),
      ),
    );
  if (bodies?.request !== undefined) lines.push("", "Request:", plain(bodies.request));
  if (bodies?.answer !== undefined) lines.push("", "Answer:", plain(bodies.answer));
  if (sealed === true)
    lines.push(
      "",
      paint.dim("Its bodies are kept, encrypted with a secret that this command does not have."),
    );
  if (others > 0) lines.push("", paint.dim(`${others} older with the same id`));
  return lines.join("\n");
}

/** The failure that decided: of the request, or of the attempt that made it move on. */
export function causeOf({ outcome, attempts, error }: UsageRecord): string | undefined {
  const last = attempts.findLast((one) => one.class !== undefined);
  if (outcome === "answered") {
    const first = attempts.find((one) => one.class !== undefined);
    return first === undefined ? undefined : `moved on from ${via(first)}: ${first.class}`;
  }
  if (last !== undefined) return `${via(last)}: ${last.class}`;
  return error?.code ?? error?.message;
}

function attemptRow(attempt: RecordedAttempt, at: number): string[] {
  const { outcome, class: failureClass, message, status, usage, costNanoUsd } = attempt;
  return [
    `  ${at + 1}.`,
    via(attempt),
    attempt.key ?? "no key",
    outcome,
    failureClass ?? "",
    status === undefined ? "" : String(status),
    ms(attempt.ms),
    usage === undefined ? "" : `${usage.inputTokens} in, ${usage.outputTokens} out, ${usd(costNanoUsd)}`,
    plain(message ?? ""),
  ];
}

function tokensText({ usage, counted }: UsageRecord): string {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens, reasoningTokens, soundS } = usage ?? {};
  if (soundS !== undefined) return `${soundS} s of sound`;
  const parts = [
    `${inputTokens} in${cachedInputTokens === undefined ? "" : ` (${cachedInputTokens} cached)`}`,
    `${outputTokens} out${reasoningTokens === undefined ? "" : ` (${reasoningTokens} reasoning)`}`,
  ];
  return `${parts.join(", ")}${counted === "estimated" ? ", estimated" : ""}`;
}
