/** A request's bytes for one provider: the upstream's model id, the provider's dialect, and the wire's own headers. */
import {
  applyToClientBody,
  dialectOf,
  type EncodedRequest,
  type NativeBody,
  type Target,
} from "@headgate/adapter-kit";

/** The only version that the API documents; a client's own value is passed through. */
export const DEFAULT_VERSION = "2023-06-01";
/** Client headers that change the meaning of the body, so that they are forwarded byte for byte. */
const CLIENT_HEADERS = ["anthropic-version", "anthropic-beta"] as const;

/** Replaces the model and applies the dialect; everything else stays byte for byte. */
export function addressRequest(body: NativeBody, target: Target): EncodedRequest {
  const { provider, deployment } = target;
  const dialect = dialectOf(target);
  const { bytes, dropped } = applyToClientBody(body, dialect, {
    model: JSON.stringify(deployment.upstream),
  });
  return {
    path: dialect.chatPath ?? pathFor(provider.baseUrl),
    headers: {
      "content-type": "application/json",
      accept: body.json.stream === true ? "text/event-stream" : "application/json",
      ...wireHeaders(body.headers ?? {}, provider.headers),
    },
    body: bytes,
    dropped,
  };
}

/** Both `https://host` and `https://host/v1` are in use as base URLs. */
const pathFor = (baseUrl: string | undefined): string =>
  baseUrl?.endsWith("/v1") ? "/messages" : "/v1/messages";

/** Headers that the provider fixes are left out here: the runtime sends them. */
function wireHeaders(
  client: Readonly<Record<string, string>>,
  fixed: Readonly<Record<string, string>>,
): Record<string, string> {
  const taken = new Set(Object.keys(fixed).map((name) => name.toLowerCase()));
  const headers: Record<string, string> = {};
  for (const name of CLIENT_HEADERS) {
    const value = client[name] ?? (name === "anthropic-version" ? DEFAULT_VERSION : undefined);
    if (value !== undefined && !taken.has(name)) headers[name] = value;
  }
  return headers;
}
