/** Behaviours by name, for the control routes: the same factories, their options read from JSON. */

import * as anthropic from "./behaviours/anthropic.ts";
import * as body from "./behaviours/body.ts";
import * as bytes from "./behaviours/bytes.ts";
import * as cohere from "./behaviours/cohere.ts";
import * as connection from "./behaviours/connection.ts";
import * as gemini from "./behaviours/gemini.ts";
import * as healthy from "./behaviours/healthy.ts";
import * as misleading from "./behaviours/misleading.ts";
import * as ollama from "./behaviours/ollama.ts";
import * as failure from "./behaviours/status.ts";
import * as stream from "./behaviours/stream.ts";
import type { FrameOptions } from "./frames.ts";
import type { Gate } from "./gate.ts";
import { isObject, type JsonValue } from "./json.ts";
import { JsonOptions, OptionError } from "./json-options.ts";
import type { LimitOptions } from "./limit-headers.ts";
import type { Behaviour } from "./step.ts";

type Factory = (options: JsonOptions) => Behaviour;

const USAGE = ["asked", "always", "never", "every-chunk", "on-finish", "x-groq"] as const;
const FORMS = ["openrouter", "openai", "vllm", "event", "anthropic"] as const;

const answer = (o: JsonOptions): FrameOptions => ({
  text: o.texts("text"),
  reasoning: o.texts("reasoning"),
  finish: o.text("finish"),
  usage: o.oneOf("usage", USAGE),
});

const limits = (o: JsonOptions): LimitOptions => ({
  style: o.oneOf("style", ["groq", "openrouter", "anthropic"]) ?? "groq",
  requestsLimit: o.number("requestsLimit"),
  requestsRemaining: o.number("requestsRemaining"),
  requestsResetInMs: o.number("requestsResetInMs"),
  tokensLimit: o.number("tokensLimit"),
  tokensRemaining: o.number("tokensRemaining"),
  tokensResetInMs: o.number("tokensResetInMs"),
});

const after = (o: JsonOptions) => ({ after: o.number("after") });
const gated = (o: JsonOptions) => ({ gate: o.gate() });

