/**
 * What an adapter is: the grammar of one wire format, as pure functions over bytes. No sockets, no clocks, no
 * secrets: the runtime does I/O, timing and authentication.
 */
import type {
  Capability,
  ChatEvent,
  ChatRequest,
  Deployment,
  EmbeddingAnswer,
  EmbeddingRequest,
  FoundModel,
  JsonObject,
  Operation,
  RerankAnswer,
  RerankRequest,
  RoutedProvider,
  UpstreamError,
  Usage,
} from "@headgate/contract";

/** The upstream and model of one attempt. */
export interface Target {
  readonly provider: RoutedProvider;
  readonly deployment: Deployment;
  /** What the context must hold, in tokens; set only for a model of one's own whose context is a load option. */
  readonly size?: ContextSize;
}

export interface ContextSize {
  /** An estimate. */
  readonly promptTokens: number;
  /** The longest answer that the client wants; undefined: it did not say. */
  readonly answerTokens: number | undefined;
  /** The context to which an earlier prompt made the model grow, while it may still be loaded with that; 0: none did. */
  readonly grownTokens: number;
}

/** Load options by their names at the backend, such as Ollama's `num_ctx`. */
export type LoadOptions = Readonly<Record<string, number | boolean>>;

export interface EncodedRequest {
  /** Appended to the provider's base URL; starts with a slash. */
  readonly path: string;
  /** Lower-case names. The runtime adds authentication, content-length and the provider's fixed headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Request fields that the provider's dialect left out, by the client's names. */
  readonly dropped: readonly string[];
  /** Tool names in `body` that are not the client's, as sent → the client's: the answer must be decoded. Absent: none. */
  readonly names?: ReadonlyMap<string, string>;
  /** Load options in `body` that the client chose: for a local model they mean another residency. Absent: none. */
  readonly chosen?: LoadOptions;
  /** The context among `chosen` is no client's: the prompt does not fit the usual one. */
  readonly grown?: true;
}

/** A request of a client with the adapter's own wire: its bytes and their parse. */
export interface NativeBody {
  /** The body as received: valid UTF-8, valid JSON, an object at the top. */
  readonly bytes: Buffer;
  readonly json: JsonObject;
  /** Whether the body as received holds `\u` escapes; absent: unknown. */
  readonly escaped?: boolean;
  /**
   * Client headers that are part of the wire, such as anthropic-beta. Lower-case names, selected by the surface; a codec
   * forwards only those that it knows.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the surface left out of the body, by the client's names. */
  readonly dropped?: readonly string[];
  /** Whether the client requested a stream, on a wire that has this in the path and not in the body (Gemini's). */
  readonly stream?: boolean;
}

/** A request that the wire cannot express. The client gets a 400 with the field's path. */
export class EncodeError extends Error {
  /** The path of the offending field by the client's names, such as `messages[2].content[0]`. */
  readonly param: string;
  /** The prompt does not fit: a candidate with a larger window may take it. */
  readonly tooLong: boolean;
  constructor(message: string, param: string, tooLong = false) {
    super(message);
    this.name = "EncodeError";
    this.param = param;
    this.tooLong = tooLong;
  }
}

/** Decodes a stream into events. `end` and `error` events are terminal; nothing follows them. */
export interface StreamDecoder {
  push(chunk: Buffer): readonly ChatEvent[];
  /** The upstream closed without a transport error. An answer that is not yet whole yields an `error` event. */
  end(): readonly ChatEvent[];
}

/**
 * One piece of a stream that passes through unchanged.
 *
 * - `hold`: no content yet (a role, an empty delta, the finish reason `stop` before anything else); waits until content
 *   commits the attempt.
 * - `content`: text, reasoning, a tool call or another finish reason. The first one commits the attempt.
 * - `comment`: keep-alive; passed on only once committed.
 * - `end`: the answer is whole; `bytes` is what the client must still see (its terminator). Terminal.
 * - `error`: the stream broke off or reported an error; `bytes` is empty. Terminal.
 *
 * `bytes` always holds whole frames.
 */
export interface RelayPiece {
  readonly kind: "hold" | "content" | "comment" | "end" | "error";
  readonly bytes: Buffer;
  readonly usage?: Usage;
  readonly error?: UpstreamError;
}

