/** Input items of OpenAI's Responses wire. https://platform.openai.com/docs/api-reference/responses/create */
import { asList, asObject, asText, isObject, type JsonObject } from "../../json.ts";
import type { Check, Finding } from "../rule.ts";
import { sealFault } from "../seal.ts";
import { parsedJson } from "./calls.ts";

export const itemsOf = (body: JsonObject): readonly JsonObject[] => asList(body.input).map(asObject);

const eachItem =
  (
    test: (item: JsonObject, index: number, items: readonly JsonObject[]) => boolean | Finding | undefined,
  ): Check =>
  (body) => {
    const items = itemsOf(body);
    for (const [index, item] of items.entries()) {
      const found = test(item, index, items);
      if (found === true) return { at: `input[${index}]`, value: asText(item.id) };
      if (typeof found === "object") return found;
    }
    return undefined;
  };

const OUTPUT = ["message", "function_call", "custom_tool_call", "reasoning", "web_search_call"];
const isOutput = (item: JsonObject | undefined): boolean =>
  item !== undefined &&
  (OUTPUT.includes(asText(item.type)) || (item.type === undefined && item.role === "assistant")) &&
  (item.role === undefined || item.role === "assistant");

/** A stored reasoning item without the item that it led to. Items without an id are not checked so. */
export const reasoningAlone: Check = eachItem(
  (item, index, items) =>
    item.type === "reasoning" && typeof item.id === "string" && !isOutput(items[index + 1]),
);

/** A call or message with the id of a reasoning model's answer, without its reasoning item before it. */
export const reasoningLeftOut: Check = eachItem((item, index, items) => {
  const ofModel = /^(fc|msg)_/.test(asText(item.id)) && isOutput(item);
  if (!ofModel) return false;
  const earlier = items.slice(0, index).findLast((one) => one.type === "reasoning" || !isOutput(one));
  return earlier?.type !== "reasoning";
});

const PREFIXES: Readonly<Record<string, string>> = {
  function_call: "fc",
  message: "msg",
  reasoning: "rs",
  custom_tool_call: "ctc",
};

export const foreignItemId: Check = eachItem((item, index) => {
  const prefix = PREFIXES[asText(item.type ?? (item.role === undefined ? "" : "message"))];
  const id = item.id;
  return prefix !== undefined && typeof id === "string" && id !== "" && !id.startsWith(prefix)
    ? { at: `input[${index}].id`, value: `'${id}'. Expected an ID that begins with '${prefix}'` }
    : undefined;
});

export const itemIdLonger = (most: number): Check =>
  eachItem((item, index) =>
    asText(item.id).length > most
      ? { at: `input[${index}].id`, value: String(asText(item.id).length) }
      : undefined,
  );

export const emptyItemId: Check = eachItem((item, index) =>
  item.id === "" ? { at: `input[${index}].id` } : undefined,
);

export const callIdLonger = (most: number): Check =>
  eachItem((item, index) =>
    asText(item.call_id).length > most
      ? { at: `input[${index}].call_id`, value: String(asText(item.call_id).length) }
      : undefined,
  );

/** With `store: false` a reference, or reasoning that is only an id. */
export const notPersisted: Check = (body) =>
  body.store !== false
    ? undefined
    : eachItem(
        (item) =>
          item.type === "item_reference" ||
          (item.type === "reasoning" &&
            typeof item.id === "string" &&
            asText(item.encrypted_content) === "" &&
            asList(item.content).length === 0),
      )(body, "");

/** Encrypted reasoning that this provider did not make. */
export const foreignEncryption = (owner: string): Check =>
  eachItem((item, index) => {
    const sealed = item.encrypted_content;
    if (typeof sealed !== "string" || item.type === "compaction") return undefined;
    return sealFault(sealed, owner, "reasoning") === undefined
      ? undefined
      : { at: `input[${index}].encrypted_content` };
  });

export const summaryMissing: Check = eachItem((item, index) =>
  item.type === "reasoning" && !Array.isArray(item.summary) ? { at: `input[${index}].summary` } : undefined,
);

/** llama.cpp: a reasoning item with a null summary or with empty content has no type. */
export const reasoningEmpty: Check = eachItem(
  (item) =>
    item.type === "reasoning" &&
    (item.summary === null || (Array.isArray(item.content) && item.content.length === 0)),
);

