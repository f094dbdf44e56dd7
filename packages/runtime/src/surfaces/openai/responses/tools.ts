/** `tools` and `tool_choice` as canonical ones. */
import { isObject } from "@headgate/adapter-kit";
import { type JsonObject, type JsonValue, present, type Tool, type ToolChoice } from "@headgate/contract";
import { badRequest, quoted } from "../../../http/client-error.ts";
import { isArray } from "../../../http/json-body.ts";
import { listField, textField } from "../../field-readers.ts";
import { customFunction } from "./custom-tools.ts";
import { requiredText, unsupported } from "./fields.ts";
import { ToolNames } from "./tool-names.ts";

export interface DecodedTools {
  readonly tools: readonly Tool[];
  readonly choice?: ToolChoice;
  readonly names: ToolNames;
  /** The path of the web search among the tools; absent: there is none. */
  readonly searchPath?: string;
  /** True where the request depends on the search. */
  readonly searchRequired: boolean;
}

/** Coding clients offer web search beside their own tools with every request, whether or not it is wanted. */
const OPTIONAL_HOSTED: ReadonlySet<unknown> = new Set([
  "web_search",
  "web_search_2025_08_26",
  "web_search_preview",
  "web_search_preview_2025_03_11",
]);

/** @throws {ClientError} 400 with the path of a tool that cannot be translated. */
export function decodeTools(body: JsonObject): DecodedTools {
  const names = new ToolNames();
  const tools: Tool[] = [];
  const hosted: { readonly type: string; readonly path: string }[] = [];
  for (const [index, tool] of (listField(body, "tools") ?? []).entries()) {
    const path = `tools[${index}]`;
    if (!isObject(tool)) throw badRequest("A tool must be an object.", path);
    if (tool.type === "function") tools.push(decodeFunction(tool, undefined, path, names));
    else if (tool.type === "custom") tools.push(decodeCustom(tool, path, names));
    else if (tool.type === "namespace") tools.push(...decodeNamespace(tool, path, names));
    else if (OPTIONAL_HOSTED.has(tool.type)) hosted.push({ type: String(tool.type), path });
    else throw notTranslated(tool.type, path);
  }
  const { choice, allowed } = decodeChoice(body.tool_choice, names, hosted.length > 0);
  const [first] = hosted;
  if (choice === "required" && tools.length === 0 && first === undefined)
    throw badRequest("A tool call is required, but `tools` holds none.", "tool_choice");
  return {
    tools: allowed === undefined ? tools : tools.filter(({ name }) => allowed.has(name)),
    ...present({ choice }),
    names,
    ...present({ searchPath: first?.path }),
    // Beside other tools the search is one of the model's ways; alone or named, the request depends on it.
    searchRequired: first !== undefined && (tools.length === 0 || isHostedChoice(body.tool_choice)),
  };
}

const notTranslated = (type: JsonValue | undefined, path: string) =>
  unsupported(
    `Tools of the type ${quoted(type)} are run by OpenAI itself, not by this model; use tools of the type function or custom.`,
    `${path}.type`,
  );

function decodeFunction(
  tool: JsonObject,
  namespace: string | undefined,
  path: string,
  names: ToolNames,
): Tool {
  const name = requiredText(tool, "name", `${path}.`);
  const flat = names.add(namespace === undefined ? { name } : { name, namespace });
  if (flat === undefined) throw badRequest(`Two tools have the name ${quoted(name)}.`, `${path}.name`);
  const { parameters, strict } = tool;
  if (parameters !== undefined && parameters !== null && !isObject(parameters))
    throw badRequest("A function's `parameters` must be a JSON Schema, an object.", `${path}.parameters`);
  const description = textField(tool, "description", `${path}.description`);
  return {
    name: flat,
    ...present({ description }),
    ...(isObject(parameters) ? { parameters } : {}),
    ...(typeof strict === "boolean" ? { strict } : {}),
  };
}

function decodeCustom(tool: JsonObject, path: string, names: ToolNames): Tool {
  const name = requiredText(tool, "name", `${path}.`);
  const flat = names.add({ name, custom: true });
  if (flat === undefined) throw badRequest(`Two tools have the name ${quoted(name)}.`, `${path}.name`);
  return customFunction(tool, flat, path);
}

function decodeNamespace(tool: JsonObject, path: string, names: ToolNames): Tool[] {
  const namespace = requiredText(tool, "name", `${path}.`);
  const about = textField(tool, "description", `${path}.description`);
  if (!isArray(tool.tools)) throw badRequest("A namespace needs `tools`, an array.", `${path}.tools`);
  return tool.tools.map((nested, index) => {
    const at = `${path}.tools[${index}]`;
    if (!isObject(nested)) throw badRequest("A tool must be an object.", at);
    if (nested.type !== "function") throw notTranslated(nested.type, at);
    const decoded = decodeFunction(nested, namespace, at, names);
    // The namespace's own words would be lost with it.
    return decoded.description === undefined && about !== undefined
      ? { ...decoded, description: about }
      : decoded;
  });
}

interface Choice {
  readonly choice?: ToolChoice;
  /** Flat names; absent: all. */
  readonly allowed?: ReadonlySet<string>;
}

function decodeChoice(value: JsonValue | undefined, names: ToolNames, searches: boolean): Choice {
  if (value === undefined || value === null) return {};
  if (value === "auto" || value === "none" || value === "required") return { choice: value };
  if (!isObject(value))
    throw badRequest("`tool_choice` must be auto, none, required, or an object.", "tool_choice");
  if (value.type === "function" || value.type === "custom")
    return { choice: { name: chosenName(value, "tool_choice", names) } };
  if (value.type === "allowed_tools") {
    if (value.mode !== "auto" && value.mode !== "required")
      throw badRequest("`mode` must be auto or required.", "tool_choice.mode");
    if (!isArray(value.tools)) throw badRequest("`tools` must be an array of tools.", "tool_choice.tools");
    const allowed = value.tools.map((tool, index) => {
      const path = `tool_choice.tools[${index}]`;
      if (!isObject(tool)) throw badRequest("A tool must be an object.", path);
      if (tool.type !== "function" && tool.type !== "custom") throw notTranslated(tool.type, path);
      return chosenName(tool, path, names);
    });
    return { choice: value.mode, allowed: new Set(allowed) };
  }
  if (searches && isHostedChoice(value)) return {};
  throw notTranslated(value.type, "tool_choice");
}

const isHostedChoice = (choice: JsonValue | undefined): boolean =>
  isObject(choice) && OPTIONAL_HOSTED.has(choice.type);

function chosenName(value: JsonObject, path: string, names: ToolNames): string {
  const name = requiredText(value, "name", `${path}.`);
  const namespace = textField(value, "namespace", `${path}.namespace`);
  const flat = names.flat(namespace === undefined ? { name } : { name, namespace });
  if (names.has(flat)) return flat;
  throw badRequest(`The tool ${quoted(name)} is not among \`tools\`.`, `${path}.name`);
}
