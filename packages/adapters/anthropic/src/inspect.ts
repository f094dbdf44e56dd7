/** Checks a whole message for a client of the same wire, by its top level alone. */
import { type BodyVerdict, lastMember, parseJson, type TopLevel, topLevel } from "@headgate/adapter-kit";
import { present } from "@headgate/contract";
import { bodyError } from "./answer-error.ts";
import { UsageReader } from "./usage.ts";

export function inspectBody(bytes: Buffer): BodyVerdict {
  const object = topLevel(bytes);
  const value = (name: string): string | undefined =>
    object === undefined ? undefined : textOf(object, name);
  const failed = value("type") === '"error"' || (value("error") ?? "null") !== "null";
  if (failed || value("content")?.startsWith("[") !== true) {
    return { ok: false, error: bodyError(bytes.toString("utf8")) };
  }
  const counted = value("usage");
  const reader = new UsageReader();
  if (counted !== undefined) reader.read(parseJson(counted));
  const { usage } = reader;
  const empty =
    (usage?.outputTokens ?? 0) === 0 &&
    value("stop_reason") === '"end_turn"' &&
    /^\[\s*\]$/.test(value("content") ?? "");
  return { ok: true, ...present({ usage }), ...(empty ? { empty } : {}) };
}

function textOf(object: TopLevel, name: string): string | undefined {
  const member = lastMember(object, name);
  return member === undefined ? undefined : object.text.slice(member.valueStart, member.valueEnd);
}
