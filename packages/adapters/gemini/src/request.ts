/** A request's address and bytes for one provider: the model is in the path, the dialect changes the body. */
import {
  asArray,
  dialectOf,
  type EditedJson,
  type EncodedRequest,
  editJson,
  exactBody,
  isObject,
  type NativeBody,
  stripSchema,
  type Target,
} from "@headgate/adapter-kit";
import type { Dialect, JsonObject, JsonValue } from "@headgate/contract";

const MODELS_PATH = "/models";

/** The path of a model, without the method. @param base a provider's own path in place of `/models` */
export function modelPath(upstream: string, base = MODELS_PATH): string {
  const id = upstream.replace(/^models\//, "");
  return `${base}/${id.split("/").map(encodeURIComponent).join("/")}`;
}

/** Proto JSON accepts both spellings of every name. https://protobuf.dev/programming-guides/json/ */
const CONFIG_NAMES = ["generationConfig", "generation_config"] as const;
const DECLARATION_NAMES = ["functionDeclarations", "function_declarations"] as const;
const SCHEMA_NAMES = ["parametersJsonSchema", "parameters_json_schema", "parameters"] as const;

/** Applies the dialect; everything else stays byte for byte. */
export function addressRequest(body: NativeBody, target: Target): EncodedRequest {
  const { deployment } = target;
  const dialect = dialectOf(target);
  const stream = body.stream === true;
  const { bytes, dropped } = applyDialect(body, dialect);
  const method = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  return {
    path: `${modelPath(deployment.upstream, dialect.chatPath)}:${method}`,
    headers: {
      "content-type": "application/json",
      accept: stream ? "text/event-stream" : "application/json",
    },
    body: bytes,
    dropped,
  };
}

/** Names with a dot, such as `generationConfig.seed`, are fields of the generation's settings. */
function applyDialect({ bytes, json }: NativeBody, dialect: Dialect): EditedJson {
  const { drop, rename, stripToolSchema } = dialect;
  const set: Record<string, string> = {};
  const stripped = new Set<string>();
  if (stripToolSchema.length > 0 && json.tools !== undefined && !drop.includes("tools")) {
    const keywords = new Set(stripToolSchema);
    stripTools(json.tools, keywords, stripped);
    // Long integers keep their digits.
    if (stripped.size > 0)
      set.tools = JSON.stringify(stripTools(exactBody({ bytes, json }).tools ?? [], keywords, stripped));
  }
  const settings = dropSettings(json, drop, set);
  if (Object.keys(set).length + drop.length + Object.keys(rename).length === 0) return { bytes, dropped: [] };
  const edited = editJson(bytes, { set, drop, rename });
  const keywords = [...stripped].map((keyword) => `tools[].function.parameters.${keyword}`);
  return { bytes: edited.bytes, dropped: [...edited.dropped, ...settings, ...keywords] };
}

/** @param set gets the remaining settings. @returns the names that were found. */
function dropSettings(json: JsonObject, drop: readonly string[], set: Record<string, string>): string[] {
  const dropped: string[] = [];
  for (const name of CONFIG_NAMES) {
    const config = json[name];
    const prefix = "generationConfig.";
    if (!isObject(config) || drop.includes(name)) continue;
    const unwanted = drop.filter(
      (field) => field.startsWith(prefix) && Object.hasOwn(config, field.slice(prefix.length)),
    );
    if (unwanted.length === 0) continue;
    dropped.push(...unwanted);
    const kept = Object.entries(config).filter(([field]) => !unwanted.includes(prefix + field));
    set[name] = JSON.stringify(Object.fromEntries(kept));
  }
  return dropped;
}

function stripTools(tools: JsonValue, keywords: ReadonlySet<string>, stripped: Set<string>): JsonValue {
  return (asArray(tools) ?? []).map((tool) => {
    if (!isObject(tool)) return tool;
    const changed: Record<string, JsonValue> = {};
    for (const name of DECLARATION_NAMES) {
      const declarations = asArray(tool[name]);
      if (declarations === undefined) continue;
      changed[name] = declarations.map((declaration) => stripDeclaration(declaration, keywords, stripped));
    }
    return { ...tool, ...changed };
  });
}

function stripDeclaration(
  declaration: JsonValue,
  keywords: ReadonlySet<string>,
  stripped: Set<string>,
): JsonValue {
  if (!isObject(declaration)) return declaration;
  const changed: Record<string, JsonValue> = {};
  for (const name of SCHEMA_NAMES) {
    const schema = declaration[name];
    if (schema !== undefined) changed[name] = stripSchema(schema, keywords, stripped);
  }
  return { ...declaration, ...changed };
}
