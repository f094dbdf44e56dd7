/** Streams of server-sent JSON objects, decoded alike for every wire. An adapter states how its wire reports errors and ends. */
import type { ChatEvent, JsonObject, UpstreamError } from "@headgate/contract";
import type { StreamDecoder } from "./adapter.ts";
import { ANSWER_CUT, EVENT_MALFORMED, EVENT_TOO_LARGE, eventError, nonStreamError } from "./error-body.ts";
import { parseExact } from "./json-exact.ts";
import { isObject } from "./json-read.ts";
import { payloadText, type SseFrame } from "./sse.ts";
import { SseDecoder } from "./sse-decoder.ts";

/** Where one wire's streams report errors. */
export interface JsonEventWire {
  /** The error in an object of the stream. Absent: the reader finds errors itself. */
  readonly findError?: (value: JsonObject) => UpstreamError | undefined;
  /** The error of lines that are no event stream. Absent: that of `nonStreamError`. */
  readonly nonStreamError?: (text: string) => UpstreamError;
}

export type JsonEvent =
  | { readonly kind: "object"; readonly value: JsonObject }
  | { readonly kind: "error"; readonly error: UpstreamError }
  /** `done`: the payload `[DONE]`. */
  | { readonly kind: "done" | "nothing" };

export function readJsonEvent(frame: SseFrame, wire: JsonEventWire): JsonEvent {
  if (frame.kind === "comment") return { kind: "nothing" };
  const text = payloadText(frame);
  if (frame.kind === "unknown") {
    const { findError = () => undefined } = wire;
    return { kind: "error", error: wire.nonStreamError?.(text) ?? nonStreamError(text, findError) };
  }
  const data = text.trim();
  if (data === "[DONE]") return { kind: "done" };
  if (frame.event === "error") return { kind: "error", error: eventError(text) };
  if (data === "") return { kind: "nothing" };
  const value = parseExact(data);
  if (!isObject(value)) return { kind: "error", error: frame.partial ? ANSWER_CUT : EVENT_MALFORMED };
  const error = wire.findError?.(value);
  return error === undefined ? { kind: "object", value } : { kind: "error", error };
}

/** What one wire's objects mean. An `end` or `error` event is the last that a method returns. */
export interface JsonEventReader {
  read(value: JsonObject): readonly ChatEvent[];
  /** At `[DONE]`. Absent: the wire has no such terminator, and it is an error. */
  done?(): readonly ChatEvent[];
  /** When the upstream closes; the last event is terminal. Absent: the answer is cut. */
  close?(): readonly ChatEvent[];
  /** The events that end a failed answer. Absent: the error alone. */
  fail?(error: UpstreamError): readonly ChatEvent[];
}

export function jsonEventDecoder(wire: JsonEventWire, reader: JsonEventReader): StreamDecoder {
  const fail = (error: UpstreamError): readonly ChatEvent[] =>
    reader.fail?.(error) ?? [{ type: "error", error }];
  return new SseDecoder({
    read(frame) {
      const event = readJsonEvent(frame, wire);
      switch (event.kind) {
        case "object":
          return reader.read(event.value);
        case "error":
          return fail(event.error);
        case "done":
          return reader.done?.() ?? fail(EVENT_MALFORMED);
        case "nothing":
          return [];
      }
    },
    close: () => reader.close?.() ?? fail(ANSWER_CUT),
    tooLarge: () => fail(EVENT_TOO_LARGE),
  });
}