/** All behaviours, by the name of their factory. */
export const FACTORIES: Readonly<Record<string, Factory>> = {
  healthy: (o) =>
    healthy.healthy({ ...answer(o), headers: o.headers("headers"), everyMs: o.number("everyMs") }),
  withHeaders: (o) => healthy.withHeaders(o.headers("headers") ?? {}, o.inner()),
  withLimits: (o) => healthy.withLimits(limits(o), o.inner()),
  setCookies: (o) => healthy.setCookies(o.inner()),
  byKey: (o) => healthy.byKey(o.behaviours("keys") ?? {}, o.inner("otherwise")),
  concurrencyCap: (o) => healthy.concurrencyCap({ concurrent: o.number("concurrent") }, o.inner()),
  endless: (o) => healthy.endless({ pieceBytes: o.number("pieceBytes"), ...gated(o) }),

  status: (o) =>
    failure.status(o.number("status") ?? 500, {
      retryAfterS: o.number("retryAfterS"),
      retryAfterDateInMs: o.number("retryAfterDateInMs"),
      retryAfterMs: o.number("retryAfterMs"),
      headers: o.headers("headers"),
      message: o.text("message"),
      type: o.text("type"),
      code: o.text("code"),
    }),
  html502: () => failure.html502(),
  anthropicOverloaded: () => failure.anthropicOverloaded(),
  quotaSpent: () => failure.quotaSpent(),
  contextTooLong: (o) => failure.contextTooLong({ maxTokens: o.number("maxTokens") }),
  modelMissing: () => failure.modelMissing(),
  openRouterDailyCap: (o) => failure.openRouterDailyCap({ resetInMs: o.number("resetInMs") }),

  openRouterUserNotFound: () => misleading.openRouterUserNotFound(),
  googleBadKey: (o) => misleading.googleBadKey({ wrapped: o.flag("wrapped") }),
  nvidiaDegraded: () => misleading.nvidiaDegraded(),
  modelScopeRetired: () => misleading.modelScopeRetired(),
  cloudflareBlock: (o) => misleading.cloudflareBlock(o.inner()),
  groqToolUseFailed: () => misleading.groqToolUseFailed(),
  mistralStrict: (o) => misleading.mistralStrict({ fields: o.texts("fields") }, o.inner()),

  resetBeforeHeaders: () => connection.resetBeforeHeaders(),
  closeBeforeHeaders: () => connection.closeBeforeHeaders(),
  closeOnReuse: (o) => connection.closeOnReuse(o.inner()),
  silence: (o) => connection.silence(gated(o), o.inner()),
  slowFirstToken: (o) => connection.slowFirstToken({ ...gated(o), roleFirst: o.flag("roleFirst") }),
  stall: (o) => connection.stall({ ...after(o), ...gated(o) }),
  cut: (o) => connection.cut({ ...after(o), reset: o.flag("reset") }),
  truncatedBody: () => connection.truncatedBody(),
  dribble: (o) => connection.dribble({ ...gated(o), everyMs: o.number("everyMs") }),

  cleanTruncation: (o) => stream.cleanTruncation(after(o)),
  finishWithoutDone: (o) => stream.finishWithoutDone(answer(o)),
  doneWithoutFinish: (o) => stream.doneWithoutFinish(answer(o)),
  twoDones: (o) => stream.twoDones(answer(o)),
  emptyAnswer: () => stream.emptyAnswer(),
  malformedFrame: (o) => stream.malformedFrame(after(o)),
  errorFrame: (o) =>
    stream.errorFrame({
      ...after(o),
      form: o.oneOf("form", FORMS),
      message: o.text("message"),
      code: o.number("code"),
      done: o.flag("done"),
    }),
  keepAliveComments: (o) => stream.keepAliveComments({ ...answer(o), count: o.number("count") }),

  noSpaceAfterData: (o) => bytes.noSpaceAfterData(o.inner()),
  crlf: (o) => bytes.crlf({ split: o.flag("split") }, o.inner()),
  byteOrderMark: (o) => bytes.byteOrderMark(o.inner()),
  splitUtf8: (o) => bytes.splitUtf8(o.inner()),
  oneByteAtATime: (o) => bytes.oneByteAtATime(o.inner()),
  oneChunk: (o) => bytes.oneChunk(o.inner()),
  compressed: (o) =>
    bytes.compressed({ encoding: o.oneOf("encoding", ["gzip", "br", "deflate"]) }, o.inner()),
  closeDelimited: (o) => bytes.closeDelimited(o.inner()),
  trailingGarbage: (o) =>
    bytes.trailingGarbage({ where: o.oneOf("where", ["body", "connection"]) }, o.inner()),

  errorIn200: (o) => body.errorIn200({ message: o.text("message"), code: o.number("code") }),
  empty200: () => body.empty200(),
  html200: () => body.html200(),
  jsonForStream: () => body.jsonForStream(),
  streamForJson: () => body.streamForJson(),
  noChoices: () => body.noChoices(),
  hugeBody: (o) => body.hugeBody({ bytes: o.number("bytes") }),
  hugeFrame: (o) => body.hugeFrame({ bytes: o.number("bytes") }),
  hugeHeaders: (o) => body.hugeHeaders({ bytes: o.number("bytes") }),

  anthropicErrorEvent: (o) =>
    anthropic.anthropicErrorEvent({ ...after(o), type: o.text("type"), message: o.text("message") }),
  anthropicPromptTooLong: () => anthropic.anthropicPromptTooLong(),
  anthropicOutOfCredit: () => anthropic.anthropicOutOfCredit(),

  cohereTrialCap: (o) => cohere.cohereTrialCap({ window: o.oneOf("window", ["minute", "month"]) }),
  cohereFailed: (o) => cohere.cohereFailed({ ...after(o), message: o.text("message") }),

  geminiBlocked: (o) => gemini.geminiBlocked({ reason: o.text("reason") }),
  geminiMalformedCall: (o) => gemini.geminiMalformedCall(after(o)),
  geminiNeedsSignatures: (o) => gemini.geminiNeedsSignatures(o.inner()),
  geminiDailyQuota: () => gemini.geminiDailyQuota(),

  ollamaBusy: () => ollama.ollamaBusy(),
  ollamaOutOfMemory: () => ollama.ollamaOutOfMemory(),
  ollamaMissingModel: () => ollama.ollamaMissingModel(),
  ollamaErrorLine: (o) => ollama.ollamaErrorLine({ ...after(o), message: o.text("message") }),
  ollamaCut: (o) => ollama.ollamaCut(after(o)),
};

/**
 * A behaviour from JSON: its name, or `{"behaviour": name, "options": {…}}`.
 *
 * @throws {OptionError} for an unknown name or option, or one of the wrong type.
 */
export function behaviourFrom(spec: JsonValue | undefined, gate: (name: string) => Gate): Behaviour {
  const { behaviour: name = undefined, options = {} } =
    typeof spec === "string" ? { behaviour: spec } : isObject(spec) ? spec : {};
  if (typeof name !== "string") throw new OptionError('name a "behaviour"; GET /lab/behaviours lists them');
  const factory = Object.hasOwn(FACTORIES, name) ? FACTORIES[name] : undefined;
  if (factory === undefined) {
    throw new OptionError(`unknown behaviour "${name}"; GET /lab/behaviours lists them`);
  }
  if (!isObject(options)) throw new OptionError('"options" must be an object');
  const reader = new JsonOptions(options, { gate, behaviour: (inner) => behaviourFrom(inner, gate) });
  const behaviour = factory(reader);
  reader.finish();
  return behaviour;
}
