/**
 * The form of OpenAI's chat wire that every server of it takes: roles, content, calls, tools, the choice of a tool.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
import { asList, asText, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Check, Finding } from "../rule.ts";
import { messagesOf } from "./messages.ts";

const ROLES = ["system", "developer", "user", "assistant", "tool", "function"];

const fault = (at: string, value: string): Finding => ({ at, value });

function partFault(part: JsonValue, at: string): Finding | undefined {
  if (!isObject(part)) return fault(at, "expected an object");
  switch (part.type) {
    case "text":
      return typeof part.text === "string" ? undefined : fault(`${at}.text`, "expected a string");
    case "image_url":
      return isObject(part.image_url) && typeof part.image_url.url === "string"
        ? undefined
        : fault(`${at}.image_url`, "expected an object with a url");
    default:
      return typeof part.type === "string" ? undefined : fault(`${at}.type`, "missing required parameter");
  }
}

function callFault(call: JsonValue, at: string): Finding | undefined {
  if (!isObject(call)) return fault(at, "expected an object");
  if (typeof call.id !== "string" || call.id === "") return fault(`${at}.id`, "missing required parameter");
  if (call.type === "custom") {
    return isObject(call.custom) ? undefined : fault(`${at}.custom`, "missing required parameter");
  }
  if (call.type !== "function") return fault(`${at}.type`, "expected 'function'");
  if (!isObject(call.function)) return fault(`${at}.function`, "missing required parameter");
  return asText(call.function.name) === ""
    ? fault(`${at}.function.name`, "missing required parameter")
    : undefined;
}

function first(values: readonly JsonValue[], at: string, test: typeof partFault): Finding | undefined {
  for (const [index, value] of values.entries()) {
    const found = test(value, `${at}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function messageFault(message: JsonObject, at: string): Finding | undefined {
  const { role, content } = message;
  if (!ROLES.includes(asText(role))) return fault(`${at}.role`, "invalid value");
  if (Array.isArray(content)) {
    const found = first(content, `${at}.content`, partFault);
    if (found !== undefined) return found;
  } else if (content !== undefined && content !== null && typeof content !== "string") {
    return fault(`${at}.content`, "expected a string or an array");
  }
  const calls = message.tool_calls;
  if (role === "assistant") {
    if (calls !== undefined && (!Array.isArray(calls) || calls.length === 0)) {
      return fault(`${at}.tool_calls`, "expected an array with minimum length 1");
    }
    if (calls === undefined && (content === undefined || content === null)) {
      return typeof message.refusal === "string"
        ? undefined
        : fault(`${at}.content`, "expected a string, got null");
    }
    return first(asList(calls), `${at}.tool_calls`, callFault);
  }
  if (content === undefined || content === null) return fault(`${at}.content`, "missing required parameter");
  if (role === "tool" && typeof message.tool_call_id !== "string") {
    return fault(`${at}.tool_call_id`, "missing required parameter");
  }
  return undefined;
}

function toolFault(tool: JsonValue, at: string): Finding | undefined {
  if (!isObject(tool)) return fault(at, "expected an object");
  if (tool.type === "custom") {
    return isObject(tool.custom) ? undefined : fault(`${at}.custom`, "missing required parameter");
  }
  if (tool.type !== "function") return fault(`${at}.type`, "expected 'function'");
  if (!isObject(tool.function)) return fault(`${at}.function`, "missing required parameter");
  const { name, parameters } = tool.function;
  if (asText(name) === "") return fault(`${at}.function.name`, "missing required parameter");
  return parameters === undefined || parameters === null || isObject(parameters)
    ? undefined
    : fault(`${at}.function.parameters`, "expected an object");
}

function choiceFault(choice: JsonValue | undefined): Finding | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (typeof choice === "string") {
    return ["none", "auto", "required"].includes(choice) ? undefined : fault("tool_choice", "invalid value");
  }
  if (!isObject(choice)) return fault("tool_choice", "expected an object");
  const named = { function: choice.function, custom: choice.custom, allowed_tools: choice.allowed_tools };
  const inner = named[choice.type as keyof typeof named];
  return isObject(inner) ? undefined : fault("tool_choice", "expected an object with the tool's name");
}

export const chatStructure: Check = (body) => {
  if (typeof body.model !== "string") return fault("model", "missing required parameter");
  if (!Array.isArray(body.messages) || body.messages.length === 0)
    return fault("messages", "expected a non-empty array");
  for (const [index, message] of messagesOf(body).entries()) {
    const found = messageFault(message, `messages[${index}]`);
    if (found !== undefined) return found;
  }
  return first(asList(body.tools), "tools", toolFault) ?? choiceFault(body.tool_choice);
};