/** Reads a stream of the client's own wire while it passes. Neighbouring frames of one kind may come as one piece. */
export interface StreamRelay {
  push(chunk: Buffer): readonly RelayPiece[];
  /** The upstream closed without a transport error. */
  end(): readonly RelayPiece[];
}

export interface RelayOptions {
  /** The model's name for the client; absent: the upstream's. */
  readonly shownModel?: string;
  /** True when the client requested a usage chunk; otherwise the upstream's is left out. */
  readonly includeUsage: boolean;
}

/** The verdict on a whole answer of the client's own wire, found without parsing all of it. */
export type BodyVerdict =
  /** `empty`: it holds no text and no call, and ends as if that were all. */
  | { readonly ok: true; readonly usage?: Usage; readonly empty?: true }
  | { readonly ok: false; readonly error: UpstreamError };

export interface ChatCodec {
  /** The wire's name, such as `openai-chat`. A surface of the same name passes through natively. */
  readonly wire: string;
  /** @throws {EncodeError} for what this wire or this provider cannot express. */
  encode(request: ChatRequest, target: Target): EncodedRequest;
  /** The events of a whole (not streamed) 2xx answer; the last is `end` or `error`. */
  decodeBody(bytes: Buffer): readonly ChatEvent[];
  decodeStream(): StreamDecoder;
  /** For clients of the same wire. Absent: every request goes through the canonical form. */
  readonly native?: NativeCodec;
}

export interface NativeCodec {
  encode(body: NativeBody, target: Target): EncodedRequest;
  /** The same body with the messages and tools of `ruled`: its canonical form, to which rules were applied. Absent: none has any. */
  encodeRuled?(body: NativeBody, ruled: ChatRequest, target: Target): EncodedRequest;
  inspectBody(bytes: Buffer): BodyVerdict;
  /** A whole answer under another name of the model; absent where clients of the wire get the upstream's. */
  renamed?(bytes: Buffer, shownModel: string): Buffer;
  relayStream(options: RelayOptions): StreamRelay;
  /** The route that counts a prompt's tokens; absent where the wire has none. */
  readonly counting?: {
    encode(body: NativeBody, target: Target): EncodedRequest;
    /** Reads a whole 2xx answer: the prompt's tokens; undefined for one that is no count. */
    read(bytes: Buffer): number | undefined;
  };
}

/** What decides between an adapter's two wires. */
export interface ChatNeeds {
  readonly tools: boolean;
  readonly search: boolean;
  /** The request's own fields, by the names of OpenAI's chat form. */
  readonly asked: JsonObject;
}

/** A second chat wire, which some of the adapter's providers have. */
export interface NativeWire {
  readonly wire: string;
  /** Whether this provider has it, by its fragment. */
  serves(target: Target): boolean;
  readonly native: NativeCodec;
  /** Absent: it only passes through. */
  readonly chat?: ChatCodec;
  /** Whether a request of another wire goes by this one. */
  prefers?(needs: ChatNeeds, target: Target): boolean;
}

export type Decoded<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly error: UpstreamError };

/** One JSON document in, one JSON document out. */
export interface DocumentCodec<Request, Answer> {
  /** Set where the codec accepts fields in this wire's own form (`EmbeddingRequest.own`). */
  readonly wire?: string;
  /** @throws {EncodeError} for what this wire or this provider cannot express. */
  encode(request: Request, target: Target): EncodedRequest;
  /** Reads a whole 2xx answer. */
  decode(bytes: Buffer): Decoded<Answer>;
}

/** A JSON document that passes through unchanged: client and upstream have the same wire. */
export interface PassingCodec {
  readonly wire: string;
  encode(body: NativeBody, target: Target): EncodedRequest;
  /** Judges a whole 2xx answer that is JSON. */
  inspect(bytes: Buffer): BodyVerdict;
}

