/** Ollama's native chat: values of the wrong Go type. https://docs.ollama.com/api/chat */
import { asList, asText, isObject } from "../../json.ts";
import type { Check } from "../rule.ts";
import { eachMessage } from "./messages.ts";

/** Base64 without an address or a data prefix. */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

export const imageNotBase64: Check = eachMessage((message, index) => {
  const at = asList(message.images).findIndex((image) => !BASE64.test(asText(image)));
  return at === -1 ? undefined : { at: `messages[${index}].images[${at}]` };
});

export const contentNotText: Check = eachMessage((message) =>
  message.content !== undefined &&
  message.content !== null &&
  typeof message.content !== "string" &&
  !Array.isArray(message.content)
    ? { at: "messages.content", value: isObject(message.content) ? "object" : typeof message.content }
    : undefined,
);

/** Thinking switched on, by `true` or by a level. */
export const thinkOn: Check = ({ think }) =>
  think === true || (typeof think === "string" && think !== "")
    ? { at: "think", value: String(think) }
    : undefined;

export const thinkLevel: Check = ({ think }) =>
  typeof think === "string" ? { at: "think", value: JSON.stringify(think) } : undefined;
