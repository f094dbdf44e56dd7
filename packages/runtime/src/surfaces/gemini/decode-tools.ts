/** Functions and the choice among them. https://ai.google.dev/api/caching#Tool */
import { isObject } from "@headgate/adapter-kit";
import {
  type JsonObject,
  type JsonValue,
  ownValue,
  present,
  type Tool,
  type ToolChoice,
  type WebSearch,
} from "@headgate/contract";
import { badRequest } from "../../http/client-error.ts";
import { textField } from "../field-readers.ts";
import { listOf, message, type Notes, optionalMessage, requiredText, textList } from "./fields.ts";
import { jsonSchema } from "./schema.ts";

const DECLARED: ReadonlySet<string> = new Set([
  "name",
  "description",
  "parameters",
  "parametersJsonSchema",
  // Schemas and timing of results: the client makes the results in any case.
  "response",
  "responseJsonSchema",
  "behavior",
]);

export interface Tools {
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly webSearch?: WebSearch;
}

export function decodeTools(body: JsonObject, notes: Notes): Tools {
  let search = false;
  const tools = listOf(body.tools).flatMap((entry, at) => {
    const path = `tools[${at}]`;
    const { functionDeclarations, googleSearch, googleSearchRetrieval, ...others } = message(entry, path);
    search ||= googleSearch !== undefined || googleSearchRetrieval !== undefined;
    for (const name of Object.keys(others)) notes.refuse(`The tool ${name}`, `${path}.${name}`);
    return listOf(functionDeclarations).map((declaration, index) =>
      decodeDeclaration(declaration, `${path}.functionDeclarations[${index}]`, notes),
    );
  });
  const { choice, allowed } = decodeChoice(body, notes);
  const callable = allowed === undefined ? tools : tools.filter(({ name }) => allowed.includes(name));
  const path = "toolConfig.functionCallingConfig";
  // The API's own tools (search, code) stand beside functions.
  if ((choice === "required" || typeof choice === "object") && listOf(body.tools).length === 0)
    throw badRequest("A call is required, but `tools` declares no function.", `${path}.mode`);
  const unknown = named(choice, allowed).find((name) => !tools.some((tool) => tool.name === name));
  if (unknown !== undefined)
    throw badRequest(`No function has the name ${JSON.stringify(unknown)}.`, `${path}.allowedFunctionNames`);
  if (callable.length === 0) return search ? { webSearch: { required: true } } : {};
  return { tools: callable, ...present({ toolChoice: choice, webSearch: search ? {} : undefined }) };
}

const named = (choice: ToolChoice | undefined, allowed: readonly string[] | undefined): readonly string[] =>
  typeof choice === "object" ? [choice.name] : (allowed ?? []);

function decodeDeclaration(value: JsonValue, path: string, notes: Notes): Tool {
  const declaration = message(value, path);
  for (const name of Object.keys(declaration))
    if (!DECLARED.has(name)) notes.refuse(`The field ${name} of a function`, `${path}.${name}`);
  const description = textField(declaration, "description", `${path}.description`);
  const parameters = parametersOf(declaration, path);
  return {
    name: requiredText(declaration, "name", `${path}.name`),
    ...present({ description, parameters }),
  };
}

function parametersOf(
  { parameters, parametersJsonSchema }: JsonObject,
  path: string,
): JsonObject | undefined {
  if (parametersJsonSchema === undefined)
    return parameters === undefined ? undefined : jsonSchema(parameters, `${path}.parameters`);
  if (isObject(parametersJsonSchema)) return parametersJsonSchema;
  throw badRequest("`parametersJsonSchema` must be a JSON Schema.", `${path}.parametersJsonSchema`);
}

const MODES: Readonly<Record<string, ToolChoice | undefined>> = {
  MODE_UNSPECIFIED: undefined,
  AUTO: "auto",
  ANY: "required",
  NONE: "none",
  // The model may answer in text or call. That calls fit their schemas holds on every wire.
  VALIDATED: "auto",
};

function decodeChoice(
  body: JsonObject,
  notes: Notes,
): { readonly choice?: ToolChoice | undefined; readonly allowed?: readonly string[] } {
  const config = optionalMessage(body, "toolConfig", "toolConfig") ?? {};
  for (const [name, value] of Object.entries(config))
    if (name !== "functionCallingConfig" && value !== false)
      notes.refuse(`The setting ${name}`, `toolConfig.${name}`);
  const path = "toolConfig.functionCallingConfig";
  const calling = optionalMessage(config, "functionCallingConfig", path);
  if (calling === undefined) return {};
  const mode = textField(calling, "mode", `${path}.mode`) ?? "MODE_UNSPECIFIED";
  if (!Object.hasOwn(MODES, mode))
    throw badRequest(`\`mode\` must be one of ${Object.keys(MODES).join(", ")}.`, `${path}.mode`);
  const allowed = textList(calling, "allowedFunctionNames", `${path}.allowedFunctionNames`) ?? [];
  const [only] = allowed;
  const choice =
    mode === "ANY" && allowed.length === 1 && only !== undefined ? { name: only } : ownValue(MODES, mode);
  // A single required function is named. Of several, the others are not offered.
  return { choice, ...(allowed.length > 1 ? { allowed } : {}) };
}
