import type { JsonObject, JsonValue, UpstreamError } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import {
  eventError,
  htmlTitle,
  isHtml,
  nonStreamError,
  notAnAnswer,
  readErrorText,
  readErrorValue,
  upstreamError,
} from "./error-body.ts";

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

describe("a web page where JSON was due", () => {
  it.each([
    "<!doctype html>",
    "<!DOCTYPE html><html>",
    "<html>",
    "<head >",
    "<body\nclass=x>",
    "<center>",
    "<title>x</title>",
    "<h1>x</h1>",
    " \n\t<html>",
    "<!-- a\ncomment --> <html>",
    `<!--${"x".repeat(500)}--><html>`,
  ])("is recognised: %j", (text) => {
    expect(isHtml(text)).toBe(true);
  });

  it.each([
    "{}",
    "",
    "html",
    "text <html>",
    "<htmlx>",
    "<p>",
    "<xml>",
    "<!-- a comment alone -->",
    `<!--${"x".repeat(501)}--><html>`,
  ])("is not seen in %j", (text) => {
    expect(isHtml(text)).toBe(false);
  });

  it.each([
    ["<html><title> 502 Bad Gateway\n</title>", "502 Bad Gateway"],
    ['<h1 class="x">Not Found</h1>', "Not Found"],
    ["<TITLE>x<b>y</b></TITLE>", "x"],
    ["<title></title><h1>second</h1>", "second"],
    ["<title> </title>", undefined],
    ["<titles>x</titles>", undefined],
    ["title>x<", undefined],
    [`<title>${"x".repeat(100)}</title>`, "x".repeat(100)],
    [`<title>${"x".repeat(101)}</title>`, undefined],
  ])("has the title of %j", (text, title) => {
    expect(htmlTitle(text)).toBe(title);
  });

  it("is named for what it is, and other text as what was wanted", () => {
    expect(notAnAnswer("<html><body>", "JSON")).toEqual({
      class: "server_error",
      message: "an HTML page, not JSON",
    });
    expect(notAnAnswer("<h1>502</h1>", "JSON")).toEqual({
      class: "server_error",
      message: "an HTML page, not JSON (502)",
    });
    expect(notAnAnswer("{}", "a list")).toEqual({ class: "malformed", message: "not a list" });
  });
});

