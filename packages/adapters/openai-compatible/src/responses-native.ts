/**
 * A client's own Responses body as the provider takes it: tool names, call ids, schemas and the effort in its form.
 * Everything else stays byte for byte.
 */
import {
  applyToClientBody,
  callIdMap,
  dialectOf,
  type EncodedRequest,
  editJson,
  exactBody,
  fixSchema,
  isObject,
  type NameMap,
  type NativeBody,
  Notes,
  nearestEffort,
  type Target,
  toolNameMap,
} from "@headgate/adapter-kit";
import { type Dialect, type JsonObject, type JsonValue, PLAIN_DIALECT, present } from "@headgate/contract";

/** Longer than on the chat route: https://platform.openai.com/docs/api-reference/responses/create#tools */
const NAME_CHARS = 128;

export function addressResponses(body: NativeBody, target: Target): EncodedRequest {
  const own = dialectOf(target);
  const notes = new Notes();
  const { changed, names } = changesFor(body, own, notes);
  const json = { ...body.json, ...changed };
  const set = Object.fromEntries(
    Object.entries(changed).map(([name, value]) => [name, JSON.stringify(value)]),
  );
  const fitted: NativeBody =
    Object.keys(changed).length === 0 ? body : { ...body, bytes: editJson(body.bytes, { set }).bytes, json };
  // A fragment drops and renames fields of chat completions, which do not apply to these fields.
  const { bytes, dropped } = applyToClientBody(fitted, PLAIN_DIALECT, {
    model: JSON.stringify(target.deployment.upstream),
  });
  return {
    path: own.responsesPath ?? "/responses",
    headers: {
      "content-type": "application/json",
      accept: json.stream === true ? "text/event-stream" : "application/json",
    },
    body: bytes,
    dropped: [...notes.all, ...dropped],
    ...present({ names }),
  };
}

interface Changes {
  readonly changed: Record<string, JsonValue>;
  readonly names: ReadonlyMap<string, string> | undefined;
}

const listIn = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];
const CALLS: ReadonlySet<JsonValue | undefined> = new Set(["function_call", "custom_tool_call"]);

function changesFor(body: NativeBody, dialect: Dialect, notes: Notes): Changes {
  const { json } = body;
  const items = listIn(json.input).filter(isObject);
  const tools = listIn(json.tools);
  const rule = dialect.tool_names;
  const names =
    rule &&
    toolNameMap({ ...rule, max: Math.max(rule.max ?? NAME_CHARS, NAME_CHARS) }, [
      ...tools.flatMap(namesIn),
      ...items.flatMap((item) => (CALLS.has(item.type) && typeof item.name === "string" ? [item.name] : [])),
    ]);
  const renamed = names?.changed === true ? names : undefined;
  const ids =
    dialect.call_ids &&
    callIdMap(
      dialect.call_ids,
      items.flatMap(({ call_id: id }) => (typeof id === "string" ? [id] : [])),
    );
  const changed: Record<string, JsonValue> = { ...effortOf(json, dialect, notes) };
  if (renamed !== undefined || ids?.changed === true)
    changed.input = listIn(exactBody(body).input).map((item) => withNames(item, renamed, ids));
  const fit = (tool: JsonValue): JsonValue => fitTool(tool, renamed, dialect, notes);
  if (tools.some((tool) => fit(tool) !== tool)) changed.tools = listIn(exactBody(body).tools).map(fit);
  const { tool_choice: choice } = json;
  if (renamed !== undefined && isObject(choice) && typeof choice.name === "string")
    changed.tool_choice = { ...choice, name: renamed.of(choice.name) };
  return { changed, names: renamed?.restored };
}

const isOwn = ({ type }: JsonObject): boolean => type === "function" || type === "custom";

function namesIn(tool: JsonValue): readonly string[] {
  if (!isObject(tool)) return [];
  if (tool.type === "namespace") return listIn(tool.tools).flatMap(namesIn);
  return isOwn(tool) && typeof tool.name === "string" ? [tool.name] : [];
}

function fitTool(tool: JsonValue, names: NameMap | undefined, dialect: Dialect, notes: Notes): JsonValue {
  if (!isObject(tool)) return tool;
  if (tool.type === "namespace") {
    const inner = listIn(tool.tools);
    const fitted = inner.map((one) => fitTool(one, names, dialect, notes));
    return fitted.every((one, at) => one === inner[at]) ? tool : { ...tool, tools: fitted };
  }
  if (!isOwn(tool)) return tool;
  const { name, parameters } = tool;
  const sent = typeof name === "string" ? (names?.of(name) ?? name) : name;
  const said = new Notes();
  const fixed =
    dialect.schema === undefined || !isObject(parameters)
      ? parameters
      : fixSchema(parameters, dialect.schema, said);
  for (const field of said.all) notes.name(field.replace("tools[].function.", "tools[]."));
  if (sent === name && fixed === parameters) return tool;
  return { ...tool, ...present({ name: sent, parameters: fixed }) };
}

function withNames(item: JsonValue, names: NameMap | undefined, ids: NameMap | undefined): JsonValue {
  if (!isObject(item)) return item;
  const { call_id: id, name } = item;
  return {
    ...item,
    ...(typeof id === "string" && ids !== undefined ? { call_id: ids.of(id) } : {}),
    ...(CALLS.has(item.type) && typeof name === "string" && names !== undefined
      ? { name: names.of(name) }
      : {}),
  };
}

/** The nearest effort that the model takes. */
function effortOf(
  { reasoning }: JsonObject,
  { effort: rule }: Dialect,
  notes: Notes,
): Record<string, JsonValue> {
  if (rule === undefined || !isObject(reasoning) || typeof reasoning.effort !== "string") return {};
  const sent = nearestEffort(rule, reasoning.effort);
  if (sent === reasoning.effort) return {};
  notes.name("reasoning.effort");
  const { effort: _, ...others } = reasoning;
  return { reasoning: sent === undefined ? others : { ...others, effort: sent } };
}
