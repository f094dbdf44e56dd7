import type { LogFormat, LogLevel } from "@headgate/contract";
import { pino, stdTimeFunctions } from "pino";

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** True when debug lines are written, so that callers skip building them otherwise. */
  readonly debugs: boolean;
  /** The last lines, the oldest first. */
  readonly recent: readonly string[];
}

export interface LogStyle {
  readonly format?: LogFormat;
  /** Lines of text begin with the time where a clock is given. */
  readonly nowMs?: () => number;
}

const LEVELS: readonly LogLevel[] = ["silent", "error", "warn", "info", "debug"];
const RECENT = 50;

/**
 * One line per message. As text: `level message name=value …`; values are quoted where a space or a quote is in them. As
 * JSON: pino's, with time and level.
 */
export function createLog(
  level: LogLevel,
  write: (line: string) => void,
  { format = "text", nowMs }: LogStyle = {},
): Log {
  const most = LEVELS.indexOf(level);
  const recent: string[] = [];
  const keep = (line: string): void => {
    if (recent.length === RECENT) recent.shift();
    recent.push(line);
    write(line);
  };
  const put = format === "text" ? textWriter(keep, nowMs) : jsonWriter(keep);
  const at = (own: Own) => {
    if (LEVELS.indexOf(own) > most) return () => {};
    return (message: string, fields: LogFields = {}) => put(own, message, fields);
  };
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    debugs: most === LEVELS.length - 1,
    recent,
  };
}

type Own = Exclude<LogLevel, "silent">;
type Put = (level: Own, message: string, fields: LogFields) => void;

function jsonWriter(write: (line: string) => void): Put {
  const logger = pino(
    {
      level: "debug",
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => write(line.trimEnd()) },
  );
  return (level, message, fields) => logger[level](fields, message);
}

function textWriter(write: (line: string) => void, nowMs: (() => number) | undefined): Put {
  return (level, message, fields) => {
    const pairs = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${name}=${plain(String(value))}`);
    const time = nowMs === undefined ? "" : `${new Date(nowMs()).toISOString().slice(11, 19)} `;
    write(`${time}${level.padEnd(5)} ${oneLine(message)}${pairs.join("")}`);
  };
}

/** Text from upstreams and clients must not forge lines or move a terminal's cursor. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "·");

const plain = (value: string): string => {
  const line = oneLine(value);
  return /^[^\s"=]+$/.test(line) ? line : JSON.stringify(line);
};