/** Every call of a parallel round needs a reasoning item with text before it. */
export const reasoningTextMissing: Check = eachItem((item, index, items) => {
  if (item.type !== "function_call") return false;
  const before = items[index - 1];
  return !(
    before?.type === "reasoning" &&
    asList(before.content).some((part) => asObject(part).type === "reasoning_text")
  );
});

export const itemArgumentsNotJson: Check = eachItem((item, index) =>
  item.type === "function_call" && parsedJson(item.arguments) === undefined
    ? { at: `input[${index}].arguments` }
    : undefined,
);

export const unansweredItem: Check = eachItem((item, _, items) => {
  const kind = asText(item.type);
  if (kind !== "function_call" && kind !== "custom_tool_call") return undefined;
  const output = items.some((one) => one.type === `${kind}_output` && one.call_id === item.call_id);
  return output ? undefined : { at: "input", value: asText(item.call_id) };
});

export const orphanOutput: Check = eachItem((item, _, items) => {
  const kind = asText(item.type);
  if (kind !== "function_call_output" && kind !== "custom_tool_call_output") return undefined;
  const call = items.some((one) => `${asText(one.type)}_output` === kind && one.call_id === item.call_id);
  return call ? undefined : { at: "input", value: asText(item.call_id) };
});

const PART_TYPES: Readonly<Record<string, readonly string[]>> = {
  assistant: ["output_text", "refusal"],
  user: ["input_text", "input_image", "input_file", "input_audio"],
  system: ["input_text", "input_image", "input_file"],
  developer: ["input_text", "input_image", "input_file"],
};

/** The form of input items: roles, part types, required fields. */
export const itemStructure: Check = (body) => {
  if (typeof body.input === "string") return undefined;
  if (!Array.isArray(body.input) || body.input.length === 0) return { at: "input", value: "missing" };
  return eachItem((item, index) => {
    const at = `input[${index}]`;
    const kind = asText(item.type ?? "message");
    if (kind === "message") {
      const allowed = PART_TYPES[asText(item.role)];
      if (allowed === undefined) return { at: `${at}.role`, value: "Invalid value" };
      if (typeof item.content === "string") return undefined;
      if (!Array.isArray(item.content)) return { at: `${at}.content`, value: "Missing required parameter" };
      const wrong = item.content.findIndex((part) => !allowed.includes(asText(asObject(part).type)));
      return wrong === -1 ? undefined : { at: `${at}.content[${wrong}].type`, value: "Invalid value" };
    }
    if (kind === "function_call") {
      if (typeof item.arguments !== "string") return { at: `${at}.arguments`, value: "Invalid type" };
      return asText(item.call_id) === ""
        ? { at: `${at}.call_id`, value: "Missing required parameter" }
        : undefined;
    }
    if (kind === "function_call_output" || kind === "custom_tool_call_output") {
      return typeof item.output === "string" || Array.isArray(item.output)
        ? undefined
        : { at: `${at}.output`, value: "Missing required parameter" };
    }
    return undefined;
  })(body, "");
};

/** A field that an item of this type does not have. */
export const unknownItemField: Check = eachItem((item, index) => {
  const kind = asText(item.type ?? "message");
  const names = ITEM_FIELDS[kind];
  const name = Object.keys(item).find((key) => item[key] !== undefined && names?.includes(key) === false);
  return name === undefined ? undefined : { at: `input[${index}].${name}` };
});

const ITEM_FIELDS: Readonly<Record<string, readonly string[]>> = {
  message: ["type", "id", "role", "content", "status", "phase"],
  function_call: ["type", "id", "call_id", "name", "arguments", "status", "namespace"],
  function_call_output: ["type", "id", "call_id", "output", "status"],
  reasoning: ["type", "id", "summary", "content", "encrypted_content", "status"],
};

/** A tool of a type that the endpoint does not take. */
export const hostedTool =
  (...allowed: readonly string[]): Check =>
  (body) => {
    const at = asList(body.tools).findIndex((tool) => isObject(tool) && !allowed.includes(asText(tool.type)));
    return at === -1
      ? undefined
      : { at: `tools[${at}].type`, value: asText(asObject(asList(body.tools)[at]).type) };
  };
