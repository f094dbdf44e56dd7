/** Whether one key works, found as cheaply as the provider allows. */
import { type Adapter, classify, classifyError, EncodeError } from "@headgate/adapter-kit";
import type { ChatRequest, Deployment, Failure, RoutedProvider } from "@headgate/contract";
import { observed } from "../outcome.ts";
import type { UpstreamPool } from "../pools.ts";
import { ask, type Reply } from "./ask.ts";

export interface Upstream {
  readonly provider: RoutedProvider;
  readonly adapter: Adapter;
  /** Its chat models that the adapter serves. */
  readonly chats: readonly Deployment[];
  readonly pool: UpstreamPool;
  readonly timeoutMs: number;
  readonly nowMs: () => number;
  /** True: nothing that costs anything is asked, though some keys then stay untried. */
  readonly freeOnly?: boolean;
  /** Whether the listing refuses a caller without a key, asked once for all keys of the provider. */
  listingIsClosed?: Promise<boolean>;
}

/** What requests with one key start with. */
export interface Door {
  /** With the account in its place. */
  readonly baseUrl: string;
  /** Flat; with authentication. */
  readonly headers: readonly string[];
  /** The same without authentication; absent when there is no key. */
  readonly openHeaders?: readonly string[];
  /** What must not show in a failure: the key, and its parts. */
  readonly hidden: readonly string[];
}

/** `by`: what gave the answer. A listing that answers anybody says nothing about a key, and a chat costs a token. */
export interface Finding {
  readonly by: "listing" | "chat" | "nothing";
  /** Absent: the key works. */
  readonly failure?: Failure;
}

/** How many models are tried when the first are gone. */
const MAX_CHATS = 3;
/** Enough for any message. */
const MAX_ERROR_BYTES = 64 * 1024;
const NO_ROUTE: ReadonlySet<number> = new Set([404, 405, 410, 501]);

const ONE_TOKEN: ChatRequest = {
  messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
  stream: false,
  includeUsage: false,
  maxOutputTokens: 1,
  extra: {},
};

export async function checkKey(upstream: Upstream, door: Door): Promise<Finding> {
  const finding = await tryKey(upstream, door);
  const { failure } = finding;
  if (failure === undefined) return finding;
  // Again, for a key that JSON had escaped.
  return { ...finding, failure: { ...failure, message: hide(failure.message, door.hidden) } };
}

async function tryKey(upstream: Upstream, door: Door): Promise<Finding> {
  const listed = await list(upstream, door, door.headers);
  if (listed.kind === "refused") return { by: "listing", failure: listed.failure };
  if (listed.kind === "listed") {
    // A server of one's own that lets everybody in has nothing to prove, and a chat could load a model.
    if (door.openHeaders === undefined || upstream.provider.tier === "local") return { by: "listing" };
    upstream.listingIsClosed ??= refusesStrangers(upstream, door, door.openHeaders);
    if (await upstream.listingIsClosed) return { by: "listing" };
  }
  return upstream.freeOnly === true ? { by: "nothing" } : chat(upstream, door, listed);
}

type Listed =
  | { readonly kind: "listed" }
  /** The route is missing, forbidden to this key, or answers something else: chat must tell. */
  | { readonly kind: "unclear"; readonly failure: Failure }
  | { readonly kind: "refused"; readonly failure: Failure };

async function list(
  { provider, adapter, pool, timeoutMs, nowMs }: Upstream,
  door: Door,
  headers: readonly string[],
): Promise<Listed> {
  const { listing } = adapter;
  const { baseUrl } = door;
  if (listing === undefined) {
    return { kind: "unclear", failure: observed("server_error", "its wire has no listing", "provider") };
  }
  const url = new URL(listing.path(baseUrl), `${baseUrl}/`);
  const fixed = new Set(Object.keys(provider.headers).map((name) => name.toLowerCase()));
  const wire = Object.entries(listing.headers ?? {}).filter(([name]) => !fixed.has(name));
  const sent = [...headers, "accept", "application/json", ...wire.flat()];
  const reply = await ask(pool, { method: "GET", path: url.pathname + url.search, headers: sent }, timeoutMs);
  if (!reply.ok) return { kind: "refused", failure: reply.failure };
  const { status } = reply;
  if (status >= 200 && status < 300) {
    if (isListing(reply.body)) return { kind: "listed" };
    const failure = observed(
      "malformed",
      `HTTP ${status} with something that is no list of models`,
      "provider",
    );
    return { kind: "unclear", failure };
  }
  const failure = failureOf(reply, provider, door, nowMs());
  const forbidden = failure.class === "permission" && failure.scope !== "provider";
  return { kind: NO_ROUTE.has(status) || forbidden ? "unclear" : "refused", failure };
}

