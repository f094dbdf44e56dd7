/** Functions and the choice among them: https://ai.google.dev/gemini-api/docs/function-calling */
import { stripSchema } from "@headgate/adapter-kit";
import { type ChatRequest, type JsonObject, present } from "@headgate/contract";

/** The version of JSON Schema: not needed by the model, and refused by the API. */
const ANNOTATIONS: ReadonlySet<string> = new Set(["$schema"]);

/** @param search with Google's own search */
export function encodeTools({ tools }: ChatRequest, search: boolean): JsonObject[] | undefined {
  const google = search ? [{ googleSearch: {} }] : [];
  if (tools === undefined || tools.length === 0) return search ? google : undefined;
  const functionDeclarations = tools.map(({ name, description, parameters }) =>
    // The older field `parameters` accepts only a part of JSON Schema.
    present({ name, description, parametersJsonSchema: parameters && cleanSchema(parameters) }),
  );
  return [{ functionDeclarations }, ...google];
}

export const cleanSchema = (schema: JsonObject) => stripSchema(schema, ANNOTATIONS, new Set());

export function encodeToolConfig({ toolChoice, tools }: ChatRequest): JsonObject | undefined {
  if (toolChoice === undefined || toolChoice === "auto" || tools === undefined || tools.length === 0) {
    return undefined;
  }
  if (toolChoice === "none") return { functionCallingConfig: { mode: "NONE" } };
  if (toolChoice === "required") return { functionCallingConfig: { mode: "ANY" } };
  return { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [toolChoice.name] } };
}
