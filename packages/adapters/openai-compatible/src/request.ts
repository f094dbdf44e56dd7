/** A request's bytes for one provider: the upstream's model id, and the provider's dialect. */
import {
  applyToClientBody,
  asArray,
  dialectOf,
  type EncodedRequest,
  exactBody,
  fieldEdits,
  type NativeBody,
  namedOf,
  type Target,
  withFieldEdits,
} from "@headgate/adapter-kit";
import type { JsonValue } from "@headgate/contract";
import { lostDetails, withOwnDetails } from "./own-details.ts";
import { hasForeignSeals, withoutSeals } from "./seals.ts";

const CHAT_PATH = "/chat/completions";

/**
 * Replaces the model and applies the dialect's rules for fields; everything else stays byte for byte.
 * @param fresh members whose value in `json` is another than in the bytes
 */
export function addressRequest(
  body: NativeBody,
  target: Target,
  fresh: readonly string[] = [],
): EncodedRequest {
  const own = dialectOf(target);
  const { upstream } = target.deployment;
  const members: Record<string, string> = { model: JSON.stringify(upstream) };
  for (const name of fresh)
    if (body.json[name] !== undefined) members[name] = JSON.stringify(body.json[name]);
  const fitted = fittedMessages(body, target, fresh.includes("messages"));
  if (fitted !== undefined) members.messages = JSON.stringify(fitted.messages);
  const edits = fieldEdits(body.json, own);
  const { dialect, set } = withFieldEdits(own, members, edits);
  const { bytes, dropped } = applyToClientBody(body, dialect, set);
  const named = namedOf(dropped, edits);
  return {
    path: dialect.chatPath ?? CHAT_PATH,
    headers: {
      "content-type": "application/json",
      accept: body.json.stream === true ? "text/event-stream" : "application/json",
    },
    body: bytes,
    dropped: fitted === undefined ? named : [...named, ...fitted.dropped],
  };
}

interface FittedMessages {
  readonly messages: readonly JsonValue[];
  readonly dropped: readonly string[];
}

/**
 * Messages without what another model sealed; undefined where nothing changes.
 * @param ruled they are not those of the bytes
 */
function fittedMessages(body: NativeBody, target: Target, ruled: boolean): FittedMessages | undefined {
  const { upstream } = target.deployment;
  const given = asArray(body.json.messages);
  if (given === undefined) return undefined;
  const sealed = hasForeignSeals(given, upstream);
  const detailed = dialectOf(target).reasoning?.field === "reasoning_details";
  if (!sealed && !(detailed && withOwnDetails(given, upstream) !== given)) return undefined;
  // Long integers keep their digits.
  const exact = ruled ? given : (asArray(exactBody(body).messages) ?? given);
  const unsealed = sealed ? withoutSeals(exact) : exact;
  const messages = detailed ? withOwnDetails(unsealed, upstream) : unsealed;
  const lost = detailed && lostDetails(unsealed, messages);
  return {
    messages,
    dropped: [
      ...(sealed ? ["messages[].extra_content"] : []),
      ...(lost ? ["messages[].reasoning_details"] : []),
    ],
  };
}
