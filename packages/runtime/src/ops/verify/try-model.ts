/** Sends one small request to one model and classifies the result. */
import {
  type Adapter,
  classify,
  classifyError,
  EncodeError,
  isObject,
  type ListingRoute,
  parseJson,
} from "@headgate/adapter-kit";
import type { ChatRequest, Deployment, EmbeddingRequest, Failure, RoutedProvider } from "@headgate/contract";
import { fetchReply, type Reply } from "../../upstream/fetch-reply.ts";
import { observed } from "../../upstream/outcome.ts";
import type { UpstreamPool } from "../../upstream/pools.ts";
import { hide, type KeyAccess } from "./key-access.ts";

export interface UpstreamTarget {
  readonly provider: RoutedProvider;
  readonly adapter: Adapter;
  readonly pool: UpstreamPool;
  readonly timeoutMs: number;
  readonly nowMs: () => number;
}

/** The statuses of servers without such a route. */
export const NO_ROUTE: ReadonlySet<number> = new Set([404, 405, 410, 501]);

/** GETs a listing. @param reference relative to the base URL as a folder */
export function fetchListing(
  { provider, pool, timeoutMs }: UpstreamTarget,
  listing: ListingRoute,
  reference: string,
  baseUrl: string,
  headers: readonly string[],
): Promise<Reply> {
  const url = new URL(reference, `${baseUrl}/`);
  const fixed = new Set(Object.keys(provider.headers).map((name) => name.toLowerCase()));
  const wire = Object.entries(listing.headers ?? {}).filter(([name]) => !fixed.has(name));
  const sent = [...headers, "accept", "application/json", ...wire.flat()];
  return fetchReply(pool, { method: "GET", path: url.pathname + url.search, headers: sent }, timeoutMs);
}

/** The most of an error's body that is read. */
const MAX_ERROR_BYTES = 64 * 1024;

const GREETING: ChatRequest = {
  messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
  stream: false,
  includeUsage: false,
  extra: {},
};
export const ONE_TOKEN: ChatRequest = { ...GREETING, maxOutputTokens: 1 };
const ONE_WORD: EmbeddingRequest = { inputs: ["hi"], extra: {} };

/** `mute`: the adapter cannot encode the request. */
export type Tried = "answered" | "mute" | Failure;

/**
 * The cheapest call that proves a chat or an embedding model. Some models refuse so low an output limit, so a refused
 * chat is sent once more without one.
 */
export async function tryModel(
  target: UpstreamTarget,
  access: KeyAccess,
  deployment: Deployment,
): Promise<Tried> {
  if (deployment.operation === "embedding") return tryEmbedding(target, access, deployment);
  const first = await tryChat(target, access, deployment, ONE_TOKEN);
  if (typeof first === "string" || first.class !== "bad_request") return first;
  return tryChat(target, access, deployment, GREETING);
}

export async function tryChat(
  target: UpstreamTarget,
  access: KeyAccess,
  deployment: Deployment,
  request: ChatRequest,
): Promise<Tried> {
  const { provider, adapter } = target;
  const codec = adapter.chat;
  const encoded = codec && encodedBy(() => codec.encode(request, { provider, deployment }));
  if (codec === undefined || encoded === undefined) return "mute";
  return post(target, access, encoded, (body) => answerFailure(codec, provider, access, body));
}

async function tryEmbedding(
  target: UpstreamTarget,
  access: KeyAccess,
  deployment: Deployment,
): Promise<Tried> {
  const { provider, adapter } = target;
  const codec = adapter.embedding;
  const encoded = codec && encodedBy(() => codec.encode(ONE_WORD, { provider, deployment }));
  if (codec === undefined || encoded === undefined) return "mute";
  return post(target, access, encoded, (body) => {
    const decoded = codec.decode(body);
    if (decoded.ok) return undefined;
    const { error } = decoded;
    return classifyError({ ...error, message: hide(error.message, access.hidden) }, provider.errors);
  });
}

interface Encoded {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

async function post(
  { provider, pool, timeoutMs, nowMs }: UpstreamTarget,
  access: KeyAccess,
  encoded: Encoded,
  judge: (body: Buffer) => Failure | undefined,
): Promise<"answered" | Failure> {
  const basePath = new URL(access.baseUrl).pathname.replace(/\/+$/, "");
  const reply = await fetchReply(
    pool,
    {
      method: "POST",
      path: basePath + encoded.path,
      headers: [...access.headers, ...Object.entries(encoded.headers).flat()],
      body: encoded.body,
    },
    timeoutMs,
  );
  if (!reply.ok) return reply.failure;
  if (reply.status >= 200 && reply.status < 300) return judge(reply.body) ?? "answered";
  return failureOf(reply, provider, access, nowMs());
}

function encodedBy(encode: () => Encoded): Encoded | undefined {
  try {
    return encode();
  } catch (error) {
    if (error instanceof EncodeError) return undefined;
    throw error;
  }
}

type Chat = NonNullable<Adapter["chat"]>;

/** One token often has no content; that still counts as an answer. */
function answerFailure(
  codec: Chat,
  { errors }: RoutedProvider,
  { hidden }: KeyAccess,
  body: Buffer,
): Failure | undefined {
  const last = codec.decodeBody(body).at(-1);
  if (last?.type !== "error") return undefined;
  const failure = classifyError({ ...last.error, message: hide(last.error.message, hidden) }, errors);
  const json = parseJson(body.toString("utf8"));
  if (!isObject(json)) return observed("malformed", "HTTP 200 with something that is no answer", "provider");
  return failure.class === "malformed" && !("error" in json) ? undefined : failure;
}

/** Hides the key before classifying: a message is cut to length, and half a key would not be found. */
export function failureOf(
  { status, headers, body }: Extract<Reply, { ok: true }>,
  { errors }: RoutedProvider,
  { hidden }: KeyAccess,
  nowMs: number,
): Failure {
  const text = body.subarray(0, MAX_ERROR_BYTES).toString("utf8");
  return classify({ status, headers, body: hide(text, hidden) }, errors, nowMs);
}
