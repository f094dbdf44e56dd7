/** Declared tools and the choice among them, on every wire: names, counts, fields, forced calls. */
import { asList, asObject, asText, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Check } from "../rule.ts";

export interface DeclaredTool {
  /** Path of the declaration: `tools[0].function`, `tools[0]`, `tools[0].function_declarations[1]`. */
  readonly at: string;
  readonly name: string;
  readonly declaration: JsonObject;
  /** The schema of the arguments as given; absent where there is none. */
  readonly schema: JsonValue | undefined;
}

/** Function tools of any wire. */
export function toolsOf(body: JsonObject): readonly DeclaredTool[] {
  return asList(body.tools)
    .map(asObject)
    .flatMap((tool, index): readonly DeclaredTool[] => {
      const at = `tools[${index}]`;
      if (tool.functionDeclarations !== undefined) {
        return asList(tool.functionDeclarations)
          .map(asObject)
          .map((declaration, nth) => ({
            at: `${at}.function_declarations[${nth}]`,
            name: asText(declaration.name),
            declaration,
            schema: declaration.parameters,
          }));
      }
      const inner = isObject(tool.function) ? tool.function : tool;
      // A hosted tool has no declaration.
      const hosted = typeof tool.type === "string" && !["function", "custom"].includes(tool.type);
      if (inner === tool && (hosted || tool.name === undefined)) return [];
      return [
        {
          at: inner === tool ? at : `${at}.function`,
          name: asText(inner.name),
          declaration: inner,
          schema: inner.input_schema ?? inner.parameters,
        },
      ];
    });
}

const eachTool =
  (test: (tool: DeclaredTool) => boolean, path = "name"): Check =>
  (body) => {
    const tool = toolsOf(body).find(test);
    return tool === undefined ? undefined : { at: `${tool.at}.${path}`, value: tool.name };
  };

export const anyTool: Check = (body) => (asList(body.tools).length > 0 ? { at: "tools" } : undefined);
export const toolName = (pattern: RegExp): Check => eachTool(({ name }) => !pattern.test(name));
export const toolField = (name: string): Check =>
  eachTool(({ declaration }) => declaration[name] !== undefined, name);
/** A field at the tool's outer level. */
export const outerToolField =
  (name: string): Check =>
  (body) => {
    const at = asList(body.tools).findIndex((tool) => asObject(tool)[name] !== undefined);
    return at === -1 ? undefined : { at: `tools.${at}.${name}`, value: name };
  };
export const schemaMissing: Check = eachTool(
  ({ schema }) => schema === undefined || schema === null,
  "parameters",
);

export const toolsAbove =
  (most: number): Check =>
  (body) => {
    const count = asList(body.tools).length;
    return count > most ? { at: "tools", value: String(count) } : undefined;
  };

export const repeatedToolName: Check = (body) => {
  const names = toolsOf(body).map(({ name }) => name);
  const value = names.find((name, index) => names.indexOf(name) < index);
  return value === undefined ? undefined : { at: "tools", value };
};

/** A tool that is no function of the chat wire's form `{type, function}`. */
export const notChatTool: Check = (body) => {
  const at = asList(body.tools).findIndex((tool) => !isObject(asObject(tool).function));
  return at === -1 ? undefined : { at: `tools[${at}]`, value: asText(asObject(asList(body.tools)[at]).type) };
};

/** A choice that forces a call: `required`, `any`, or a named tool. */
export const forcedChoice: Check = (body) => {
  const choice = body.tool_choice;
  const word = asText(isObject(choice) ? choice.type : choice);
  return ["required", "any", "tool", "function"].includes(word)
    ? { at: "tool_choice", value: word }
    : undefined;
};

/** Any choice but these words. */
export const choiceOtherThan =
  (...words: readonly string[]): Check =>
  ({ tool_choice: choice }) =>
    choice === undefined || (typeof choice === "string" && words.includes(choice))
      ? undefined
      : { at: "tool_choice", value: typeof choice === "string" ? choice : "object" };

/** Fields about tools in a request without tools. */
export const toolFieldsAlone: Check = (body) => {
  if (asList(body.tools).length > 0) return undefined;
  const at = ["tool_choice", "parallel_tool_calls"].find((name) => body[name] !== undefined);
  return at === undefined ? undefined : { at, value: at };
};
