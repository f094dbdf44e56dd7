/** The contract of every codec of one JSON document in and one out: embeddings and rerank. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DocumentCodec } from "../adapter.ts";
import { sampleTarget } from "../contract-samples.ts";
import { isObject, parseJson } from "../json-read.ts";
import type { RecordedError } from "./recorded-error.ts";

export interface DocumentCases<Request, Answer> {
  /** A request that the codec encodes completely. */
  readonly request: Request;
  /** The encoded request. */
  readonly sent: { readonly path: string; readonly body: object };
  readonly answers: readonly {
    readonly name: string;
    readonly bytes: Buffer;
    readonly answer: Answer;
  }[];
  /** 2xx bodies that are errors. */
  readonly broken: readonly RecordedError[];
}

export function documentContract<Request, Answer>(
  name: string,
  codec: DocumentCodec<Request, Answer>,
  { request, sent, answers, broken }: DocumentCases<Request, Answer>,
): void {
  describe(`${name} keeps the contract of documents`, () => {
    it("encodes a request to JSON for the upstream's model", () => {
      const encoded = codec.encode(request, sampleTarget(name));
      expect(encoded.path).toBe(sent.path);
      expect(JSON.parse(encoded.body.toString("utf8"))).toEqual(sent.body);
      expect(encoded.headers).toEqual({ "content-type": "application/json", accept: "application/json" });
      expect(encoded.dropped).toEqual([]);
    });

    it("leaves out and renames the fields that the dialect names", () => {
      for (const field of Object.keys(sent.body).filter((key) => key !== "model")) {
        const dropped = codec.encode(request, sampleTarget(name, { drop: [field] }));
        expect(parseJson(dropped.body.toString("utf8"))).not.toHaveProperty(field);
        expect(dropped.dropped).toEqual([field]);
        const renamed = codec.encode(request, sampleTarget(name, { rename: { [field]: "their_name" } }));
        const json = parseJson(renamed.body.toString("utf8"));
        expect(isObject(json) ? json.their_name : undefined).toEqual(Reflect.get(sent.body, field));
      }
    });

    it.each(answers)("decodes an answer: $name", ({ bytes, answer }) => {
      expect(codec.decode(bytes)).toEqual({ ok: true, answer });
    });

    it.each(answers)("never accepts a truncated answer: $name", ({ bytes }) => {
      const text = bytes.toString("utf8").trimEnd();
      for (let length = 0; length < text.length; length += 1) {
        expect(codec.decode(Buffer.from(text.slice(0, length))).ok).toBe(false);
      }
    });

    it.each(broken)("finds the error in a 2xx body: $name", ({ bytes, error }) => {
      expect(codec.decode(bytes)).toMatchObject({ ok: false, error });
    });

    it("decodes garbage and web pages to an error, without throwing", () => {
      const page = codec.decode(Buffer.from("<!DOCTYPE html><title>502 Bad Gateway</title>"));
      expect(page).toMatchObject({ ok: false, error: { class: "server_error" } });
      const garbage = fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      );
      fc.assert(
        fc.property(garbage, (bytes) => {
          expect(codec.decode(Buffer.from(bytes)).ok).toBe(false);
        }),
      );
    });
  });
}
