/**
 * Records as OpenTelemetry logs, sent to a collector: OTLP over HTTP, in JSON.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import type { UsageRecord } from "@headgate/contract";
import { StoreSettingError } from "@headgate/state/sqlite-file";
import { endOf } from "./rollup.ts";
import type { RecordPlace, Written } from "./store.ts";

const TIMEOUT_MS = 10_000;
const NANO_PER_MS = 1_000_000n;
const SEVERITY = {
  info: { severityNumber: 9, severityText: "INFO" },
  error: { severityNumber: 17, severityText: "ERROR" },
};
const ELSEWHERE =
  "usage records go to the OpenTelemetry collector of HEADGATE_RECORDS_OTLP; ask there, or delete that line to keep them here";

/** @throws StoreSettingError where the address is none */
export function otlpPlace(url: string): RecordPlace {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new StoreSettingError(
      "HEADGATE_RECORDS_OTLP is no address of an OpenTelemetry collector; it looks like http://127.0.0.1:4318.",
    );
  const at = new URL(url);
  if (!at.pathname.endsWith("/v1/logs")) at.pathname = `${at.pathname.replace(/\/$/, "")}/v1/logs`;
  const elsewhere = (): Promise<never> => Promise.reject(new Error(ELSEWHERE));
  return {
    async write(written) {
      const response = await fetch(at, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(logsOf(written)),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`the collector answered ${response.status}`);
    },
    find: elsewhere,
    list: elsewhere,
    usage: elsewhere,
    series: elsewhere,
    rates: elsewhere,
    async sweep() {},
    async close() {},
  };
}

/** Bodies are not sent: they are kept encrypted or not at all. */
const logsOf = (written: readonly Written[]) => ({
  resourceLogs: [
    {
      resource: { attributes: [attribute("service.name", "headgate")] },
      scopeLogs: [
        {
          scope: { name: "headgate.usage" },
          logRecords: written.map(({ json }) => logOf(json, JSON.parse(json))),
        },
      ],
    },
  ],
});

function logOf(json: string, record: UsageRecord) {
  const {
    id,
    client,
    surface,
    model,
    outcome,
    status,
    served,
    usage,
    durationMs,
    firstTokenMs,
    costNanoUsd,
  } = record;
  const nano = String(BigInt(endOf(record)) * NANO_PER_MS);
  const fields: Record<string, string | number | undefined> = {
    "headgate.request.id": id,
    "headgate.client": client,
    "headgate.surface": surface,
    "headgate.outcome": outcome,
    "headgate.duration_ms": durationMs,
    "headgate.time_to_first_token_ms": firstTokenMs,
    "headgate.cost_nano_usd": costNanoUsd,
    "headgate.attempts": record.attempts.length,
    "http.response.status_code": status,
    // https://opentelemetry.io/docs/specs/semconv/gen-ai/
    "gen_ai.provider.name": served?.provider,
    "gen_ai.request.model": model,
    "gen_ai.response.model": served?.upstream,
    "gen_ai.usage.input_tokens": usage?.inputTokens,
    "gen_ai.usage.output_tokens": usage?.outputTokens,
  };
  return {
    timeUnixNano: nano,
    observedTimeUnixNano: nano,
    ...(outcome === "answered" || outcome === "aborted" ? SEVERITY.info : SEVERITY.error),
    body: { stringValue: json },
    attributes: Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [attribute(name, value)],
    ),
  };
}

const attribute = (key: string, value: string | number) => ({
  key,
  value:
    typeof value === "string"
      ? { stringValue: value }
      : Number.isInteger(value)
        ? { intValue: String(value) }
        : { doubleValue: value },
});
