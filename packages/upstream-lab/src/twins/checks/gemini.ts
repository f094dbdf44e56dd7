/** Contents of Gemini's own wire. https://ai.google.dev/api/generate-content */
import { asList, asObject, asText, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Check, Finding } from "../rule.ts";
import { sealFault, stable } from "../seal.ts";
import { toolsOf } from "./tools.ts";

export const contentsOf = (body: JsonObject): readonly JsonObject[] => asList(body.contents).map(asObject);
const partsOf = (content: JsonObject | undefined): readonly JsonObject[] =>
  asList(content?.parts).map(asObject);
const callParts = (content: JsonObject | undefined): readonly JsonObject[] =>
  partsOf(content).filter(({ functionCall }) => functionCall !== undefined);
const resultParts = (content: JsonObject | undefined): readonly JsonObject[] =>
  partsOf(content).filter(({ functionResponse }) => functionResponse !== undefined);

/** Documented values for calls that another model made. https://ai.google.dev/gemini-api/docs/thought-signatures */
const SENTINELS = ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];

/** The current turn begins with the last user content that has standard content, such as text. */
function currentTurn(body: JsonObject): number {
  return contentsOf(body).findLastIndex(
    (content) =>
      content.role !== "model" && partsOf(content).some((part) => part.functionResponse === undefined),
  );
}

/** In the current turn the first call of each step lacks its signature. */
export const signatureMissing: Check = (body) => {
  const from = currentTurn(body);
  for (const [index, content] of contentsOf(body).entries()) {
    const [first] = index < from ? [] : callParts(content);
    if (first === undefined || asText(first.thoughtSignature) !== "") continue;
    return { at: String(index + 1), value: asText(asObject(first.functionCall).name) };
  }
  return undefined;
};

/** What a signature of a call covers: its name and its arguments. */
export const signedCall = (call: JsonObject): string => `${asText(call.name)} ${stable(call.args ?? {})}`;

/** A signature that is neither this model's over this part nor a documented sentinel. */
export const signatureCorrupted =
  (owner: string): Check =>
  (body, model) => {
    for (const [index, content] of contentsOf(body).entries()) {
      const bad = partsOf(content).find((part) => {
        const given = asText(part.thoughtSignature);
        if (given === "" || SENTINELS.includes(given)) return false;
        const covered = isObject(part.functionCall) ? signedCall(part.functionCall) : "text";
        return sealFault(given, `${owner}/${model}`, covered) !== undefined;
      });
      if (bad !== undefined) return { at: String(index) };
    }
    return undefined;
  };

/** A call after the first of its step is signed. */
export const laterCallSigned: Check = (body) => {
  const at = contentsOf(body).findIndex((content) =>
    callParts(content)
      .slice(1)
      .some((part) => asText(part.thoughtSignature) !== ""),
  );
  return at === -1 ? undefined : { at: String(at) };
};

/** A step with calls not right after a user turn or results. */
export const callOutOfOrder: Check = (body) => {
  const contents = contentsOf(body);
  const at = contents.findIndex(
    (content, index) =>
      callParts(content).length > 0 && (index === 0 || contents[index - 1]?.role === "model"),
  );
  return at === -1 ? undefined : { at: String(at) };
};

/** Results and calls of neighbouring turns differ in number. */
export const responseCountDiffers: Check = (body) => {
  const contents = contentsOf(body);
  const at = contents.findIndex((content, index) => {
    const calls = callParts(content).length;
    if (calls > 0) return resultParts(contents[index + 1]).length !== calls;
    return resultParts(content).length > 0 && callParts(contents[index - 1]).length === 0;
  });
  return at === -1 ? undefined : { at: String(at) };
};

export const endsWithModel: Check = (body) => {
  const contents = contentsOf(body);
  return contents.at(-1)?.role === "model" ? { at: String(contents.length - 1) } : undefined;
};

export const emptyParts: Check = (body) => {
  const at = contentsOf(body).findIndex(({ parts }) => asList(parts).length === 0);
  return at === -1 ? undefined : { at: `contents[${at}].parts` };
};

/** A part without data, or with an empty text and nothing else. */
export const emptyPart: Check = (body) => {
  for (const [index, content] of contentsOf(body).entries()) {
    const at = partsOf(content).findIndex((part) => {
      const data = Object.keys(part).filter((name) => name !== "thought" && name !== "thoughtSignature");
      return data.length === 0 || (part.text === "" && asText(part.thoughtSignature) === "");
    });
    if (at !== -1) return { at: `contents[${index}].parts[${at}]` };
  }
  return undefined;
};