/** Embeddings for a client of the same wire: request and answer pass as bytes. */
export interface PassingEmbedding {
  readonly wire: string;
  /** Floats are requested, whatever the client wants: few providers have another form. */
  encode(body: NativeBody, target: Target): EncodedRequest;
  /** Judges a whole 2xx answer to so many inputs without parsing its vectors. */
  inspect(bytes: Buffer, inputs: number): BodyVerdict;
  /**
   * The same answer with its vectors in this form and in the order of the inputs: the same bytes where they are already.
   * Base64 is of little-endian 32-bit floats. Undefined where a vector cannot be read.
   */
  inForm(bytes: Buffer, form: "float" | "base64"): Buffer | undefined;
}

/** A multipart form, its files kept. */
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
  /** The content from its beginning, on each call. */
  open(): AsyncIterable<Buffer>;
}

/** A form that passes through, except for the model and the provider's dialect. */
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
  /** Judges a whole 2xx answer; `contentType` distinguishes text from JSON. */
  inspect(bytes: Buffer, contentType: string | undefined): BodyVerdict;
}

/** A GET that lists an account's models and costs nothing: the cheapest check of a key. */
export interface ListingRoute {
  /** @returns a relative reference, resolved against the base URL as a folder: `models`, `../v1/models` */
  path(baseUrl: string): string;
  /**
   * The longest page that the wire allows, as a reference like that of `path`.
   * @param cursor `next` of the previous page; absent: the first page
   */
  page(baseUrl: string, cursor?: string): string;
  /** Reads a whole 2xx answer. @returns undefined for one that is no list of models */
  read(bytes: Buffer): ListingPage | undefined;
  /** Headers that the wire requires, lower-case names. The provider's fixed headers override them. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ListingPage {
  /** Without those that the list marks as retired. */
  readonly models: readonly ListedModel[];
  /** Absent: the last page. */
  readonly next?: string;
  /** How many entries name no model. */
  readonly unreadable: number;
}

/** A model as its provider lists it. Facts that are not in the list are absent; none is inferred from names. */
export interface ListedModel {
  /** The upstream id, as requests name it. */
  readonly id: string;
  /** Other ids of the same model. */
  readonly alsoNamed?: readonly string[];
  /** Its operations; empty: none that the gateway has. */
  readonly operations?: readonly Operation[];
  /** `free`: prompt and completion both cost nothing. */
  readonly price?: "free" | "paid";
  /** Its list price, in dollars for a million tokens. */
  readonly rates?: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead?: number;
    readonly cacheWrite?: number;
  };
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly capabilities?: readonly Capability[];
  /** Of a server of one's own: what a residency takes. */
  readonly memory?: NonNullable<FoundModel["memory"]>;
  /** The server itself states all of this, so that no test is needed, which would load the model. */
  readonly described?: true;
}

export interface Adapter {
  /** The name fragments use; equal to the manifest's. */
  readonly id: string;
  /** Absent where the wire has none. */
  readonly listing?: ListingRoute;
  readonly chat?: ChatCodec;
  /** A body for a chat model without the seals of reasoning in it; undefined where it has none. Absent: the wire has none. */
  readonly unsealed?: (body: Pick<NativeBody, "bytes" | "json">) => Buffer | undefined;
  /** OpenAI's Responses API, or Ollama's `/api/generate`. */
  readonly second?: NativeWire;
  readonly embedding?: DocumentCodec<EmbeddingRequest, EmbeddingAnswer> & {
    readonly passing?: PassingEmbedding;
  };
  readonly rerank?: DocumentCodec<RerankRequest, RerankAnswer>;
  readonly moderation?: PassingCodec;
  /** Image generation from a JSON request. */
  readonly image?: PassingCodec;
  /** Edits and variations: an image comes with the request. */
  readonly imageForm?: FormCodec;
  /** Text to audio: JSON in, audio bytes out as they arrive. */
  readonly speech?: PassingCodec;
  readonly transcription?: FormCodec;
  /** The whole answer of an adapter without an upstream; the runtime paces a stream. */
  readonly answer?: (request: ChatRequest, target: Target) => readonly ChatEvent[];
}

/** Types the adapter; throws for one without any codec. */
export function defineAdapter<const A extends Adapter>(adapter: A): A {
  const { id: _, listing: __, unsealed: ___, ...serves } = adapter;
  if (Object.values(serves).every((codec) => codec === undefined)) {
    throw new Error(`adapter ${adapter.id} serves nothing: give it a codec or an answer`);
  }
  return adapter;
}
