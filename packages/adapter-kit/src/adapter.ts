/**
 * What an adapter is: the grammar of one wire format, as pure functions over bytes. No sockets, no clocks, no
 * secrets: the runtime connects, waits and authenticates.
 */
import type {
  Capability,
  ChatEvent,
  ChatRequest,
  Deployment,
  EmbeddingAnswer,
  EmbeddingRequest,
  JsonObject,
  Operation,
  RerankAnswer,
  RerankRequest,
  RoutedProvider,
  UpstreamError,
  Usage,
} from "@headgate/contract";

/** Where a request goes. */
export interface Target {
  readonly provider: RoutedProvider;
  readonly deployment: Deployment;
}

/** Load options by their names at the backend, such as Ollama's `num_ctx`. */
export type LoadOptions = Readonly<Record<string, number | boolean>>;

export interface EncodedRequest {
  /** Appended to the provider's base URL; starts with a slash. */
  readonly path: string;
  /** Lower-case names. Authentication, content-length and the provider's fixed headers are the runtime's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Request fields that the provider's dialect left out, by the client's names. */
  readonly dropped: readonly string[];
  /** Load options in `body` that the client chose: for a local model they mean another loaded copy. Absent: none. */
  readonly chosen?: LoadOptions;
}

/** A request whose client speaks the adapter's own wire: bytes and their parse, side by side. */
export interface NativeBody {
  /** The body as it came: valid UTF-8, valid JSON, an object at the top. */
  readonly bytes: Buffer;
  readonly json: JsonObject;
  /**
   * Client headers that belong to the wire and travel with the body, such as anthropic-beta. Lower-case names, chosen
   * by the surface; a codec sends on those that it knows and no other.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the surface left out of the body, by the client's names. */
  readonly dropped?: readonly string[];
  /** Whether a stream was asked for, where the wire says so in the path and not in the body (Gemini's). */
  readonly stream?: boolean;
}

/** A request that an adapter cannot put into its wire. It is the client's to change: 400, with the field's path. */
export class EncodeError extends Error {
  /** The path of the offending field in the client's words, such as `messages[2].content[0]`. */
  readonly param: string;
  constructor(message: string, param: string) {
    super(message);
    this.name = "EncodeError";
    this.param = param;
  }
}

/** Decodes a stream into events. `end` and `error` events are terminal; nothing follows them. */
export interface StreamDecoder {
  push(chunk: Buffer): readonly ChatEvent[];
  /** The upstream closed without a transport error. An answer that is not whole by then yields an `error` event. */
  end(): readonly ChatEvent[];
}

/**
 * One piece of a stream that passes through unchanged.
 *
 * - `hold`: no content yet (a role, an empty delta); waits until content commits the attempt.
 * - `content`: text, reasoning, a tool call or a finish reason. The first one commits the attempt.
 * - `comment`: keep-alive; worth passing on only once committed.
 * - `end`: the answer is whole; `bytes` is what the client must still see (its terminator). Terminal.
 * - `error`: the upstream broke off or reported an error; `bytes` is empty. Terminal.
 *
 * `bytes` always holds whole frames.
 */
export interface RelayPiece {
  readonly kind: "hold" | "content" | "comment" | "end" | "error";
  readonly bytes: Buffer;
  readonly usage?: Usage;
  readonly error?: UpstreamError;
}

/** Watches a stream of the client's own wire go by. Neighbouring frames of one kind may come as one piece. */
export interface StreamRelay {
  push(chunk: Buffer): readonly RelayPiece[];
  /** The upstream closed without a transport error. */
  end(): readonly RelayPiece[];
}

export interface RelayOptions {
  /** True when the client asked for a usage chunk; otherwise one that comes unasked is kept from it. */
  readonly includeUsage: boolean;
}

/** What a whole answer of the client's own wire turned out to be, found without parsing all of it. */
export type BodyVerdict =
  | { readonly ok: true; readonly usage?: Usage }
  | { readonly ok: false; readonly error: UpstreamError };

export interface ChatCodec {
  /** The wire it speaks, such as `openai-chat`. A surface of the same name passes through natively. */
  readonly wire: string;
  /** @throws {EncodeError} for what this wire or this provider cannot express. */
  encode(request: ChatRequest, target: Target): EncodedRequest;
  /** The events of a whole (not streamed) 2xx answer; the last is `end` or `error`. */
  decodeBody(bytes: Buffer): readonly ChatEvent[];
  decodeStream(): StreamDecoder;
  /** The three of the native path; present together or not at all. */
  readonly native?: NativeCodec;
}

export interface NativeCodec {
  encode(body: NativeBody, target: Target): EncodedRequest;
  inspectBody(bytes: Buffer): BodyVerdict;
  relayStream(options: RelayOptions): StreamRelay;
}

