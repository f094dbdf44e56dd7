/** The list of tools: how many, which fields they have, and that each tool of the history is in it. */
import type { ChatRequest, Dialect, Tool } from "@headgate/contract";
import { EncodeError } from "../adapter.ts";
import { mapChanged } from "./map-messages.ts";
import type { Notes } from "./notes.ts";
import { fixSchema } from "./schema.ts";

const OPEN = { type: "object", properties: {} } as const;

/** @throws {EncodeError} for more tools than the provider takes */
export function ruleTools(request: ChatRequest, dialect: Dialect, notes: Notes): ChatRequest {
  const { tools: rule, pairs, fields, schema } = dialect;
  let tools = request.tools ?? [];
  if (pairs?.declared === true) tools = withDeclared(request, tools);
  if (rule?.max !== undefined && tools.length > rule.max)
    throw new EncodeError(
      `this provider takes at most ${rule.max} tools; the request has ${tools.length}`,
      "tools",
    );
  tools = mapChanged(tools, (tool) => {
    let one = tool;
    if (fields?.tool !== undefined && !fields.tool.includes("strict") && one.strict !== undefined) {
      const { strict: _, ...rest } = one;
      if (one.strict) notes.name("tools[].function.strict");
      one = rest;
    }
    if (rule?.parameters === "required" && one.parameters === undefined) one = { ...one, parameters: OPEN };
    if (schema === undefined || one.parameters === undefined) return one;
    const parameters = fixSchema(one.parameters, schema, notes);
    return parameters === one.parameters ? one : { ...one, parameters };
  });
  if (tools === (request.tools ?? tools) && (request.tools !== undefined || tools.length === 0))
    return request;
  // Tools that are only declared for the history are not to be called.
  const none = (request.tools ?? []).length === 0 ? { toolChoice: "none" as const } : {};
  return { ...request, tools, ...none };
}

/** Providers refuse a call of the history whose tool is not declared. */
function withDeclared({ messages, tools }: ChatRequest, list: readonly Tool[]): readonly Tool[] {
  const known = new Set(list.map(({ name }) => name));
  const missing = new Set<string>();
  for (const message of messages) {
    if (message.role !== "assistant") continue;
    for (const { name } of message.toolCalls) if (!known.has(name)) missing.add(name);
  }
  if (missing.size === 0) return tools ?? list;
  const description = "Not available any more.";
  return [...list, ...[...missing].map((name): Tool => ({ name, description, parameters: OPEN }))];
}
