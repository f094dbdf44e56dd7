import type { LogLevel } from "@headgate/contract";

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** True when debug lines are written, so that callers skip building them otherwise. */
  readonly debugs: boolean;
}

const LEVELS: readonly LogLevel[] = ["silent", "error", "warn", "info", "debug"];

/** One line per message: `level message name=value …`. Values are quoted where a space or a quote is in them. */
export function createLog(level: LogLevel, write: (line: string) => void): Log {
  const most = LEVELS.indexOf(level);
  const at = (own: LogLevel) => {
    if (LEVELS.indexOf(own) > most) return () => {};
    return (message: string, fields: LogFields = {}) => {
      const pairs = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => ` ${name}=${plain(String(value))}`);
      write(`${own.padEnd(5)} ${oneLine(message)}${pairs.join("")}`);
    };
  };
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    debugs: most === LEVELS.length - 1,
  };
}

/** Text from upstreams and clients must not forge lines or move a terminal's cursor. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "·");

const plain = (value: string): string => {
  const line = oneLine(value);
  return /^[^\s"=]+$/.test(line) ? line : JSON.stringify(line);
};
