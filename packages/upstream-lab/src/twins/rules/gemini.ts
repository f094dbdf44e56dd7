/** Gemini's own wire, and its OpenAI route. */
import { chatStructure } from "../checks/chat-structure.ts";
import { field, loneSurrogate, notValues } from "../checks/fields.ts";
import * as check from "../checks/gemini.ts";
import * as schema from "../checks/schema.ts";
import { toolName } from "../checks/tools.ts";
import { anyOf, type TwinRule } from "../rule.ts";

const rule = (one: Omit<TwinRule, "status">): TwinRule => ({ ...one, status: 400 });
const THREE = /gemini-(3|flash-latest|pro-latest)/;
const BEFORE_THREE = /gemini-(1|2)/;
const unknown = "Invalid JSON payload received. Unknown name \"{value}\" at '{at}': Cannot find field.";

export const GEMINI: readonly TwinRule[] = [
  rule({
    id: "gemini-unicode",
    check: loneSurrogate,
    words: "Invalid JSON payload received. Expected a Unicode code point at '{at}'.",
  }),
  rule({ id: "gemini-structure", check: check.geminiStructure, words: unknown }),
  rule({
    id: "gemini-15",
    check: check.emptyParts,
    words: "* GenerateContentRequest.{at}: contents.parts must not be empty.",
  }),
  rule({
    id: "gemini-16",
    check: check.emptyPart,
    words: "* GenerateContentRequest.{at}.data: required oneof field 'data' must have one initialized field",
  }),
  rule({
    id: "gemini-03",
    check: check.callOutOfOrder,
    words:
      "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
  }),
  rule({
    id: "gemini-04",
    check: check.responseCountDiffers,
    words:
      "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
  }),
  rule({
    id: "gemini-05",
    check: check.endsWithModel,
    words: "Please ensure that the conversation ends with a user turn or a function response turn.",
  }),
  rule({
    id: "gemini-01",
    models: THREE,
    check: check.signatureMissing,
    words:
      "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call `default_api:{value}` , position {at}.",
  }),
  rule({
    id: "gemini-02",
    models: THREE,
    check: check.laterCallSigned,
    words: "Corrupted thought signature.",
  }),
  rule({
    id: "gemini-signature",
    models: THREE,
    check: check.signatureCorrupted("gemini"),
    words: "Corrupted thought signature.",
  }),
  rule({
    id: "gemini-06",
    check: schema.keyword(
      "$schema",
      "additionalProperties",
      "const",
      "exclusiveMinimum",
      "exclusiveMaximum",
      "propertyNames",
      "uniqueItems",
      "multipleOf",
      "patternProperties",
      "$ref",
    ),
    words: unknown,
  }),
  rule({
    id: "gemini-08",
    check: schema.typeList,
    words:
      "Invalid JSON payload received. Unknown name \"type\" at '{at}': Proto field is not repeating, cannot start list.",
  }),
  rule({
    id: "gemini-07",
    check: schema.stringFormatOtherThan("enum", "date-time"),
    words: "* GenerateContentRequest.{at}.format: only 'enum' and 'date-time' are supported for STRING type",
  }),
  rule({
    id: "gemini-09",
    check: schema.enumNotString,
    words: "* GenerateContentRequest.{at}.enum: only allowed for STRING type",
  }),
  rule({
    id: "gemini-10",
    check: schema.requiredUndefined,
    words: "* GenerateContentRequest.{at}.required[0]: property is not defined",
  }),
  rule({
    id: "gemini-11",
    check: schema.membersOnScalar,
    words: "* GenerateContentRequest.{at}: only allowed for OBJECT type",
  }),
  rule({
    id: "gemini-12",
    check: schema.arrayWithoutItems,
    words: "* GenerateContentRequest.{at}.items: missing field.",
  }),
  rule({
    id: "gemini-13",
    check: schema.nodeWithoutType,
    words: "* GenerateContentRequest.{at}: schema type must be specified.",
  }),
  rule({
    id: "gemini-14",
    check: toolName(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/),
    words:
      "* GenerateContentRequest.{at}: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.",
  }),
  rule({
    id: "gemini-17",
    models: BEFORE_THREE,
    check: check.searchBesideFunctions,
    words: "Tool use with function calling is unsupported",
  }),
  rule({
    id: "gemini-18",
    models: BEFORE_THREE,
    check: check.jsonBesideFunctions,
    words: "Function calling with a response mime type: 'application/json' is unsupported",
  }),
  rule({
    id: "gemini-19",
    models: THREE,
    check: check.levelBesideBudget,
    words: "You can only set only one of thinking budget and thinking level.",
  }),
  rule({
    id: "gemini-22",
    models: /gemma-3/,
    check: check.systemInstruction,
    words: "Developer instruction is not enabled for models/{model}",
  }),
  rule({
    id: "gemini-23",
    check: check.dataIsAddress,
    words: "Invalid value at '{at}' (TYPE_BYTES), Base64 decoding failed",
  }),
];

export const GEMINI_OPENAI: readonly TwinRule[] = [
  rule({ id: "chat-structure", check: chatStructure, words: "Invalid '{at}': {value}." }),
  rule({
    id: "gemini-24",
    models: /gemini-1/,
    check: field("parallel_tool_calls"),
    words: 'Invalid JSON payload received. Unknown name "parallel_tool_calls": Cannot find field.',
  }),
  rule({
    id: "gemini-25",
    models: /gemini-2/,
    check: anyOf(field("frequency_penalty"), notValues("reasoning_effort", ["minimal"])),
    words: "Request contains an invalid argument.",
  }),
];
