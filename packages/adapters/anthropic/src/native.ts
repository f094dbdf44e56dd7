/**
 * A client's own Messages body as the model takes it. What the model would refuse is changed in place, and everything
 * else stays byte for byte: parts of this wire have no place in the canonical form.
 */
import {
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
  type Target,
  toolNameMap,
} from "@headgate/adapter-kit";
import { type Dialect, type JsonObject, type JsonValue, present } from "@headgate/contract";
import { traitsOf } from "./models.ts";
import { fitFormat, fitSampling, fitThinking, type Settings } from "./native-settings.ts";
import { addressRequest } from "./request.ts";

/** "String should match pattern '^[a-zA-Z0-9_-]+$'" */
const ID = /^[a-zA-Z0-9_-]+$/;

export function addressNative(body: NativeBody, target: Target): EncodedRequest {
  const notes = new Notes();
  const { changed, names } = changesFor(body, target, notes);
  if (Object.keys(changed).length === 0) return addressRequest(body, target);
  const set: Record<string, string> = {};
  const drop: string[] = [];
  const json: Record<string, JsonValue> = { ...body.json };
  for (const [name, value] of Object.entries(changed)) {
    if (value === undefined) {
      drop.push(name);
      delete json[name];
    } else {
      set[name] = JSON.stringify(value);
      json[name] = value;
    }
  }
  const { bytes } = editJson(body.bytes, { set, drop });
  const encoded = addressRequest({ ...body, bytes, json }, target);
  return {
    ...encoded,
    dropped: [...notes.all, ...encoded.dropped],
    ...(names === undefined ? {} : { names }),
  };
}

interface Changes {
  /** Members by name; undefined: left out. */
  readonly changed: Settings;
  /** Tool names as sent → the client's. */
  readonly names?: ReadonlyMap<string, string>;
}

function changesFor(body: NativeBody, target: Target, notes: Notes): Changes {
  const { json } = body;
  const dialect = dialectOf(target);
  const traits = traitsOf(target.deployment.upstream);
  const thought = fitThinking(json, traits, notes);
  const config = "output_config" in thought.changed ? thought.changed.output_config : json.output_config;
  const settings: Settings = {
    ...thought.changed,
    ...(traits.claude ? fitFormat(config, notes) : {}),
    ...(traits.claude ? fitSampling(json, target, thought.on, notes) : {}),
    ...stopsOf(json, dialect, notes),
  };
  const found = namesIn(json);
  const names = dialect.tool_names && toolNameMap(dialect.tool_names, found.names);
  const ids = found.ids.every((id) => ID.test(id)) ? undefined : callIdMap({ chars: "word" }, found.ids);
  const renamed = names?.changed === true ? names : undefined;
  const moved = found.system && traits.claude && !traits.systemBetween;
  const conversation =
    renamed === undefined && ids === undefined && !moved
      ? {}
      : conversationOf(exactBody(body), { renamed, ids, moved }, notes);
  const tools = toolsOf(body, { renamed, dialect }, notes);
  return {
    changed: {
      ...settings,
      ...(traits.claude ? {} : withoutBilling(json)),
      ...conversation,
      ...tools,
      ...choiceOf(json, renamed),
    },
    ...present({ names: renamed?.restored }),
  };
}

/**
 * Claude Code's first system block is for Anthropic's accounting. It changes with every request, and so would empty the
 * prompt cache of another maker's model.
 */
function withoutBilling({ system }: JsonObject): Settings {
  if (!Array.isArray(system)) return {};
  const blocks = system as readonly JsonValue[];
  const kept = blocks.filter((block) => !isBilling(block));
  if (kept.length === blocks.length) return {};
  return { system: kept.length === 0 ? undefined : kept };
}

const isBilling = (block: JsonValue): boolean =>
  isObject(block) && typeof block.text === "string" && block.text.startsWith("x-anthropic-billing-header:");

interface Found {
  readonly names: string[];
  readonly ids: string[];
  /** A system message stands between the turns. */
  readonly system: boolean;
}

const listIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]).filter(isObject) : [];

/** A function of the client's; the other types are Anthropic's own tools. */
const isFunction = ({ type }: JsonObject): boolean =>
  type === undefined || type === null || type === "custom";

