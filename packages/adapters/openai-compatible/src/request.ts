/** A request's bytes for one provider: the upstream's model id, and the provider's dialect. */
import { applyToClientBody, type EncodedRequest, type NativeBody, type Target } from "@headgate/adapter-kit";
import { flatMessages } from "./flatten.ts";
import { unsealedMessages } from "./seals.ts";

const CHAT_PATH = "/chat/completions";

/** Replaces the model and applies the dialect; everything else stays byte for byte. */
export function addressRequest(body: NativeBody, target: Target): EncodedRequest {
  const { provider, deployment } = target;
  const { dialect } = provider;
  const set: Record<string, string> = { model: JSON.stringify(deployment.upstream) };
  const unsealed = unsealedMessages(body, deployment.upstream);
  const flat = dialect.flattenContent === true ? flatMessages(unsealed ?? body.json.messages) : undefined;
  const messages = flat ?? unsealed;
  if (messages !== undefined) set.messages = JSON.stringify(messages);
  const { bytes, dropped } = applyToClientBody(body, dialect, set);
  return {
    path: dialect.chatPath ?? CHAT_PATH,
    headers: {
      "content-type": "application/json",
      accept: body.json.stream === true ? "text/event-stream" : "application/json",
    },
    body: bytes,
    dropped: unsealed === undefined ? dropped : [...dropped, "messages[].extra_content"],
  };
}
