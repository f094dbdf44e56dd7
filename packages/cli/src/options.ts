/** Options that several commands share. */
import { Option } from "commander";
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
