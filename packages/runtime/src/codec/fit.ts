/**
 * A chat request as one candidate takes it: natively where the wires match and the candidate's rules change nothing, else
 * through the canonical form with the rules applied.
 */
import {
  applyMessageRules,
  type ChatCodec,
  dialectOf,
  type EncodedRequest,
  EncodeError,
  messageNeed,
  type NativeBody,
  type NativeCodec,
  type NativeWire,
  PairJoiner,
  type RuledRequest,
  restoreNames,
  restoringDecoder,
  type Target,
  wellFormedJson,
} from "@headgate/adapter-kit";
import type { ChatRequest } from "@headgate/contract";
import { ClientError } from "../http/client-error.ts";
import { type Decoders, filtered, NestedArguments, nestingTools, StopCutter } from "./answer-filters.ts";
import type { SurfaceRequest } from "./surface-request.ts";

export type { Decoders } from "./answer-filters.ts";

/** The wires that an adapter's chat models take. */
export interface ChatCodecs {
  readonly chat: ChatCodec;
  readonly second?: NativeWire | undefined;
}

export interface Fitted {
  readonly encoded: EncodedRequest;
  /** Relays the answer unread; undefined: the answer is translated. */
  readonly native: NativeCodec | undefined;
  readonly decoders: Decoders;
}

/** @throws {EncodeError} for what the candidate's wire or its rules cannot express */
export function fit(request: SurfaceRequest, codecs: ChatCodecs, target: Target): Fitted {
  return finished(request, fitted(request, codecs, target), target);
}

/** With the answer's filters: an answer that goes through one is written anew. */
function finished(request: SurfaceRequest, one: Fitted, target: Target): Fitted {
  const cuts = one.encoded.dropped.some((name) => STOPS.has(name));
  const nested = dialectOf(target).answers?.nested === true;
  const chat = cuts || nested ? canonicalOf(request) : undefined;
  if (chat === undefined) return one;
  const { stop = [] } = chat;
  const nesting = nested ? nestingTools(chat) : undefined;
  const filters = [
    ...(cuts && stop.length > 0 ? [() => new StopCutter(stop)] : []),
    ...(nesting !== undefined && nesting.size > 0 ? [() => new NestedArguments(nesting)] : []),
  ];
  return filters.length === 0
    ? one
    : { ...one, native: undefined, decoders: filtered(one.decoders, filters) };
}

/** The names of stop sequences on the clients' wires. */
const STOPS: ReadonlySet<string> = new Set([
  "stop",
  "stop_sequences",
  "generationConfig.stopSequences",
  "options.stop",
]);

function fitted(request: SurfaceRequest, codecs: ChatCodecs, target: Target): Fitted {
  const { chat } = codecs;
  const native = nativeOf(request, codecs, target);
  if (native === undefined || request.native === undefined) {
    const canonical = request.canonical();
    return translated(request, canonical, codecFor(canonical, codecs, target), target);
  }
  const other = native === chat.native ? otherRoute(request, request.native, codecs, target) : undefined;
  if (other !== undefined) return other;
  const ruled = native === chat.native ? neededRules(request, request.native, chat, target) : undefined;
  const normal = native === chat.native && dialectOf(target).answers?.normalise === true;
  const relayed = normal || (ruled?.names.size ?? 0) > 0 ? undefined : native;
  if (ruled !== undefined)
    return {
      encoded: encodeNative(request, request.native, native, ruled, target),
      native: relayed,
      decoders: decodersOf(chat, ruled.names),
    };
  const encoded = passed(request.native, native, target);
  const { names = UNCHANGED } = encoded;
  // An answer with other names is read and written anew.
  if (names.size > 0 && canonicalOf(request) === undefined)
    throw new EncodeError(
      "this provider refuses the name of a tool, and no other name can be restored",
      "tools",
    );
  return {
    encoded,
    native: names.size > 0 ? undefined : relayed,
    decoders: decodersOf(native === chat.native ? chat : (codecs.second?.chat ?? chat), names),
  };
}

/** The codec of the adapter's wire by which the provider takes this request. */
function codecFor(
  { tools = [], webSearch, extra }: ChatRequest,
  { chat, second }: ChatCodecs,
  target: Target,
): ChatCodec {
  if (second?.chat === undefined) return chat;
  const needs = { tools: tools.length > 0, search: webSearch !== undefined, asked: extra };
  return second.prefers?.(needs, target) === true ? second.chat : chat;
}

/** A body of the chat wire that the provider takes by its other wire alone; undefined: it stays on its own. */
function otherRoute(
  request: SurfaceRequest,
  { json }: NativeBody,
  { second }: ChatCodecs,
  target: Target,
): Fitted | undefined {
  if (second?.chat === undefined) return undefined;
  const tools = Array.isArray(json.tools) && json.tools.length > 0;
  const search = (json.web_search_options ?? null) !== null;
  if (second.prefers?.({ tools, search, asked: json }, target) !== true) return undefined;
  const canonical = canonicalOf(request);
  return canonical === undefined ? undefined : translated(request, canonical, second.chat, target);
}

