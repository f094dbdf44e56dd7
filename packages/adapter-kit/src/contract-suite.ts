/**
 * The contract every adapter passes: `adapterContract(adapter, cases)` in the adapter's own test file.
 * Not part of the kit's main export: it imports vitest and fast-check.
 */
import type { ChatEvent, Dialect } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Adapter, ChatCodec, NativeCodec } from "./adapter.ts";
import { cutAt, decodeChunks, relayChunks, SAMPLE_REQUEST, sampleTarget } from "./contract-samples.ts";
import type { RecordedError } from "./contract-suite/recorded-error.ts";
import { type FoldedAnswer, foldEvents } from "./events.ts";
import { isObject, parseJson } from "./json-read.ts";

export * from "./contract-samples.ts";
export * from "./contract-suite/documents.ts";
export * from "./contract-suite/encoding.ts";
export * from "./contract-suite/recorded-error.ts";

export interface RecordedAnswer {
  readonly name: string;
  readonly bytes: Buffer;
  /** What the answer must fold to, as far as it matters. */
  readonly folds: Partial<FoldedAnswer>;
}

export interface ContractCases {
  /** Whole answers, not streamed. */
  readonly bodies: readonly RecordedAnswer[];
  /** 2xx bodies that are errors. */
  readonly brokenBodies: readonly RecordedError[];
  /** Whole streams. */
  readonly streams: readonly RecordedAnswer[];
  /** Streams that report an error or cannot be read. */
  readonly brokenStreams: readonly RecordedError[];
  /** Top-level fields of the wire's body that `SAMPLE_REQUEST` fills, for the tests of a dialect. */
  readonly dialectFields: { readonly drop: string; readonly rename: string };
  /** Fields of `SAMPLE_REQUEST`, by the client's names, that the wire lacks and refuses unless a dialect drops them. */
  readonly lacks?: readonly string[];
  /** Where the wire has the model and the choice of a stream; `body` by default. */
  readonly addressedBy?: "body" | "path";
}

/** The dialect plus what the wire needs to accept `SAMPLE_REQUEST`. */
const acceptable = (dialect: Partial<Dialect>, { lacks = [] }: ContractCases): Partial<Dialect> => ({
  ...dialect,
  drop: [...lacks, ...(dialect.drop ?? [])],
});

const everyByte = (bytes: Buffer): Buffer[] => cutAt(bytes, [...bytes.keys()]);
const isTerminal = ({ type }: ChatEvent): boolean => type === "end" || type === "error";

/** Terminal events are last and there is one. */
function expectOneEnding(events: readonly ChatEvent[]): void {
  expect(events.filter(isTerminal)).toHaveLength(1);
  expect(events.at(-1)).toSatisfy(isTerminal);
}

/** Neighbouring pieces of text as one, so that only their sum counts. */
function gist(events: readonly ChatEvent[]): FoldedAnswer {
  expectOneEnding(events);
  return foldEvents(events);
}

/** The parts of an answer that a client depends on. */
const substance = ({ text, reasoning, refusal, toolCalls, finish }: FoldedAnswer) => ({
  text,
  reasoning,
  refusal,
  toolCalls,
  finish,
});

export function adapterContract(adapter: Adapter, cases: ContractCases): void {
  const { chat } = adapter;
  if (chat === undefined) throw new Error(`adapter ${adapter.id} has no chat codec to test`);
  describe(`${adapter.id} keeps the adapters' contract`, () => {
    encodeContract(adapter.id, chat, cases);
    bodyContract(chat, cases);
    streamContract(chat, cases);
    if (chat.native !== undefined) nativeContract(adapter.id, chat, chat.native, cases);
  });
}

