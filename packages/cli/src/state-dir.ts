/** The state directory: made by the first command that writes into it. */
import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "./cli.ts";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "its file system is read-only",
  ENOSPC: "its disk is full",
  ENAMETOOLONG: "its name is too long",
};

/** @throws {Failure} where it can be neither made nor written */
export function makeStateDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw failure(path, "made", fileInTheWay(path) ?? reasonOf(error));
  }
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw failure(path, "written", reasonOf(error));
  }
}

const failure = (path: string, done: "made" | "written", why: string): Failure =>
  new Failure(
    `the state directory ${path} cannot be ${done}: ${why}; name a folder that this user may write with --state-dir or HEADGATE_STATE_DIR`,
  );

const reasonOf = (error: unknown): string => {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  const reason = REASONS[code];
  return reason === undefined ? code : `${reason} (${code})`;
};

/** The path itself, or the nearest one above it that exists, where that is no folder. */
function fileInTheWay(path: string): string | undefined {
  for (let at = path; ; at = dirname(at)) {
    try {
      return statSync(at).isDirectory() ? undefined : `${at} is a file`;
    } catch {
      // It does not exist, or a file is above it.
    }
    if (at === dirname(at)) return undefined;
  }
}
