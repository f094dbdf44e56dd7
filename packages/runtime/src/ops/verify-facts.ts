/** Asks one provider about its models under the user's key. Separate from the gateway's entry, so that `serve` does not load it. */
import {
  asObject,
  type EncodedRequest,
  EncodeError,
  limitReadings,
  parseJson,
  refusedField,
  withoutField,
} from "@headgate/adapter-kit";
import type {
  ChatRequest,
  Deployment,
  Failure,
  JsonObject,
  LimitReading,
  RoutingTable,
} from "@headgate/contract";
import { fetchReply, type Reply } from "../upstream/fetch-reply.ts";
import type { Secrets } from "../upstream/live-table.ts";
import { eachProvider } from "./verify/each-provider.ts";
import { hide, type KeyAccess, keyAccess } from "./verify/key-access.ts";
import { type Listing, listModels } from "./verify/list-models.ts";
import { Pacer } from "./verify/pacer.ts";
import { requestsPer } from "./verify/probe.ts";
import { failureOf, type UpstreamTarget } from "./verify/try-model.ts";

export { redact } from "@headgate/adapter-kit";
export type { Listing } from "./verify/list-models.ts";

/**
 * `answer`: one token, with the usual fields. `tools`: a call that it must make. `long`: a longer answer than it can give.
 * `refused`: a field that the fragment leaves out. `unknown`: a model that nothing has.
 */
export type FactCheck = "answer" | "tools" | "long" | "refused" | "unknown";

export interface FactCall {
  readonly deployment: Deployment;
  readonly check: FactCheck;
  /** Of `refused`. */
  readonly field?: string;
  /** Of `long`: the length of the answer that is requested, in tokens. */
  readonly tokens?: number;
}

/** What came of a call. It holds no part of the key. */
export interface Observation {
  readonly alias: string;
  readonly upstream: string;
  readonly check: FactCheck;
  readonly field?: string;
  readonly tokens?: number;
  readonly status?: number;
  /** Absent: it was answered. */
  readonly failure?: Failure;
  /** The refusal as it came, its beginning. */
  readonly body?: string;
  /** Fields that it did not know, left out on a second try. */
  readonly refused: readonly string[];
  readonly calledTool: boolean;
  readonly readings: readonly LimitReading[];
}

export interface FactsInput {
  readonly table: RoutingTable;
  /** The provider's id. */
  readonly provider: string;
  readonly secrets: Secrets;
  readonly version: string;
  /** Per request. */
  readonly timeoutMs: number;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly calls: readonly FactCall[];
  /** The most requests, second tries included. */
  readonly maxRequests: number;
  /** Called after each call, so that a run that is broken off goes on from there. */
  readonly onObserved: (observation: Observation, done: number) => void;
}

export interface FactsSeen {
  readonly listing: Listing | Failure;
  readonly observations: readonly Observation[];
  /** Why the other calls were not made. */
  readonly stopped?: string;
}

/** @returns undefined for a provider that answers in-process */
export async function observeFacts(input: FactsInput): Promise<FactsSeen | undefined> {
  const { results } = await eachProvider(
    input,
    ({ id }) => id === input.provider,
    (target) => observe(target, input),
  );
  return results[0];
}

async function observe(target: UpstreamTarget, input: FactsInput): Promise<FactsSeen> {
  const { provider, nowMs } = target;
  const access = keyAccess(provider, provider.keyVars[0], input);
  if ("class" in access) return { listing: access, observations: [], stopped: access.message };
  const listing = await listModels(target, access);
  const observations: Observation[] = [];
  const pacer = new Pacer(requestsPer("minute", provider), nowMs, input.wait);
  // The other half of the day's requests is for the account's users.
  const room = Math.min(input.maxRequests, Math.max(1, Math.floor(requestsPer("day", provider) / 2)));
  const budget = { left: room };
  let stopped: string | undefined;
  for (const call of input.calls) {
    if (budget.left <= 0) {
      stopped = `${room} requests were made, which is the bound`;
      break;
    }
    const observation = await observeCall(target, access, call, { pacer, budget });
    if (observation === undefined) continue;
    observations.push(observation);
    input.onObserved(observation, observations.length);
    const { failure } = observation;
    if (failure !== undefined && endsIt(failure)) {
      stopped = failure.message;
      break;
    }
  }
  return { listing, observations, ...(stopped === undefined ? {} : { stopped }) };
}

/** A provider that refuses the key or the account, or is out of reach, gets no further request. */
const endsIt = ({ class: kind, scope }: Failure): boolean =>
  scope === "key" ||
  scope === "provider" ||
  kind === "rate_limit" ||
  kind === "daily_quota" ||
  kind === "network";