async function refusesStrangers(
  upstream: Upstream,
  door: Door,
  openHeaders: readonly string[],
): Promise<boolean> {
  const listed = await list(upstream, door, openHeaders);
  return (
    listed.kind !== "listed" &&
    (listed.failure.status === 401 || /^(dead_key|permission)$/.test(listed.failure.class))
  );
}

async function chat(upstream: Upstream, door: Door, listed: Listed): Promise<Finding> {
  const { provider, adapter, pool, timeoutMs, nowMs } = upstream;
  const basePath = new URL(door.baseUrl).pathname.replace(/\/+$/, "");
  let failure: Failure | undefined;
  for (const deployment of upstream.chats.slice(0, MAX_CHATS)) {
    const codec = adapter.chat;
    const encoded = codec === undefined ? undefined : encodeWith(codec, provider, deployment);
    if (codec === undefined || encoded === undefined) continue;
    const reply = await ask(
      pool,
      {
        method: "POST",
        path: basePath + encoded.path,
        headers: [...door.headers, ...Object.entries(encoded.headers).flat()],
        body: encoded.body,
      },
      timeoutMs,
    );
    failure = !reply.ok
      ? reply.failure
      : reply.status >= 200 && reply.status < 300
        ? answerFailure(codec, provider, door, reply.body)
        : failureOf(reply, provider, door, nowMs());
    if (failure === undefined) return { by: "chat" };
    // Says nothing about the key: another model may be there.
    if (failure.class !== "model_gone") break;
  }
  if (failure !== undefined) return { by: "chat", failure };
  if (listed.kind !== "listed") return { by: "listing", failure: listed.failure };
  const unproven =
    "its listing answers without a key too, and no chat model is switched on to try the key on";
  return { by: "listing", failure: observed("permission", unproven, "provider") };
}

type Chat = NonNullable<Adapter["chat"]>;

function encodeWith(codec: Chat, provider: RoutedProvider, deployment: Deployment) {
  try {
    return codec.encode(ONE_TOKEN, { provider, deployment });
  } catch (error) {
    if (error instanceof EncodeError) return undefined;
    throw error;
  }
}

/** One token is often no content at all; that is an answer nevertheless. */
function answerFailure(
  codec: Chat,
  { errors }: RoutedProvider,
  { hidden }: Door,
  body: Buffer,
): Failure | undefined {
  const last = codec.decodeBody(body).at(-1);
  if (last?.type !== "error") return undefined;
  const failure = classifyError({ ...last.error, message: hide(last.error.message, hidden) }, errors);
  const json = parse(body);
  if (!isRecord(json)) return observed("malformed", "HTTP 200 with something that is no answer", "provider");
  return failure.class === "malformed" && !("error" in json) ? undefined : failure;
}

/** Hides before it classifies: a message is cut to length, and half a key is no longer found. */
function failureOf(
  { status, headers, body }: Extract<Reply, { ok: true }>,
  { errors }: RoutedProvider,
  { hidden }: Door,
  nowMs: number,
): Failure {
  const text = body.subarray(0, MAX_ERROR_BYTES).toString("utf8");
  return classify({ status, headers, body: hide(text, hidden) }, errors, nowMs);
}

/** Upstreams like to quote the key that they refuse. */
const hide = (text: string, hidden: readonly string[]): string =>
  hidden.reduce((shown, part) => shown.replaceAll(part, "[key]"), text);

/** A bare list (Together), or one under `data` or `models`. */
function isListing(body: Buffer): boolean {
  const json = parse(body);
  return Array.isArray(json) || (isRecord(json) && (Array.isArray(json.data) || Array.isArray(json.models)));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
