/** How long an old key stays valid after a rotation. */
import { periodMs } from "@headgate/contract";
import { EXIT, Failure } from "../cli.ts";

/** @throws {Failure} wrong usage */
export function graceMsOf(text: string): number {
  const ms = text === "0" ? 0 : periodMs(text);
  if (ms !== undefined) return ms;
  throw new Failure(
    `--grace takes a period such as 24h or 30m, or 0: the old key ends at once; not ${JSON.stringify(text)}`,
    EXIT.usage,
  );
}