export const dataIsAddress: Check = (body) => {
  for (const [index, content] of contentsOf(body).entries()) {
    const at = partsOf(content).findIndex(({ inlineData }) =>
      /^https?:/.test(asText(asObject(inlineData).data)),
    );
    if (at !== -1) return { at: `contents[${index}].parts[${at}].inline_data.data` };
  }
  return undefined;
};

const hasFunctions = (body: JsonObject): boolean =>
  toolsOf(body).some(({ at }) => at.includes("function_declarations"));

export const searchBesideFunctions: Check = (body) => {
  const hosted = asList(body.tools).some((tool) => asObject(tool).googleSearch !== undefined);
  return hosted && hasFunctions(body) ? { at: "tools" } : undefined;
};

export const jsonBesideFunctions: Check = (body) => {
  const type = asObject(body.generationConfig).responseMimeType;
  return type === "application/json" && hasFunctions(body) ? { at: "response_mime_type" } : undefined;
};

export const levelBesideBudget: Check = (body) => {
  const { thinkingLevel, thinkingBudget } = asObject(asObject(body.generationConfig).thinkingConfig);
  return thinkingLevel !== undefined && thinkingBudget !== undefined ? { at: "thinking_config" } : undefined;
};

export const systemInstruction: Check = (body) =>
  body.systemInstruction === undefined ? undefined : { at: "system_instruction" };

const BODY = [
  "contents",
  "tools",
  "toolConfig",
  "safetySettings",
  "systemInstruction",
  "generationConfig",
  "cachedContent",
  "serviceTier",
  "store",
];
const PART = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
  "executableCode",
  "codeExecutionResult",
  "toolCall",
  "toolResponse",
  "thought",
  "thoughtSignature",
  "videoMetadata",
  "mediaResolution",
  "partMetadata",
];
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  functionCall: ["id", "name", "args"],
  functionResponse: ["id", "name", "response", "parts", "willContinue", "scheduling"],
  inlineData: ["mimeType", "data", "displayName"],
  fileData: ["mimeType", "fileUri", "displayName"],
};
const DECLARATION = [
  "name",
  "description",
  "behavior",
  "parameters",
  "parametersJsonSchema",
  "response",
  "responseJsonSchema",
];

function unknownIn(value: JsonValue | undefined, names: readonly string[], at: string): Finding | undefined {
  // Proto JSON takes both spellings of a name: https://protobuf.dev/programming-guides/json/
  const camel = (key: string): string =>
    key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const name = Object.keys(asObject(value)).find((key) => !names.includes(camel(key)));
  return name === undefined ? undefined : { at, value: name };
}

function partFault(part: JsonObject, at: string): Finding | undefined {
  const unknown = unknownIn(part, PART, at);
  if (unknown !== undefined) return unknown;
  for (const [name, names] of Object.entries(MEMBERS)) {
    const found = unknownIn(part[name], names, `${at}.${name}`);
    if (found !== undefined) return found;
  }
  const { functionCall, functionResponse } = part;
  if (isObject(functionCall) && functionCall.args !== undefined && !isObject(functionCall.args)) {
    return { at: `${at}.function_call.args`, value: "args" };
  }
  return isObject(functionResponse) && !isObject(functionResponse.response)
    ? { at: `${at}.function_response.response`, value: "response" }
    : undefined;
}

/** Names that the wire does not have: its parser refuses them all. */
export const geminiStructure: Check = (body) => {
  const unknown = unknownIn(body, BODY, "");
  if (unknown !== undefined) return unknown;
  if (contentsOf(body).length === 0) return { at: "contents", value: "contents" };
  for (const [index, content] of contentsOf(body).entries()) {
    const at = `contents[${index}]`;
    const found = unknownIn(content, ["role", "parts"], at);
    if (found !== undefined) return found;
    if (content.role !== undefined && !["user", "model", "function"].includes(asText(content.role))) {
      return { at: `${at}.role`, value: asText(content.role) };
    }
    for (const [nth, part] of partsOf(content).entries()) {
      const fault = partFault(part, `${at}.parts[${nth}]`);
      if (fault !== undefined) return fault;
    }
  }
  for (const { at, declaration } of toolsOf(body)) {
    const found = at.includes("function_declarations") ? unknownIn(declaration, DECLARATION, at) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};
