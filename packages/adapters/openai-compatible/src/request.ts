/** A request's bytes for one provider: the upstream's model id, and the provider's dialect. */
import {
  applyToClientBody,
  dialectOf,
  type EncodedRequest,
  fieldEdits,
  type NativeBody,
  namedOf,
  type Target,
  withFieldEdits,
} from "@headgate/adapter-kit";
import { unsealedMessages } from "./seals.ts";

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
  const messages = unsealedMessages(body, upstream);
  if (messages !== undefined) members.messages = JSON.stringify(messages);
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
    dropped: messages === undefined ? named : [...named, "messages[].extra_content"],
  };
}