function encodeContract(id: string, codec: ChatCodec, cases: ContractCases): void {
  const { lacks = [] } = cases;
  const byPath = cases.addressedBy === "path";
  const bodyOf = (dialect: Partial<Dialect>, request = SAMPLE_REQUEST) => {
    const encoded = codec.encode(request, sampleTarget(id, acceptable(dialect, cases)));
    const json = parseJson(encoded.body.toString("utf8"));
    if (!isObject(json)) throw new Error("the encoded body is no JSON object");
    return { encoded, json };
  };

  it.each([true, false])(
    "encodes a request to valid JSON for the upstream's model (stream: %s)",
    (stream) => {
      const { encoded, json } = bodyOf({}, { ...SAMPLE_REQUEST, stream });
      if (byPath) {
        expect(json).not.toHaveProperty("model");
        expect(json).not.toHaveProperty("stream");
        expect(encoded.path).toMatch(/^\/[^?#\s]*vendor\/model-1[^#\s]*$/);
        expect(bodyOf({}, { ...SAMPLE_REQUEST, stream: !stream }).encoded.path).not.toBe(encoded.path);
      } else {
        expect(json.model).toBe("vendor/model-1");
        expect(json.stream).toBe(stream);
        expect(encoded.path).toMatch(/^\/[^?#\s]*$/);
      }
      expect(encoded.headers).toMatchObject({ "content-type": "application/json" });
      expect(encoded.body.toString("utf8")).toContain("Grüße aus Köln 🦆");
      expect(encoded.dropped).toEqual(lacks);
    },
  );

  it("sets no authentication, content-length or header of the provider: the runtime does", () => {
    const names = Object.keys(bodyOf({}).encoded.headers);
    expect(names).toEqual(names.map((name) => name.toLowerCase()));
    expect(names).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(authorization|content-length|x-sample|.*key)$/)]),
    );
  });

  it("leaves out what the dialect drops, and reports it", () => {
    const { drop } = cases.dialectFields;
    expect(bodyOf({}).json).toHaveProperty(drop);
    const { encoded, json } = bodyOf({ drop: [drop] });
    expect(json).not.toHaveProperty(drop);
    expect(encoded.dropped).toEqual([...lacks, drop]);
  });

  it.each(lacks)("refuses %s by name, which its wire lacks and no dialect drops", (name) => {
    expect(() => codec.encode(SAMPLE_REQUEST, sampleTarget(id))).toThrow(
      expect.objectContaining({ name: "EncodeError", param: name }),
    );
  });

  it("renames what the dialect renames", () => {
    const { rename } = cases.dialectFields;
    const before = bodyOf({}).json;
    const { json } = bodyOf({ rename: { [rename]: "their_name" } });
    expect(json).not.toHaveProperty(rename);
    expect(json.their_name).toEqual(before[rename]);
  });

  it("strips refused keywords from tool schemas, but no property of that name, and reports them", () => {
    const { encoded, json } = bodyOf({ stripToolSchema: ["minItems"] });
    const text = JSON.stringify(json.tools);
    expect(text).toContain('"minItems":{"type":"integer"}');
    expect(text).not.toContain('"minItems":1');
    expect(encoded.dropped).toEqual([...lacks, "tools[].function.parameters.minItems"]);
  });

  it("uses the dialect's path", () => {
    const { path } = bodyOf({ chatPath: "/their/route" }).encoded;
    if (byPath) expect(path).toMatch(/^\/their\/route\/vendor\/model-1[^/]*$/);
    else expect(path).toBe("/their/route");
  });
}

function bodyContract(codec: ChatCodec, { bodies, brokenBodies }: ContractCases): void {
  it.each(bodies)("decodes a whole answer: $name", ({ bytes, folds }) => {
    expect(gist(codec.decodeBody(bytes))).toMatchObject({ ...folds, complete: true });
  });

  it.each(bodies)("never accepts a truncated answer: $name", ({ bytes }) => {
    const whole = bytes.toString("utf8").trimEnd().length;
    for (let length = 0; length < whole; length += 1) {
      const events = codec.decodeBody(Buffer.from(bytes.toString("utf8").slice(0, length)));
      expectOneEnding(events);
      expect(events.at(-1)?.type).toBe("error");
    }
  });

  it.each(brokenBodies)("finds the error in a 2xx body: $name", ({ bytes, error }) => {
    const answer = gist(codec.decodeBody(bytes));
    expect(answer).toMatchObject({ complete: false, error });
  });

  it("decodes garbage and web pages to an error, without throwing", () => {
    const page = Buffer.from("<!DOCTYPE html><html><title>502 Bad Gateway</title></html>");
    const found = gist(codec.decodeBody(page)).error;
    expect(found).toMatchObject({ class: "server_error" });
    expect(found?.message).toMatch(/HTML page, not .*502 Bad Gateway/);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(gist(codec.decodeBody(Buffer.from(bytes))).complete).toBe(false);
        },
      ),
    );
  });
}

function streamContract(codec: ChatCodec, { streams, brokenStreams }: ContractCases): void {
  it.each(streams)("decodes a stream: $name", ({ bytes, folds }) => {
    expect(gist(decodeChunks(codec, [bytes]))).toMatchObject({ ...folds, complete: true });
  });

  it.each([...streams, ...brokenStreams])("decodes the same from any chunks: $name", ({ bytes }) => {
    const whole = decodeChunks(codec, [bytes]);
    expect(decodeChunks(codec, everyByte(bytes))).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (positions) => {
        expect(decodeChunks(codec, cutAt(bytes, positions))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it.each(streams)("never presents a cut stream as whole: $name", ({ bytes }) => {
    const whole = substance(gist(decodeChunks(codec, [bytes])));
    for (let length = 0; length < bytes.length; length += 1) {
      const answer = gist(decodeChunks(codec, [bytes.subarray(0, length)]));
      if (answer.complete) expect(substance(answer)).toEqual(whole);
      else expect(answer.error).toBeDefined();
    }
  });

  it.each(brokenStreams)("ends a broken stream in an error: $name", ({ bytes, error }) => {
    expect(gist(decodeChunks(codec, [bytes]))).toMatchObject({ complete: false, error });
  });

  it("decodes a stream of garbage to an error, without throwing", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array(),
            fc.json().map((text) => Buffer.from(`${text}\n\n`)),
          ),
        ),
        (chunks) => {
          const answer = gist(
            decodeChunks(
              codec,
              chunks.map((chunk) => Buffer.from(chunk)),
            ),
          );
          expect(answer.complete).toBe(false);
        },
      ),
    );
  });
}

