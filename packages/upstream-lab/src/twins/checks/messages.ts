/** Messages of OpenAI's chat wire (and of Ollama's and Cohere's, whose messages have the same roles): roles, order, content. */
import { asList, asObject, asText, type JsonObject, type JsonValue } from "../../json.ts";
import type { Check, Finding } from "../rule.ts";

export type Role = "system" | "developer" | "user" | "assistant" | "tool";

export const messagesOf = (body: JsonObject): readonly JsonObject[] => asList(body.messages).map(asObject);
export const callsOf = (message: JsonObject | undefined): readonly JsonObject[] =>
  asList(message?.tool_calls).map(asObject);
export const partsOf = (message: JsonObject): readonly JsonObject[] => asList(message.content).map(asObject);

/** The first message that a test finds fault with. */
export const eachMessage =
  (
    test: (
      message: JsonObject,
      index: number,
      messages: readonly JsonObject[],
    ) => Finding | boolean | undefined,
  ): Check =>
  (body) => {
    const messages = messagesOf(body);
    for (const [index, message] of messages.entries()) {
      const found = test(message, index, messages);
      if (found === true) return { at: `messages[${index}]`, value: asText(message.role) };
      if (typeof found === "object") return found;
    }
    return undefined;
  };

/** A field in a message, of one role where given. */
export const messageField = (...names: readonly string[]): Check =>
  eachMessage((message, index) => {
    const name = names.find((one) => message[one] !== undefined);
    return name === undefined ? undefined : { at: `messages[${index}].${name}`, value: name };
  });

/** A closed list of a message's fields. */
export function closedMessages(names: readonly string[]): Check {
  const known = new Set(names);
  return eachMessage((message, index) => {
    const name = Object.keys(message).find((one) => message[one] !== undefined && !known.has(one));
    return name === undefined ? undefined : { at: `messages[${index}].${name}`, value: name };
  });
}

export const role = (...roles: readonly Role[]): Check =>
  eachMessage((message) => (roles as readonly string[]).includes(asText(message.role)));

export const systemNotFirst: Check = eachMessage((message, index) => message.role === "system" && index > 0);

export const secondSystem: Check = eachMessage(
  (message, index, messages) =>
    message.role === "system" && messages.findIndex(({ role: one }) => one === "system") < index,
);

/** The conversation ends with an assistant turn; `prefix` marks one that is meant to be continued. */
export const endsWithAssistant =
  (allowed: "never" | "prefix" = "never"): Check =>
  (body) => {
    const messages = messagesOf(body);
    const last = messages.at(-1);
    if (last?.role !== "assistant" || (allowed === "prefix" && last.prefix === true)) return undefined;
    return { at: `messages[${messages.length - 1}]`, value: "assistant" };
  };

/** A role right after another one. */
export const follows = (after: Role, before: Role): Check =>
  eachMessage((message, index, messages) => message.role === after && messages[index - 1]?.role === before);

export const sameRoleTwice = (...roles: readonly Role[]): Check =>
  eachMessage(
    (message, index, messages) =>
      (roles as readonly string[]).includes(asText(message.role)) &&
      messages[index - 1]?.role === message.role,
  );

export const noUserMessage: Check = (body) =>
  messagesOf(body).some((message) => message.role === "user") ? undefined : { at: "messages" };

/** Content that says nothing: absent, null, an empty text or list. */
export const isEmpty = (content: JsonValue | undefined): boolean =>
  content === undefined ||
  content === null ||
  content === "" ||
  (Array.isArray(content) &&
    content.every((part) => asObject(part).type === "text" && asObject(part).text === ""));

/** An assistant turn without content and calls. */
export const emptyAssistant: Check = eachMessage(
  (message) => message.role === "assistant" && isEmpty(message.content) && callsOf(message).length === 0,
);

export const emptyText = (...roles: readonly Role[]): Check =>
  eachMessage(
    (message) =>
      (roles as readonly string[]).includes(asText(message.role)) &&
      isEmpty(message.content) &&
      callsOf(message).length === 0,
  );

/** Content as a list of parts; without roles: of any message. */
export const contentList = (...roles: readonly Role[]): Check =>
  eachMessage((message, index) =>
    Array.isArray(message.content) &&
    (roles.length === 0 || (roles as readonly string[]).includes(asText(message.role)))
      ? { at: `messages[${index}].content`, value: asText(message.role) }
      : undefined,
  );

export const emptyContentList: Check = eachMessage(
  (message) => Array.isArray(message.content) && message.content.length === 0,
);

/** Content null beside calls. */
export const nullContent: Check = eachMessage(
  (message) => message.content === null && callsOf(message).length > 0,
);

/** No field of content beside calls. */
export const absentContent: Check = eachMessage(
  (message) => message.content === undefined && callsOf(message).length > 0,
);

/** A part of a type that the provider does not take; without roles: in any message. */
export const partType = (types: readonly string[] | RegExp, ...roles: readonly Role[]): Check =>
  eachMessage((message, index) => {
    if (roles.length > 0 && !(roles as readonly string[]).includes(asText(message.role))) return undefined;
    const at = partsOf(message).findIndex(({ type }) =>
      types instanceof RegExp ? types.test(asText(type)) : types.includes(asText(type)),
    );
    return at === -1
      ? undefined
      : { at: `messages[${index}].content[${at}]`, value: asText(partsOf(message)[at]?.type) };
  });

/** A field inside a part. */
export const partField = (name: string): Check =>
  eachMessage((message, index) => {
    const at = partsOf(message).findIndex((part) => part[name] !== undefined);
    return at === -1 ? undefined : { at: `messages[${index}].content[${at}].${name}`, value: name };
  });

/** Images of a request as data or addresses, in order. */
export function imagesOf(body: JsonObject): readonly string[] {
  return messagesOf(body).flatMap((message) =>
    partsOf(message)
      .filter(({ type }) => type === "image_url")
      .map(({ image_url }) => (typeof image_url === "string" ? image_url : asText(asObject(image_url).url))),
  );
}

export const imagesAbove =
  (most: number, mostBase64: number): Check =>
  (body) => {
    const images = imagesOf(body);
    const large = images.find((url) => url.startsWith("data:") && url.length > mostBase64);
    return images.length > most || large !== undefined
      ? { at: "messages", value: String(images.length) }
      : undefined;
  };
