/** A request's bytes for one provider: the upstream's model id, and the provider's dialect. */
import { applyDialect, type EncodedRequest, type NativeBody, type Target } from "@headgate/adapter-kit";
import { flatMessages } from "./flatten.ts";
import { unsealedMessages } from "./seals.ts";

const CHAT_PATH = "/chat/completions";
/** Fields that speak to the gateway, not to a model. */
const GATEWAY_FIELDS: readonly string[] = ["mock_testing_fallbacks", "fallbacks", "disable_fallbacks"];

/** Replaces the model and applies the dialect; what neither touches goes on byte for byte. */
export function addressRequest(body: NativeBody, target: Target): EncodedRequest {
  const { provider, deployment } = target;
  const { dialect } = provider;
  const drop = [...GATEWAY_FIELDS, ...dialect.drop];
  const set: Record<string, string> = { model: JSON.stringify(deployment.upstream) };
  const unsealed = unsealedMessages(body, deployment.upstream);
  const flat = dialect.flattenContent === true ? flatMessages(unsealed ?? body.json.messages) : undefined;
  const messages = flat ?? unsealed;
  if (messages !== undefined) set.messages = JSON.stringify(messages);
  const { bytes, dropped } = applyDialect(body, { ...dialect, drop }, set);
  const left = dropped.filter((name) => !GATEWAY_FIELDS.includes(name));
  return {
    path: dialect.chatPath ?? CHAT_PATH,
    headers: {
      "content-type": "application/json",
      accept: body.json.stream === true ? "text/event-stream" : "application/json",
    },
    body: bytes,
    dropped: unsealed === undefined ? left : [...left, "messages[].extra_content"],
  };
}
