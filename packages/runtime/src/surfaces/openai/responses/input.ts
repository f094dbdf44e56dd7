/** A request's `input` as a list of items, each with a type and an id: what is stored, listed and decoded. */
import { isObject } from "@headgate/adapter-kit";
import { type JsonObject, type JsonValue, ownValue, present } from "@headgate/contract";
import { badRequest, quoted } from "../../../http/client-error.ts";
import { isArray } from "../../../http/json-body.ts";
import { requiredText } from "./fields.ts";
import { itemId, placeOf } from "./ids.ts";
import type { ResponseStore } from "./store.ts";

/** Prefixes of the ids that items get which come without one. */
const ID_PREFIX: Readonly<Record<string, string>> = {
  compaction: "cmp",
  custom_tool_call: "ctc",
  custom_tool_call_output: "ctco",
  function_call: "fc",
  function_call_output: "fco",
  reasoning: "rs",
};

/**
 * @param stem of the response that is to come: items without an id get one of its
 * @throws {ClientError} 400 with the item's path
 */
export function readInput(
  input: JsonValue | undefined,
  stem: string,
  store: ResponseStore,
): readonly JsonObject[] {
  if (input === undefined || input === null) return [];
  if (typeof input === "string") return [userMessage(input, itemId("msg", stem, "input", 0))];
  if (!isArray(input)) throw badRequest("`input` must be a string or an array of items.", "input");
  return input.map((item, index) => {
    const path = `input[${index}]`;
    if (!isObject(item)) throw badRequest("An input item must be an object.", path);
    const type = typeOf(item, path);
    if (type === "item_reference") return referenced(requiredText(item, "id", `${path}.`), store, path);
    const id =
      typeof item.id === "string" && item.id !== ""
        ? item.id
        : itemId(ownValue(ID_PREFIX, type) ?? "msg", stem, "input", index);
    return type === "message" ? wholeMessage(item, id, path) : { ...item, id, type };
  });
}

/** A message may come without a type, and a reference as a bare id. */
function typeOf(item: JsonObject, path: string): string {
  const { type } = item;
  if (typeof type === "string") return type;
  if (type === undefined || type === null) {
    if (item.role !== undefined) return "message";
    if (typeof item.id === "string" && Object.keys(item).every((key) => key === "id" || key === "type"))
      return "item_reference";
  }
  throw badRequest(`An input item needs a \`type\`; not ${quoted(type)}.`, `${path}.type`);
}

const userMessage = (text: string, id: string): JsonObject => ({
  id,
  type: "message",
  status: "completed",
  role: "user",
  content: [{ type: "input_text", text }],
});

function wholeMessage(item: JsonObject, id: string, path: string): JsonObject {
  const { content, role } = item;
  if (content === undefined || content === null)
    throw badRequest("A message needs a `content`.", `${path}.content`);
  const part: JsonObject | undefined =
    typeof content !== "string"
      ? undefined
      : role === "assistant"
        ? { type: "output_text", text: content, annotations: [] }
        : { type: "input_text", text: content };
  return {
    status: "completed",
    ...item,
    id,
    type: "message",
    ...present({ content: part && [part] }),
  };
}

function referenced(id: string, store: ResponseStore, path: string): JsonObject {
  const place = placeOf(id);
  const stored = place === undefined ? undefined : store.get(place.responseId);
  const list = place?.list === "input" ? stored?.input : outputOf(stored?.response);
  // An item may have kept the id its client gave it, so the place alone does not prove it.
  const item = place === undefined ? undefined : list?.[place.index];
  if (item !== undefined && item.id === id) return item;
  throw badRequest(
    `Item with id ${quoted(id)} not found. Items are found by reference while their response is stored.`,
    `${path}.id`,
  );
}

export function outputOf(response: JsonObject | undefined): readonly JsonObject[] {
  const output = response?.output;
  return isArray(output) ? output.filter(isObject) : [];
}
