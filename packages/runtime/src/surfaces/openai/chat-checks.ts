/** Checks of a chat body's own fields: what each must be, and which contradict each other. Unknown fields are left to the upstream. */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue } from "@headgate/contract";
import { badRequest, quoted } from "../../http/client-error.ts";
import { isArray } from "../../http/json-body.ts";

/** What a field must be, in words, and whether a value is that. */
interface Rule {
  readonly must: string;
  readonly holds: (value: JsonValue) => boolean;
}

const range = (least: number, most: number): Rule => ({
  must: `a number from ${least} to ${most}`,
  holds: (value) => typeof value === "number" && value >= least && value <= most,
});
const count = (least: number): Rule => ({
  must: `a whole number of at least ${least}`,
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= least,
});
const TEXT: Rule = { must: "a string", holds: (value) => typeof value === "string" };
const FLAG: Rule = { must: "true or false", holds: (value) => typeof value === "boolean" };
const OBJECT: Rule = { must: "an object", holds: (value) => isObject(value) };
const FORMATS: readonly JsonValue[] = ["text", "json_object", "json_schema"];
const CHOICES: readonly JsonValue[] = ["auto", "none", "required", "any"];

/** https://platform.openai.com/docs/api-reference/chat/create */
const RULES: ReadonlyMap<string, Rule> = new Map([
  ["temperature", range(0, 2)],
  ["top_p", range(0, 1)],
  ["frequency_penalty", range(-2, 2)],
  ["presence_penalty", range(-2, 2)],
  ["max_tokens", count(1)],
  ["max_completion_tokens", count(1)],
  ["n", count(1)],
  ["top_logprobs", count(0)],
  ["seed", { must: "a whole number", holds: (value) => Number.isInteger(value) }],
  ["logprobs", FLAG],
  ["parallel_tool_calls", FLAG],
  ["stream_options", OBJECT],
  ["logit_bias", OBJECT],
  ["web_search_options", OBJECT],
  ["user", TEXT],
  ["reasoning_effort", TEXT],
  [
    "stop",
    {
      must: "a string or an array of strings",
      holds: (value) =>
        typeof value === "string" || (isArray(value) && value.every((one) => typeof one === "string")),
    },
  ],
  [
    "response_format",
    {
      must: "an object whose `type` is text, json_object or json_schema",
      holds: (value) => isObject(value) && FORMATS.includes(value.type ?? null),
    },
  ],
  [
    "tool_choice",
    {
      must: "auto, none, required, or an object that names a function",
      holds: (value) => isObject(value) || CHOICES.includes(value),
    },
  ],
]);

/** @throws {ClientError} 400 that names the first field with a value that it cannot have */
export function checkFields(body: JsonObject): void {
  for (const name in body) {
    const value = body[name];
    if (value === null || value === undefined) continue;
    const rule = RULES.get(name);
    if (rule !== undefined && !rule.holds(value))
      throw badRequest(`\`${name}\` must be ${rule.must}, not ${quoted(value)}.`, name);
  }
  const format = body.response_format;
  if (isObject(format) && format.type === "json_schema") checkSchema(format.json_schema);
}

function checkSchema(described: JsonValue | undefined): void {
  const path = "response_format.json_schema";
  if (!isObject(described)) throw badRequest("`json_schema` must be an object with a `schema`.", path);
  const { schema } = described;
  if (schema !== undefined && schema !== null && !isObject(schema))
    throw badRequest("`schema` must be a JSON Schema, an object.", `${path}.schema`);
}

/** Tools, and the choice among them. @throws {ClientError} */
export function checkTools(body: JsonObject): void {
  const tools = isArray(body.tools) ? body.tools : [];
  const names = new Set<JsonValue | undefined>();
  for (let at = 0; at < tools.length; at += 1) {
    const name = functionName(tools[at], `tools[${at}]`);
    if (name === undefined) continue;
    if (names.has(name))
      throw badRequest(`Two tools have the name ${quoted(name)}.`, `tools[${at}].function.name`);
    names.add(name);
  }
  const choice = body.tool_choice;
  const named = isObject(choice) && isObject(choice.function) ? choice.function.name : undefined;
  if (named !== undefined && !names.has(named))
    throw badRequest(`The tool ${quoted(named)} is not among \`tools\`.`, "tool_choice.function.name");
  const forced = choice === "required" || choice === "any";
  if (forced && tools.length === 0 && !isArray(body.functions))
    throw badRequest("A tool call is required, but `tools` holds none.", "tool_choice");
}

/** Undefined for a tool of another type, which only some upstreams know. */
function functionName(tool: JsonValue | undefined, path: string): string | undefined {
  if (!isObject(tool)) throw badRequest("A tool must be an object.", path);
  if (tool.type !== "function") return undefined;
  const described = tool.function;
  if (!isObject(described) || typeof described.name !== "string" || described.name === "")
    throw badRequest("A tool needs a `function` with a `name`.", `${path}.function.name`);
  const { parameters } = described;
  if (parameters !== undefined && parameters !== null && !isObject(parameters))
    throw badRequest(
      "A function's `parameters` must be a JSON Schema, an object.",
      `${path}.function.parameters`,
    );
  return described.name;
}