/** A chat wire beside the adapter's own, spoken by some of its providers; it only passes through. */
export interface NativeWire {
  readonly wire: string;
  /** Whether this provider speaks it, by its fragment. */
  serves(target: Target): boolean;
  readonly native: NativeCodec;
}

export type Decoded<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly error: UpstreamError };

/** One JSON document in, one JSON document out. */
export interface DocumentCodec<Request, Answer> {
  /** Set where the codec takes what a client of this wire says in its own words (`EmbeddingRequest.own`). */
  readonly wire?: string;
  /** @throws {EncodeError} for what this wire or this provider cannot express. */
  encode(request: Request, target: Target): EncodedRequest;
  /** Reads a whole 2xx answer. */
  decode(bytes: Buffer): Decoded<Answer>;
}

/** A JSON document that passes through as it is: the client speaks the upstream's own wire. */
export interface PassingCodec {
  readonly wire: string;
  encode(body: NativeBody, target: Target): EncodedRequest;
  /** Judges a whole 2xx answer that is JSON. */
  inspect(bytes: Buffer): BodyVerdict;
}

/** A multipart form, its files spooled. */
export interface Form {
  /** In the client's order; a name may occur several times. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly files: readonly FormFile[];
}

export interface FormFile {
  /** The form field it came in. */
  readonly name: string;
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: number;
  /** The content from its beginning, as often as it is asked for. */
  open(): AsyncIterable<Buffer>;
}

/** A form that passes through, but for the model and the provider's dialect. */
export interface FormCodec {
  readonly wire: string;
  /**
   * @param route the client's, such as `transcriptions` or `edits`; it decides the upstream's
   * @returns the form to send and where to; `dropped` names fields left out
   */
  encode(
    form: Form,
    target: Target,
    route: string,
  ): { readonly path: string; readonly form: Form; readonly dropped: readonly string[] };
  /** Judges a whole 2xx answer; `contentType` tells text from JSON. */
  inspect(bytes: Buffer, contentType: string | undefined): BodyVerdict;
}

/** A GET that lists an account's models and costs nothing: the cheapest way to try a key. */
export interface ListingRoute {
  /** @returns a relative reference, resolved against the base URL as a folder: `models`, `../v1/models` */
  path(baseUrl: string): string;
  /**
   * A page of the whole list, as long as the wire allows, as a reference like that of `path`.
   * @param cursor what the page before gave as `next`; absent: the first page
   */
  page(baseUrl: string, cursor?: string): string;
  /** Reads a whole 2xx answer. @returns undefined for one that is no list of models */
  read(bytes: Buffer): ListingPage | undefined;
  /** What the wire itself asks for, lower-case names. A header that the provider fixes weighs more. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ListingPage {
  /** Without those that the list itself calls retired. */
  readonly models: readonly ListedModel[];
  /** Absent: the last page. */
  readonly next?: string;
  /** How many entries name no model. */
  readonly unreadable: number;
}

/** A model as its provider lists it. What the list does not say is absent; nothing is inferred from names. */
export interface ListedModel {
  /** The upstream id, as requests name it. */
  readonly id: string;
  /** Other ids of the same model. */
  readonly alsoNamed?: readonly string[];
  /** What it does; empty: something that no operation stands for. */
  readonly operations?: readonly Operation[];
  /** `free`: prompt and completion both cost nothing. */
  readonly price?: "free" | "paid";
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly capabilities?: readonly Capability[];
}

export interface Adapter {
  /** The name fragments use; equal to the manifest's. */
  readonly id: string;
  /** Absent where the wire has none. */
  readonly listing?: ListingRoute;
  readonly chat?: ChatCodec;
  /** OpenAI's Responses API. */
  readonly responses?: NativeWire;
  readonly embedding?: DocumentCodec<EmbeddingRequest, EmbeddingAnswer>;
  readonly rerank?: DocumentCodec<RerankRequest, RerankAnswer>;
  readonly moderation?: PassingCodec;
  /** Image generation from a JSON request. */
  readonly image?: PassingCodec;
  /** Edits and variations: an image comes with the request. */
  readonly imageForm?: FormCodec;
  /** Text to audio: JSON in, audio bytes out as they come. */
  readonly speech?: PassingCodec;
  readonly transcription?: FormCodec;
  /** An adapter without an upstream answers here, whole; the runtime paces a stream. */
  readonly answer?: (request: ChatRequest, target: Target) => readonly ChatEvent[];
}

/** Types the adapter and refuses one that could never answer. */
export function defineAdapter<const A extends Adapter>(adapter: A): A {
  const { id: _, listing: __, ...serves } = adapter;
  if (Object.values(serves).every((codec) => codec === undefined)) {
    throw new Error(`adapter ${adapter.id} serves nothing: give it a codec or an answer`);
  }
  return adapter;
}
