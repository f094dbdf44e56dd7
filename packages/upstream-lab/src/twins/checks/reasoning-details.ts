/** OpenRouter's `reasoning_details`: an upstream's seals, to be sent back unchanged. */
import { asList, asObject, asText } from "../../json.ts";
import type { Check } from "../rule.ts";
import { sealFault } from "../seal.ts";
import { callsOf, eachMessage, messagesOf } from "./messages.ts";

/** An encrypted detail that is not this model's own. */
export const sealedDetailsChanged =
  (owner: string): Check =>
  (body, model) =>
    eachMessage((message, index) => {
      const bad = asList(message.reasoning_details)
        .map(asObject)
        .some(
          ({ type, data }) =>
            type === "reasoning.encrypted" &&
            sealFault(asText(data), `${owner}/${model}`, "reasoning") !== undefined,
        );
      return bad ? { at: `messages[${index}]` } : undefined;
    })(body, model);

/** Ids of OpenRouter's own calls; a call that another provider made was never sealed here. */
const OWN_CALL = /^tool_/;

/** After the last user message an assistant message with calls of this provider has no sealed detail. */
export const sealedDetailsMissing: Check = (body) => {
  const messages = messagesOf(body);
  const from = messages.findLastIndex(({ role }) => role === "user");
  const at = messages.findIndex(
    (message, index) =>
      index > from &&
      callsOf(message).some(({ id }) => OWN_CALL.test(asText(id))) &&
      !asList(message.reasoning_details).some((detail) => asObject(detail).type === "reasoning.encrypted"),
  );
  return at === -1 ? undefined : { at: `messages[${at}]` };
};
