/**
 * Tools of free text, such as a coding client's apply_patch, for models that know functions only: a function of one text.
 * https://platform.openai.com/docs/guides/function-calling#custom-tools
 */
import { isObject, parseJson } from "@headgate/adapter-kit";
import type { JsonObject, Tool } from "@headgate/contract";
import { textField } from "../../field-readers.ts";

/** The one parameter. */
const INPUT = "input";

const PARAMETERS: JsonObject = {
  type: "object",
  properties: { [INPUT]: { type: "string", description: "The whole input of the tool, as plain text." } },
  required: [INPUT],
  additionalProperties: false,
};

/** @param name as it is sent */
export function customFunction(tool: JsonObject, name: string, path: string): Tool {
  const about = textField(tool, "description", `${path}.description`);
  const { format } = tool;
  const grammar =
    isObject(format) && typeof format.definition === "string"
      ? `The input follows this ${typeof format.syntax === "string" ? `${format.syntax} ` : ""}grammar:\n${format.definition}`
      : undefined;
  const words = [about, grammar].filter((text) => text !== undefined).join("\n\n");
  return { name, ...(words === "" ? {} : { description: words }), parameters: PARAMETERS };
}

export const argumentsOfInput = (input: string): string => JSON.stringify({ [INPUT]: input });

/** The text of a call; the arguments themselves where a model wrote no object. */
export function inputOfArguments(text: string): string {
  const value = parseJson(text);
  const input = isObject(value) ? value[INPUT] : undefined;
  return typeof input === "string" ? input : text;
}