const UNKNOWN_MODEL = "headgate-no-such-model";
/** What clients usually send. A field that the provider does not know is told by its refusal. */
const USUAL: Pick<ChatRequest, "temperature" | "topP" | "stop" | "seed" | "user"> = {
  temperature: 0,
  topP: 1,
  stop: ["\n\n"],
  seed: 1,
  user: "headgate",
};
const TOOL = {
  name: "open_gate",
  description: "Opens the gate.",
  parameters: {
    type: "object",
    properties: { width: { type: "integer", description: "Centimetres." } },
    required: ["width"],
  },
} satisfies JsonObject;

function requestOf({ check, tokens }: FactCall): ChatRequest {
  const text = check === "tools" ? "Open the gate 40 cm wide." : "Reply with the word ok.";
  const plain: ChatRequest = {
    messages: [{ role: "user", content: [{ type: "text", text }] }],
    stream: false,
    includeUsage: false,
    extra: {},
  };
  if (check === "answer") return { ...plain, ...USUAL, maxOutputTokens: 16 };
  if (check === "tools") return { ...plain, tools: [TOOL], toolChoice: "required", maxOutputTokens: 256 };
  return { ...plain, maxOutputTokens: check === "long" && tokens !== undefined ? tokens : 16 };
}

/** A field that is refused has some value: most are texts, numbers or switches, and the name is judged first. */
const fieldValue = (field: string): string =>
  /penalty|top_|_k$|^n$|seed|num|max/.test(field)
    ? "1"
    : /metadata|bias|options|kwargs/.test(field)
      ? "{}"
      : "true";

const MAX_BODY_CHARS = 4_000;
const MAX_TRIES = 4;

async function observeCall(
  target: UpstreamTarget,
  access: KeyAccess,
  call: FactCall,
  { pacer, budget }: { readonly pacer: Pacer; readonly budget: { left: number } },
): Promise<Observation | undefined> {
  const { provider, adapter, nowMs } = target;
  const { alias, upstream } = call.deployment;
  const deployment =
    call.check === "unknown" ? { ...call.deployment, upstream: UNKNOWN_MODEL } : call.deployment;
  const { chat } = adapter;
  if (chat === undefined) return undefined;
  let encoded: EncodedRequest;
  try {
    encoded = chat.encode(requestOf(call), { provider, deployment });
  } catch (error) {
    if (error instanceof EncodeError) return undefined;
    throw error;
  }
  let body = call.field === undefined ? encoded.body : withField(encoded.body, call.field);
  const refused: string[] = [];
  for (let tries = 1; ; tries += 1) {
    await pacer.turn();
    budget.left -= 1;
    const reply = await post(target, access, encoded, body);
    const seen = {
      alias,
      upstream,
      check: call.check,
      ...(call.field === undefined ? {} : { field: call.field }),
      ...(call.tokens === undefined ? {} : { tokens: call.tokens }),
    };
    if (!reply.ok) return { ...seen, failure: reply.failure, refused, calledTool: false, readings: [] };
    const { status, headers } = reply;
    const readings = limitReadings(headers, nowMs());
    const text = hide(reply.body.subarray(0, 64 * 1024).toString("utf8"), access.hidden);
    if (status >= 200 && status < 300) {
      const events = chat.decodeBody(reply.body);
      const last = events.at(-1);
      const calledTool = events.some(({ type }) => type === "tool-call");
      if (last?.type !== "error" || parseJson(text) !== undefined)
        return { ...seen, status, refused, calledTool, readings };
    }
    const failure = failureOf(reply, provider, access, nowMs());
    const path = call.check === "answer" || call.check === "tools" ? refusedIn(text, failure) : undefined;
    const next =
      path && withoutField({ bytes: body, json: asObject(parseJson(body.toString("utf8"))) ?? {} }, path);
    if (path === undefined || next === undefined || tries >= MAX_TRIES || budget.left <= 0)
      return {
        ...seen,
        status,
        failure,
        body: text.slice(0, MAX_BODY_CHARS),
        refused,
        calledTool: false,
        readings,
      };
    refused.push(path.join("."));
    body = next;
  }
}

/** The words of a message may be cut; the whole body names the field too. */
const refusedIn = (text: string, { class: kind, message }: Failure): readonly string[] | undefined =>
  kind === "bad_request" ? (refusedField(message) ?? refusedField(text)) : undefined;

function withField(body: Buffer, field: string): Buffer {
  const text = body.toString("utf8");
  const end = text.lastIndexOf("}");
  return Buffer.from(`${text.slice(0, end)},${JSON.stringify(field)}:${fieldValue(field)}}`);
}

function post(
  { pool, timeoutMs }: UpstreamTarget,
  access: KeyAccess,
  { path, headers }: EncodedRequest,
  body: Buffer,
): Promise<Reply> {
  const basePath = new URL(access.baseUrl).pathname.replace(/\/+$/, "");
  return fetchReply(
    pool,
    {
      method: "POST",
      path: basePath + path,
      headers: [...access.headers, ...Object.entries(headers).flat()],
      body,
    },
    timeoutMs,
  );
}