function namesIn({ messages, tools }: JsonObject): Found {
  const names: string[] = [];
  const ids: string[] = [];
  let system = false;
  for (const tool of listIn(tools))
    if (isFunction(tool) && typeof tool.name === "string") names.push(tool.name);
  for (const { role, content } of listIn(messages)) {
    if (role === "system") system = true;
    for (const block of listIn(content)) {
      if (block.type === "tool_use") {
        if (typeof block.name === "string") names.push(block.name);
        if (typeof block.id === "string") ids.push(block.id);
      } else if (block.type === "tool_result" && typeof block.tool_use_id === "string")
        ids.push(block.tool_use_id);
    }
  }
  return { names, ids, system };
}

interface Moves {
  readonly renamed: NameMap | undefined;
  readonly ids: NameMap | undefined;
  /** System messages go to the front. */
  readonly moved: boolean;
}

/** Messages, and with them the system text, where a rule changes them. */
function conversationOf(json: JsonObject, { renamed, ids, moved }: Moves, notes: Notes): Settings {
  const front: JsonValue[] = [];
  const list = (json.messages as readonly JsonValue[]).flatMap((message): readonly JsonValue[] => {
    if (!isObject(message)) return [message];
    if (moved && message.role === "system") {
      front.push(...textBlocks(message.content));
      return [];
    }
    if (!Array.isArray(message.content)) return [message];
    const content = (message.content as readonly JsonValue[]).map((block) => withNames(block, renamed, ids));
    return [{ ...message, content }];
  });
  if (front.length === 0) return { messages: list };
  notes.name("messages.role");
  return { messages: list, system: [...textBlocks(json.system), ...front] };
}

function withNames(block: JsonValue, names: NameMap | undefined, ids: NameMap | undefined): JsonValue {
  if (!isObject(block)) return block;
  if (block.type === "tool_result" && typeof block.tool_use_id === "string")
    return { ...block, tool_use_id: ids?.of(block.tool_use_id) ?? block.tool_use_id };
  if (block.type !== "tool_use") return block;
  const { id, name } = block;
  return {
    ...block,
    ...(typeof id === "string" ? { id: ids?.of(id) ?? id } : {}),
    ...(typeof name === "string" ? { name: names?.of(name) ?? name } : {}),
  };
}

const textBlocks = (content: JsonValue | undefined): readonly JsonValue[] => {
  if (Array.isArray(content)) return content as readonly JsonValue[];
  return typeof content === "string" && content !== "" ? [{ type: "text", text: content }] : [];
};

function toolsOf(
  body: NativeBody,
  { renamed, dialect }: { readonly renamed: NameMap | undefined; readonly dialect: Dialect },
  notes: Notes,
): Settings {
  const said = new Notes();
  const fit = (tool: JsonObject): JsonObject => {
    if (!isFunction(tool)) return tool;
    const { name, input_schema: schema } = tool;
    const sent = typeof name === "string" ? (renamed?.of(name) ?? name) : name;
    const fixed =
      dialect.schema === undefined || !isObject(schema) ? schema : fixSchema(schema, dialect.schema, said);
    return sent === name && fixed === schema
      ? tool
      : { ...tool, ...present({ name: sent, input_schema: fixed }) };
  };
  if (listIn(body.json.tools).every((tool) => fit(tool) === tool)) return {};
  for (const name of said.all) notes.name(name.replace("tools[].function.parameters", "tools.input_schema"));
  // Long integers keep their digits.
  return { tools: listIn(exactBody(body).tools).map(fit) };
}

function choiceOf({ tool_choice: choice }: JsonObject, renamed: NameMap | undefined): Settings {
  if (renamed === undefined || !isObject(choice) || typeof choice.name !== "string") return {};
  return { tool_choice: { ...choice, name: renamed.of(choice.name) } };
}

/** "each stop sequence must contain non-whitespace" */
function stopsOf({ stop_sequences: stops }: JsonObject, { params }: Dialect, notes: Notes): Settings {
  if (params?.stop?.blank !== false || !Array.isArray(stops)) return {};
  const list = stops as readonly JsonValue[];
  const kept = list.filter((stop) => typeof stop !== "string" || stop.trim() !== "");
  if (kept.length === list.length) return {};
  notes.name("stop_sequences");
  return { stop_sequences: kept.length === 0 ? undefined : kept };
}
