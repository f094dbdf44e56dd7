/** `headgate logs`: the end of the background gateway's log, and what is added to it. */
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as sleep } from "node:timers/promises";
import { type Cli, EXIT, Failure } from "../cli.ts";
import type { ServeOptions } from "../serve/setup.ts";
import { findTraces } from "./place.ts";

export interface LogsOptions extends Pick<ServeOptions, "root" | "envFile" | "stateDir"> {
  readonly lines: number;
  readonly follow?: true;
}

const POLL_MS = 200;
/** Read from the end for the last lines. */
const TAIL_BYTES = 1024 * 1024;

export async function logs(cli: Cli, options: LogsOptions): Promise<number> {
  const { log } = findTraces(cli, options).traces;
  if (!existsSync(log))
    throw new Failure(
      `there is no ${log}: no gateway has run in the background here; start one with headgate start`,
    );
  let at = statSync(log).size;
  const tail = readFrom(log, Math.max(0, at - TAIL_BYTES), at);
  const lines = tail.trimEnd().split("\n");
  if (tail.trim() !== "" && options.lines > 0) cli.out(lines.slice(-options.lines).join("\n"));
  const decoder = new StringDecoder("utf8");
  let part = "";
  while (options.follow === true) {
    await sleep(POLL_MS);
    const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    // It was rotated.
    if (size < at) at = 0;
    if (size === at) continue;
    part += decoder.write(bytesFrom(log, at, size));
    at = size;
    const end = part.lastIndexOf("\n");
    if (end === -1) continue;
    cli.out(part.slice(0, end));
    part = part.slice(end + 1);
  }
  return EXIT.ok;
}

const readFrom = (path: string, from: number, to: number): string =>
  bytesFrom(path, from, to).toString("utf8");

function bytesFrom(path: string, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  const file = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}