function nativeContract(id: string, codec: ChatCodec, native: NativeCodec, cases: ContractCases): void {
  const { bodies, brokenBodies, streams, brokenStreams } = cases;

  it("encodes the same request natively as through the canonical form", () => {
    for (const dialect of [{}, { drop: [cases.dialectFields.drop], stripToolSchema: ["minItems"] }]) {
      const { body } = codec.encode(SAMPLE_REQUEST, sampleTarget(id, acceptable({}, cases)));
      const json = parseJson(body.toString("utf8"));
      if (!isObject(json)) throw new Error("the encoded body is no JSON object");
      const sent = cases.addressedBy === "path" ? json : { ...json, model: "sample-model" };
      const bytes = Buffer.from(JSON.stringify(sent));
      const target = sampleTarget(id, acceptable(dialect, cases));
      const direct = native.encode({ bytes, json: sent, stream: SAMPLE_REQUEST.stream }, target);
      const canonical = codec.encode(SAMPLE_REQUEST, target);
      expect(JSON.parse(direct.body.toString("utf8"))).toEqual(JSON.parse(canonical.body.toString("utf8")));
      const dropped = [...(cases.lacks ?? []), ...direct.dropped];
      expect({ ...direct, dropped, body: null }).toEqual({ ...canonical, body: null });
    }
  });

  it.each(bodies)("inspects a whole answer and finds its usage: $name", ({ bytes, folds }) => {
    expect(native.inspectBody(bytes)).toEqual(
      folds.usage === undefined ? { ok: true } : { ok: true, usage: folds.usage },
    );
    const text = bytes.toString("utf8").trimEnd();
    for (let length = 0; length < text.length; length += 1) {
      expect(native.inspectBody(Buffer.from(text.slice(0, length))).ok).toBe(false);
    }
  });

  it.each(brokenBodies)("inspects an error in a 2xx body: $name", ({ bytes, error }) => {
    expect(native.inspectBody(bytes)).toMatchObject({ ok: false, error });
  });

  it.each([...streams, ...brokenStreams])("relays the same from any chunks: $name", ({ bytes }) => {
    for (const includeUsage of [true, false]) {
      const whole = relayChunks(native, [bytes], includeUsage);
      expect(relayChunks(native, everyByte(bytes), includeUsage)).toEqual(whole);
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length)), (positions) => {
          expect(relayChunks(native, cutAt(bytes, positions), includeUsage)).toEqual(whole);
        }),
        { numRuns: 50 },
      );
    }
  });

  it.each(streams)("relays a stream that decodes to the same answer: $name", ({ bytes, folds }) => {
    const { pieces, usage } = relayChunks(native, [bytes], true);
    expect(pieces.at(-1)?.kind).toBe("end");
    expect(usage).toEqual(folds.usage);
    const relayed = decodeChunks(
      codec,
      pieces.map((piece) => piece.bytes),
    );
    expect(foldEvents(relayed)).toEqual(foldEvents(decodeChunks(codec, [bytes])));
  });

  it.each(streams)("never relays a cut stream as whole: $name", ({ bytes }) => {
    const whole = substance(foldEvents(decodeChunks(codec, [bytes])));
    for (let length = 0; length < bytes.length; length += 1) {
      const { pieces } = relayChunks(native, [bytes.subarray(0, length)], false);
      const endings = pieces.filter(({ kind }) => kind === "end" || kind === "error");
      expect(endings).toEqual([pieces.at(-1)]);
      if (pieces.at(-1)?.kind !== "end") continue;
      const relayed = decodeChunks(
        codec,
        pieces.map((piece) => piece.bytes),
      );
      expect(substance(foldEvents(relayed))).toEqual(whole);
    }
  });

  it.each(brokenStreams)("relays a broken stream up to its error: $name", ({ bytes, error }) => {
    const last = relayChunks(native, [bytes], false).pieces.at(-1);
    expect(last).toMatchObject({ kind: "error", error });
    expect(last?.bytes).toHaveLength(0);
  });
}