/** The wire's own codec; undefined where the request must be translated. */
function nativeOf(
  { wire, native }: SurfaceRequest,
  { chat, second }: ChatCodecs,
  target: Target,
): NativeCodec | undefined {
  if (native === undefined) return undefined;
  if (chat.wire === wire) return chat.native;
  return second?.wire === wire && second.serves(target) ? second.native : undefined;
}

/** Undefined where the body passes as it is: no rule is for it, or none changes it, or it has no canonical form. */
function neededRules(
  request: SurfaceRequest,
  body: NativeBody,
  codec: ChatCodec,
  target: Target,
): RuledRequest | undefined {
  if (codec.native?.encodeRuled === undefined) return undefined;
  const dialect = dialectOf(target);
  const need = messageNeed(body.json, dialect);
  if (need === "none") return undefined;
  const chat = canonicalOf(request);
  if (chat === undefined) return undefined;
  const ruled = applyMessageRules(chat, dialect, { client: request.wire, upstream: codec.wire });
  return need === "certain" || ruled.request !== chat ? ruled : undefined;
}

function canonicalOf(request: SurfaceRequest): ChatRequest | undefined {
  try {
    return request.canonical();
  } catch (error) {
    // The upstream has the same wire: it may know what the canonical form does not.
    if (error instanceof ClientError || error instanceof EncodeError) return undefined;
    throw error;
  }
}

function passed(body: NativeBody, codec: NativeCodec, target: Target): EncodedRequest {
  const encoded = codec.encode(body, target);
  return body.dropped === undefined
    ? encoded
    : { ...encoded, dropped: [...body.dropped, ...encoded.dropped] };
}

/** The client's own body with what the rules changed. */
function encodeNative(
  request: SurfaceRequest,
  body: NativeBody,
  codec: NativeCodec,
  ruled: RuledRequest,
  target: Target,
): EncodedRequest {
  return namingFields(request, () => {
    const encoded = codec.encodeRuled?.(body, ruled.request, target) ?? codec.encode(body, target);
    const named = [...ruled.dropped, ...encoded.dropped].map((field) => request.fieldName?.(field) ?? field);
    return { ...encoded, dropped: [...new Set([...(body.dropped ?? []), ...named])] };
  });
}

/** `chat` as it is sent, with the candidate's rules. @throws {EncodeError} */
export function translated(
  request: SurfaceRequest,
  chat: ChatRequest,
  codec: ChatCodec,
  target: Target,
): Fitted {
  return namingFields(request, () => {
    const ruled = applyMessageRules(chat, dialectOf(target), { client: request.wire, upstream: codec.wire });
    const { own } = codec.wire === (request.ownWire ?? request.wire) ? request : {};
    const whole =
      own === undefined ? ruled.request : { ...ruled.request, extra: { ...ruled.request.extra, ...own } };
    const dropped = request.dropped ?? [];
    const lost =
      own === undefined
        ? dropped
        : dropped.filter((field) => !Object.hasOwn(own, field.replace(/\..*$/, "")));
    const encoded = codec.encode(withinLimit(whole, target), target);
    const named = [...ruled.dropped, ...encoded.dropped].map((field) => request.fieldName?.(field) ?? field);
    return {
      encoded: {
        ...encoded,
        // Arguments that became an object may hold what only their text had escaped.
        body: wellFormedJson(encoded.body),
        dropped: [...new Set([...lost, ...named])],
      },
      native: undefined,
      decoders: decodersOf(codec, ruled.names),
    };
  });
}

/** Fields that an adapter or a rule names are renamed to the client's names. */
function namingFields<T>(request: SurfaceRequest, encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    throw new EncodeError(error.message, request.fieldName?.(error.param) ?? error.param);
  }
}

const decodersOf = (codec: ChatCodec, names: ReadonlyMap<string, string>): Decoders => ({
  decodeBody: (bytes) => new PairJoiner().push(restoreNames(codec.decodeBody(bytes), names)),
  decodeStream() {
    const decoder = restoringDecoder(codec.decodeStream(), names);
    const joiner = new PairJoiner();
    return {
      push: (chunk) => joiner.push(decoder.push(chunk)),
      end: () => joiner.push(decoder.end()),
    };
  },
});

const UNCHANGED: ReadonlyMap<string, string> = new Map();

/**
 * Lowers the output limit to the model's own. Where a wire requires a limit, clients send that of another model, and most
 * upstreams answer 400 to more than the model's limit.
 */
function withinLimit(request: ChatRequest, { deployment: { maxOutputTokens } }: Target): ChatRequest {
  if (maxOutputTokens === undefined || (request.maxOutputTokens ?? 0) <= maxOutputTokens) return request;
  return { ...request, maxOutputTokens };
}
