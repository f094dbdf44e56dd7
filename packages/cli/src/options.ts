/** Options that several commands share. */
import { InvalidArgumentError, Option } from "commander";
import { FORMATS } from "./formats.ts";

export const rootOption = (): Option =>
  new Option("--root <dir>", "the folder with providers/ and fallbacks/ (default: the nearest one upwards)");

export const envFileOption = (): Option =>
  new Option("--env-file <file>", "the .env file to read (default: .env)");

export const formatOption = (): Option =>
  new Option("--format <format>", "the format of findings").choices(FORMATS).default("pretty");

export const jsonOption = (): Option => new Option("--json", "print JSON on stdout");

export const stateDirOption = (): Option =>
  new Option(
    "--state-dir <dir>",
    "the gateway's state directory (default: HEADGATE_STATE_DIR, otherwise .headgate)",
  );

export const urlOption = (): Option =>
  new Option(
    "--url <url>",
    "the address of the running gateway (default: from HEADGATE_HOST and HEADGATE_PORT)",
  );

const DEFAULT_TIMEOUT_MS = 15_000;

export const timeoutOption = (): Option =>
  new Option("--timeout-ms <n>", "timeout of one request, in ms")
    .argParser((text: string) => {
      const ms = Number(text);
      if (/^[0-9]{1,7}$/.test(text) && ms > 0) return ms;
      throw new InvalidArgumentError("It must be a whole number of milliseconds, at least 1.");
    })
    .default(DEFAULT_TIMEOUT_MS);

export const hostOption = (): Option =>
  new Option("--host <host>", "the address to listen on (default: HEADGATE_HOST, otherwise 127.0.0.1)");

export const portOption = (): Option =>
  new Option("--port <port>", "the port to listen on (default: HEADGATE_PORT, otherwise 4000)").argParser(
    (text: string) => {
      if (/^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535) return text;
      throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
    },
  );
