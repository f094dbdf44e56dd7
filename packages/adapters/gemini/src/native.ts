/**
 * A client's own Gemini body as the model takes it: function names in the provider's form, and a signature where Gemini 3
 * requires one. Everything else stays byte for byte.
 */
import {
  dialectOf,
  type EncodedRequest,
  editJson,
  exactBody,
  isObject,
  type NameMap,
  type NativeBody,
  type Target,
  toolNameMap,
} from "@headgate/adapter-kit";
import { type JsonObject, type JsonValue, present } from "@headgate/contract";
import { SKIP_SIGNATURE } from "./messages.ts";
import { traitsOf } from "./model.ts";
import { addressRequest } from "./request.ts";

export function addressNative(body: NativeBody, target: Target): EncodedRequest {
  const { json } = body;
  const contents = listIn(json.contents);
  const rule = dialectOf(target).tool_names;
  const map = rule && toolNameMap(rule, namesIn(json, contents));
  const names = map?.changed === true ? map : undefined;
  const { generation, gemma } = traitsOf(target.deployment.upstream);
  const unsigned = generation >= 3 && !gemma ? unsignedSteps(contents) : NONE;
  if (names === undefined && unsigned.size === 0) return addressRequest(body, target);
  const changed: Record<string, JsonValue> = {
    contents: withChanges(exactBody(body).contents, names, unsigned),
    ...(names === undefined ? {} : declared(json, names)),
  };
  const set = Object.fromEntries(
    Object.entries(changed).map(([name, value]) => [name, JSON.stringify(value)]),
  );
  const { bytes } = editJson(body.bytes, { set });
  const encoded = addressRequest({ ...body, bytes, json: { ...json, ...changed } }, target);
  return { ...encoded, ...present({ names: names?.restored }) };
}

const NONE: ReadonlySet<number> = new Set();

const listIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]).filter(isObject) : [];

/** Proto JSON accepts both spellings of every name. https://protobuf.dev/programming-guides/json/ */
const SPELLINGS = {
  call: ["functionCall", "function_call"],
  response: ["functionResponse", "function_response"],
  signature: ["thoughtSignature", "thought_signature"],
  declarations: ["functionDeclarations", "function_declarations"],
  toolConfig: ["toolConfig", "tool_config"],
  callingConfig: ["functionCallingConfig", "function_calling_config"],
  allowed: ["allowedFunctionNames", "allowed_function_names"],
} as const;

const spelled = (object: JsonObject, field: keyof typeof SPELLINGS): string | undefined =>
  SPELLINGS[field].find((name) => object[name] !== undefined && object[name] !== null);

function memberOf(object: JsonObject, field: keyof typeof SPELLINGS): JsonObject | undefined {
  const value = object[spelled(object, field) ?? ""];
  return isObject(value) ? value : undefined;
}

function namesIn({ tools }: JsonObject, contents: readonly JsonObject[]): string[] {
  const declarations = listIn(tools).flatMap((tool) => listIn(tool[spelled(tool, "declarations") ?? ""]));
  const called = contents.flatMap(({ parts }) =>
    listIn(parts).map((part) => memberOf(part, "call") ?? memberOf(part, "response") ?? {}),
  );
  return [...declarations, ...called].flatMap(({ name }) => (typeof name === "string" ? [name] : []));
}

/**
 * Contents of the current turn whose first call has no signature. The turn begins with the user's last words.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
function unsignedSteps(contents: readonly JsonObject[]): ReadonlySet<number> {
  const from = contents.findLastIndex(
    ({ role, parts }) =>
      role !== "model" && listIn(parts).some((part) => memberOf(part, "response") === undefined),
  );
  const found = new Set<number>();
  for (const [index, { parts }] of contents.entries()) {
    if (index <= from) continue;
    const first = listIn(parts).find((part) => memberOf(part, "call") !== undefined);
    const signature = first?.[spelled(first, "signature") ?? ""];
    if (first !== undefined && (signature === undefined || signature === "")) found.add(index);
  }
  return found;
}

function withChanges(
  contents: JsonValue | undefined,
  names: NameMap | undefined,
  unsigned: ReadonlySet<number>,
): JsonValue {
  return (Array.isArray(contents) ? (contents as readonly JsonValue[]) : []).map((content, index) => {
    if (!isObject(content) || !Array.isArray(content.parts)) return content;
    let signed = !unsigned.has(index);
    const parts = (content.parts as readonly JsonValue[]).map((part) => {
      if (!isObject(part)) return part;
      const renamed = names === undefined ? part : withName(withName(part, "call", names), "response", names);
      if (signed || memberOf(renamed, "call") === undefined) return renamed;
      signed = true;
      return { ...renamed, thoughtSignature: SKIP_SIGNATURE };
    });
    return { ...content, parts };
  });
}

function withName(part: JsonObject, field: "call" | "response", names: NameMap): JsonObject {
  const spelling = spelled(part, field);
  const held = memberOf(part, field);
  if (spelling === undefined || held === undefined || typeof held.name !== "string") return part;
  return { ...part, [spelling]: { ...held, name: names.of(held.name) } };
}

/** The declarations, and the functions that may be called. */
function declared(json: JsonObject, names: NameMap): Record<string, JsonValue> {
  const tools = listIn(json.tools).map((tool) => {
    const spelling = spelled(tool, "declarations");
    if (spelling === undefined) return tool;
    const list = listIn(tool[spelling]).map((one) =>
      typeof one.name === "string" ? { ...one, name: names.of(one.name) } : one,
    );
    return { ...tool, [spelling]: list };
  });
  const spelling = spelled(json, "toolConfig");
  const config = memberOf(json, "toolConfig");
  const inner = config === undefined ? undefined : spelled(config, "callingConfig");
  const calling = config === undefined ? undefined : memberOf(config, "callingConfig");
  const list = calling === undefined ? undefined : spelled(calling, "allowed");
  if (spelling === undefined || inner === undefined || calling === undefined || list === undefined)
    return { tools };
  const allowed = calling[list];
  const sent = (Array.isArray(allowed) ? (allowed as readonly JsonValue[]) : []).map((name) =>
    typeof name === "string" ? names.of(name) : name,
  );
  return { tools, [spelling]: { ...config, [inner]: { ...calling, [list]: sent } } };
}
