/** Options that several commands share, so that they are worded once. */
import { Option } from "commander";
import { FORMATS } from "./formats.ts";

export const rootOption = (): Option =>
  new Option("--root <dir>", "the folder with providers/ and fallbacks/ (default: the nearest one upwards)");

export const envFileOption = (): Option =>
  new Option("--env-file <file>", "the .env file to read (default: .env)");

export const formatOption = (): Option =>
  new Option("--format <format>", "how to word findings").choices(FORMATS).default("pretty");

export const jsonOption = (): Option => new Option("--json", "for programs: JSON on stdout");

export const stateDirOption = (): Option =>
  new Option(
    "--state-dir <dir>",
    "where the gateway keeps its state (default: HEADGATE_STATE_DIR, else .headgate)",
  );

export const urlOption = (): Option =>
  new Option("--url <url>", "the running gateway's address (default: from HEADGATE_HOST and HEADGATE_PORT)");
