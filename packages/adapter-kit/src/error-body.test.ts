import type { JsonObject, UpstreamError } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { eventError, nonStreamError } from "./error-body.ts";

describe("eventError", () => {
  it("reads the envelope", () => {
    expect(eventError('{"error":{"message":"busy","type":"overloaded_error"}}')).toEqual({
      message: "busy",
      code: "overloaded_error",
    });
  });

  it("uses text that is no envelope as the message", () => {
    expect(eventError(" out of memory")).toEqual({ message: " out of memory" });
  });

  it("has a message for an event without a payload", () => {
    expect(eventError("")).toEqual({ message: "an error event" });
  });
});

describe("nonStreamError", () => {
  const findError = (body: JsonObject): UpstreamError | undefined =>
    typeof body.oops === "string" ? { message: body.oops } : undefined;

  it("uses the wire's own reading of an object", () => {
    expect(nonStreamError('{"oops":"quota"}', findError)).toEqual({ message: "quota" });
  });

  it.each(['{"fine":true}', '[{"oops":"quota"}]', "plain words"])("finds no event stream in %s", (text) => {
    expect(nonStreamError(text, findError)).toEqual({ class: "malformed", message: "not an event stream" });
  });

  it("includes the title of a proxy's web page", () => {
    expect(nonStreamError("<html><title>502 Bad Gateway</title></html>", findError)).toEqual({
      class: "server_error",
      message: "an HTML page, not an event stream (502 Bad Gateway)",
    });
  });
});
