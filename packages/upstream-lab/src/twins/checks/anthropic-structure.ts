/** The form of Anthropic's Messages wire: known blocks, fields and types. https://platform.claude.com/docs/en/api/messages */
import { asList, asObject, asText, isObject, type JsonValue } from "../../json.ts";
import type { Check, Finding } from "../rule.ts";
import { messagesOf, type PlacedBlock, placed, systemBlocks } from "./anthropic.ts";
import { toolsOf } from "./tools.ts";

const BLOCK_FIELDS: Readonly<Record<string, readonly string[]>> = {
  text: ["text", "citations", "cache_control"],
  image: ["source", "cache_control"],
  document: ["source", "title", "context", "citations", "cache_control"],
  thinking: ["thinking", "signature", "cache_control"],
  redacted_thinking: ["data", "cache_control"],
  tool_use: ["id", "name", "input", "cache_control", "caller"],
  tool_result: ["tool_use_id", "content", "is_error", "cache_control"],
  server_tool_use: ["id", "name", "input", "cache_control", "caller"],
};

/** A block's fault: an unknown type, a field that it does not have, or a value of the wrong type. */
function blockFault({ at, block }: PlacedBlock): Finding | undefined {
  const type = asText(block.type);
  if (type === "") return { at: `${at}.type`, value: "Field required" };
  const fields = Object.hasOwn(BLOCK_FIELDS, type) ? BLOCK_FIELDS[type] : undefined;
  if (fields === undefined) {
    return type.endsWith("_tool_result")
      ? undefined
      : {
          at: `${at}.type`,
          value: `Input tag '${type}' found using 'type' does not match any of the expected tags`,
        };
  }
  const extra = Object.keys(block).find(
    (name) => name !== "type" && block[name] !== undefined && !fields.includes(name),
  );
  if (extra !== undefined) return { at: `${at}.${type}.${extra}`, value: "Extra inputs are not permitted" };
  if (type === "tool_use" && !isObject(block.input)) {
    return { at: `${at}.tool_use.input`, value: "Input should be a valid dictionary" };
  }
  if (type === "text" && typeof block.text !== "string")
    return { at: `${at}.text.text`, value: "Field required" };
  if (type === "thinking" && typeof block.signature !== "string") {
    return { at: `${at}.thinking.signature`, value: "Field required" };
  }
  return undefined;
}

const validContent = (content: JsonValue | undefined): boolean =>
  typeof content === "string" || Array.isArray(content);

export const messagesStructure: Check = (body) => {
  if (typeof body.max_tokens !== "number") return { at: "max_tokens", value: "Field required" };
  const messages = messagesOf(body);
  if (messages.length === 0) return { at: "messages", value: "at least one message is required" };
  for (const [index, message] of messages.entries()) {
    if (!["user", "assistant", "system"].includes(asText(message.role))) {
      return { at: `messages.${index}.role`, value: "Input should be 'user' or 'assistant'" };
    }
    const extra = Object.keys(message).find((name) => !["role", "content"].includes(name));
    if (extra !== undefined)
      return { at: `messages.${index}.${extra}`, value: "Extra inputs are not permitted" };
    if (!validContent(message.content)) return { at: `messages.${index}.content`, value: "Field required" };
    const empty = message.content === "" || asList(message.content).length === 0;
    if (
      typeof message.content !== "string" &&
      empty &&
      !(index === messages.length - 1 && message.role === "assistant")
    ) {
      return { at: `messages.${index}`, value: "all messages must have non-empty content" };
    }
    if (message.content === "")
      return { at: `messages.${index}`, value: "all messages must have non-empty content" };
  }
  for (const block of [...systemBlocks(body), ...placed(body)]) {
    const found = blockFault(block);
    if (found !== undefined) return found;
  }
  for (const { at, name, schema } of toolsOf(body)) {
    if (name === "") return { at: `${at}.name`, value: "Field required" };
    if (!isObject(schema) && asText(asObject(asList(body.tools)[0]).type) === "") {
      return { at: `${at}.input_schema`, value: "Field required" };
    }
    if (isObject(schema) && schema.type !== "object") {
      return { at: `${at}.input_schema.type`, value: "Field required" };
    }
  }
  return undefined;
};
