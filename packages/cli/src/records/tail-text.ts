/** One line per request, for `headgate tail`. */
import type { UsageRecord } from "@headgate/contract";
import { createColors } from "picocolors";
import { ms, plain } from "./why-text.ts";

const ID_CHARS = 18;
const MODEL_CHARS = 32;

export function tailLine(record: UsageRecord, colour: boolean): string {
  const paint = createColors(colour);
  const { id, atMs, durationMs, model, outcome, status, served, attempts, usage, error } = record;
  const moved = attempts.filter(({ class: failureClass }) => failureClass !== undefined);
  const text = [
    new Date(atMs + durationMs).toISOString().slice(11, 19),
    plain(id).padEnd(ID_CHARS),
    String(status),
    ms(durationMs).padStart(8),
    (plain(model) || "-").padEnd(MODEL_CHARS),
    served === undefined ? "-" : `${served.provider}/${served.upstream}`,
    usage === undefined ? "" : `${usage.inputTokens}+${usage.outputTokens}`,
    moved.length === 0 ? "" : `after ${moved.map((one) => `${one.provider}:${one.class}`).join(", ")}`,
    error === undefined ? "" : plain(error.code ?? error.message),
  ]
    .filter((part) => part !== "")
    .join("  ");
  if (outcome === "answered") return moved.length > 0 ? paint.yellow(text) : text;
  return outcome === "aborted" ? paint.dim(text) : paint.red(text);
}