describe("an error in a parsed body", () => {
  it.each<[string, JsonValue | undefined, ReturnType<typeof readErrorValue>]>([
    [
      "an envelope",
      { error: { message: "m", type: "t", code: "c" } },
      { message: "m", type: "t", code: "c" },
    ],
    ["a list of one", [{ error: { message: "m" } }], { message: "m" }],
    ["a list of texts", ["m"], undefined],
    ["an empty list", [], undefined],
    ["text as the error", { error: "m", code: "c" }, { message: "m", code: "c" }],
    ["empty text as the error", { error: "" }, { message: "" }],
    ["a message", { message: "m" }, { message: "m" }],
    ["a detail", { detail: "m" }, { message: "m" }],
    ["msg", { msg: "m" }, { message: "m" }],
    ["error_message", { error_message: "m" }, { message: "m" }],
    ["a detail that is a list", { detail: [{ msg: "m" }] }, { message: '[{"msg":"m"}]' }],
    ["listed errors", { errors: [{ message: "m" }, { message: "n" }] }, { message: "m" }],
    ["listed texts", { errors: ["m"] }, { message: "m" }],
    ["an empty list of errors", { errors: [] }, undefined],
    ["listed empty text", { errors: [""], message: "m" }, { message: "m" }],
    ["a message that is null", { message: null }, undefined],
    ["an answer", { choices: [] }, undefined],
    ["text", "m", undefined],
    ["null", null, undefined],
    ["nothing", undefined, undefined],
    ["an error that is null", { error: null, message: "m" }, { message: "m" }],
    [
      "names in place of a message",
      { error: { code: "c", type: "t" } },
      { message: "c", code: "c", type: "t" },
    ],
    ["a type in place of a message", { error: { type: "t" } }, { message: "t", type: "t" }],
    ["an empty envelope", { error: {} }, { message: "no message" }],
    ["an empty message", { error: { message: "" } }, { message: "no message" }],
    [
      "Google's status as the type",
      { error: { message: "m", status: "BUSY" } },
      { message: "m", type: "BUSY" },
    ],
    ["a code beside the envelope", { code: "c", error: { message: "m" } }, { message: "m", code: "c" }],
    ["a status as the code", { error: { message: "m", code: 429 } }, { message: "m", status: 429 }],
    ["a status as text", { error: { message: "m", code: "429" } }, { message: "m", status: 429 }],
    [
      "a status as Google's code",
      { error: { code: 400, status: "X" } },
      { message: "X", type: "X", status: 400 },
    ],
    ["a status by its name", { error: { message: "m", status: 503 } }, { message: "m", status: 503 }],
    ["a status beside the envelope", { status: 503, error: { message: "m" } }, { message: "m", status: 503 }],
    [
      "a code beside it that is a status",
      { code: 503, error: { message: "m" } },
      { message: "m", status: 503 },
    ],
    ["a number that is no status", { error: { message: "m", code: 1302 } }, { message: "m" }],
    ["a status of success", { status: 399, error: { message: "m" } }, { message: "m" }],
    ["a status beyond all", { status: 600, error: { message: "m" } }, { message: "m" }],
    ["the least status", { status: 400, error: { message: "m" } }, { message: "m", status: 400 }],
    ["the greatest status", { status: 599, error: { message: "m" } }, { message: "m", status: 599 }],
    ["a fraction of a status", { status: 429.5, error: { message: "m" } }, { message: "m" }],
    [
      "a code longer than a status",
      { error: { message: "m", code: "4290" } },
      { message: "m", code: "4290" },
    ],
    [
      "a code that ends like a status",
      { error: { message: "m", code: "x429" } },
      { message: "m", code: "x429" },
    ],
    ["an upstream's own words", { error: { message: "m", metadata: { raw: "r" } } }, { message: "m: r" }],
    ["an upstream's own words alone", { error: { metadata: { raw: "r" } } }, { message: "r" }],
    ["metadata without words", { error: { message: "m", metadata: {} } }, { message: "m" }],
  ])("%s", (_, body, expected) => {
    expect(readErrorValue(body)).toStrictEqual(expected);
  });
});

describe("an error in a body that was cut short", () => {
  it.each([
    ['{"error":{"message":"slow down","code":"busy"', { message: "slow down", code: "busy" }],
    ['{"error":{"message" : "half a sent', { message: "half a sent" }],
    ['{"error": "model \\"x\\" is gone", ', { message: 'model "x" is gone' }],
    ['{"detail":"m","type":"a_b.c-9', { message: "m" }],
    ['{"detail":"m","type":"a_b.C-9",', { message: "m", code: "a_b.C-9" }],
    ['{"detail":"m","code":"no spaces here",', { message: "m" }],
    [`{"code":"${"x".repeat(101)}","message":"m",`, { message: "m" }],
    ['{"message":"', undefined],
    ['{"messages":"m"', undefined],
    ['{"message":7,', undefined],
    ["busy", undefined],
    ["", undefined],
  ])("%j", (text, expected) => {
    expect(readErrorText(text)).toStrictEqual(expected);
  });

  it("is the parsed one where the body is whole", () => {
    expect(readErrorText('{"error":{"message":"m","code":"c"}}')).toStrictEqual({ message: "m", code: "c" });
    expect(readErrorText('{"choices":[]}')).toBeUndefined();
    expect(readErrorText('["\\"message\\":\\"m\\""]')).toBeUndefined();
  });
});

it("an error inside an answer has its code, or its type in place of one", () => {
  expect(upstreamError({ message: "m", code: "c", type: "t", status: 429 })).toStrictEqual({
    message: "m",
    code: "c",
    status: 429,
  });
  expect(upstreamError({ message: "m", type: "t" })).toStrictEqual({ message: "m", code: "t" });
  expect(upstreamError({ message: "m" })).toStrictEqual({ message: "m" });
});
