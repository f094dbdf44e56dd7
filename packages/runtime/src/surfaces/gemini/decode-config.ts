/** How to generate. https://ai.google.dev/api/generate-content#generationconfig */
import { isObject } from "@headgate/adapter-kit";
import {
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  ownValue,
  type ResponseFormat,
} from "@headgate/contract";
import { badRequest } from "../../http/client-error.ts";
import { flagField, numberField, textField } from "../field-readers.ts";
import { listOf, type Notes, optionalMessage, textList } from "./fields.ts";
import { jsonSchema } from "./schema.ts";

const NUMBERS = [
  "temperature",
  "topP",
  "topK",
  "maxOutputTokens",
  "seed",
  "presencePenalty",
  "frequencyPenalty",
] as const;

const PLACED: ReadonlySet<string> = new Set([
  ...NUMBERS,
  "stopSequences",
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "thinkingConfig",
]);
/** An answer without them is still correct. */
const HINTS: ReadonlySet<string> = new Set([
  "mediaResolution",
  "enableEnhancedCivicAnswers",
  "audioTimestamp",
]);
/** Values that every model follows by default. */
const NEUTRAL: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  candidateCount: (value) => value === 1,
  responseLogprobs: (value) => value === false,
  responseModalities: (value) =>
    listOf(value).every((one) => typeof one === "string" && one.toUpperCase() === "TEXT"),
};

type Settings = { -readonly [K in keyof ChatRequest]?: ChatRequest[K] };

export interface Config {
  readonly settings: Partial<ChatRequest>;
  /** Whether the client requested thoughts. */
  readonly showThoughts: boolean;
}

export function decodeConfig(body: JsonObject, notes: Notes): Config {
  const path = "generationConfig";
  const config = optionalMessage(body, path, path) ?? {};
  const settings: Settings = {};
  for (const name of NUMBERS) {
    const value = numberField(config, name, `${path}.${name}`);
    if (value !== undefined) settings[name] = value;
  }
  for (const name of Object.keys(config)) {
    if (PLACED.has(name) || ownValue(NEUTRAL, name)?.(config[name] ?? null) === true) continue;
    if (HINTS.has(name)) notes.leftOut.add(`${path}.${name}`);
    else notes.refuse(`The setting ${name}`, `${path}.${name}`);
  }
  const stop = textList(config, "stopSequences", `${path}.stopSequences`);
  if (stop !== undefined && stop.length > 0) settings.stop = stop;
  const format = decodeFormat(config, path, notes);
  if (format !== undefined) settings.responseFormat = format;
  const thinking = optionalMessage(config, "thinkingConfig", `${path}.thinkingConfig`) ?? {};
  const effort = decodeEffort(thinking, `${path}.thinkingConfig`);
  if (effort !== undefined) settings.reasoningEffort = effort;
  const showThoughts =
    flagField(thinking, "includeThoughts", `${path}.thinkingConfig.includeThoughts`) ?? false;
  return { settings, showThoughts };
}

function decodeFormat(config: JsonObject, path: string, notes: Notes): ResponseFormat | undefined {
  const type = textField(config, "responseMimeType", `${path}.responseMimeType`) ?? "text/plain";
  const { responseSchema, responseJsonSchema } = config;
  const schema =
    responseJsonSchema ??
    (responseSchema === undefined ? undefined : jsonSchema(responseSchema, `${path}.responseSchema`));
  if (schema !== undefined && !isObject(schema))
    throw badRequest("`responseJsonSchema` must be a JSON Schema.", `${path}.responseJsonSchema`);
  if (type === "application/json")
    return schema === undefined ? { type: "json" } : { type: "json-schema", name: "answer", schema };
  if (type !== "text/plain" || schema !== undefined)
    notes.refuse(
      schema === undefined ? `The type ${type}` : `A schema for ${type}`,
      `${path}.responseMimeType`,
    );
  return undefined;
}

const LEVELS: Readonly<Record<string, string | undefined>> = {
  THINKING_LEVEL_UNSPECIFIED: undefined,
  MINIMAL: "minimal",
  LOW: "low",
  MEDIUM: "medium",
  HIGH: "high",
};
/** The greatest budget of each effort, in tokens. */
const LOW_BUDGET = 1_024;
const MEDIUM_BUDGET = 8_192;

/** -1 leaves it to the model, and so does no effort. */
function decodeEffort(thinking: JsonObject, path: string): string | undefined {
  const level = textField(thinking, "thinkingLevel", `${path}.thinkingLevel`)?.toUpperCase();
  const budget = numberField(thinking, "thinkingBudget", `${path}.thinkingBudget`);
  if (level !== undefined) {
    if (Object.hasOwn(LEVELS, level)) return LEVELS[level];
    throw badRequest(`It must be one of ${Object.keys(LEVELS).join(", ")}.`, `${path}.thinkingLevel`);
  }
  if (budget === undefined || budget < 0) return undefined;
  if (budget === 0) return "none";
  if (budget <= LOW_BUDGET) return "low";
  return budget <= MEDIUM_BUDGET ? "medium" : "high";
}
